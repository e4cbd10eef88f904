package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"vouch/engine"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 --config codegen.yaml openapi.yaml

//go:embed openapi.yaml
var specYAML []byte

// defaultBodyLimit is the largest body where the contract says nothing else.
const defaultBodyLimit = 64 << 10

// operation is one route of the contract, as the middlewares need it.
type operation struct {
	id     string
	action engine.Action // "" outside of workspaces
	open   bool          // callers need not be known
	limit  int64         // of the body
	upload bool
	stream bool
	person bool // it takes a session; a token is not enough
	secret bool // the request or the reply holds one, and the reply is not kept
	others bool // others decide which parameters come
	route  *routers.Route
}

// contract is openapi.yaml, read.
type contract struct {
	json       []byte
	doc        *openapi3.T
	operations map[string]*operation // by method and the router's pattern
}

// readContract returns the document that the binary holds, read once for the
// process: nothing changes it.
//
// Requests are validated with the rules of OpenAPI 3.0: for 3.1 kin-openapi
// compiles the schema anew for every value, which takes longer than to serve
// the request. Schemas use only what means the same in both; a test holds them
// to it, and validates responses by the rules of 3.1.
var readContract = sync.OnceValues(func() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(specYAML)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write openapi.json: %w", err)
	}
	c := &contract{json: text, doc: doc, operations: map[string]*operation{}}
	plain := *doc
	plain.OpenAPI = "3.0.3"
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			checked := *op
			checked.Security = openapi3.NewSecurityRequirements() // admit has done that; kin-openapi would read the body into memory for it
			c.operations[method+" "+ginPath(path)] = &operation{
				id: op.OperationID, action: engine.Action(extension(op, "x-action")), open: op.Security == nil || len(*op.Security) == 0, limit: bodyLimit(op), upload: op.Extensions["x-upload"] == true,
				person: forPeople(op), stream: op.Extensions["x-stream"] == true, secret: op.Extensions["x-secret"] == true, others: op.Extensions["x-open-query"] == true,
				route: &routers.Route{Spec: &plain, Path: path, PathItem: item, Method: method, Operation: &checked},
			}
		}
	}
	return c, nil
})

// forPeople says that an operation takes callers, and none who sends a token.
func forPeople(op *openapi3.Operation) bool {
	if op.Security == nil || len(*op.Security) == 0 {
		return false
	}
	return !slices.ContainsFunc(*op.Security, func(r openapi3.SecurityRequirement) bool { return r["token"] != nil })
}

// ginPath writes the path of a contract as the router has it.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

func extension(op *openapi3.Operation, name string) string {
	s, _ := op.Extensions[name].(string)
	return s
}

func bodyLimit(op *openapi3.Operation) int64 {
	switch n := op.Extensions["x-body-limit"].(type) {
	case float64:
		return int64(n)
	case int:
		return int64(n)
	case int64:
		return n
	case uint64:
		return int64(n)
	}
	return defaultBodyLimit
}

// isSafe says that a method changes nothing.
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
