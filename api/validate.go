package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gin-gonic/gin"
)

// limitBody is the third step: a body is read as far as it may go. That of an
// upload stays where it is, bounded in size, time and number.
func (s *Server) limitBody(c *gin.Context) {
	x := callOf(c)
	if x.op == nil {
		return
	}
	deadlines := http.NewResponseController(c.Writer)
	x.body = &wire{ReadCloser: http.MaxBytesReader(c.Writer, c.Request.Body, x.op.limit)}
	c.Request.Body = x.body
	if err := mediaType(x.op, c.Request); err != nil {
		s.fail(c, err)
		return
	}
	if x.op.upload {
		if !s.uploads.enter(x.who.Actor) {
			s.fail(c, &ProblemError{kind: tooManyUploads, detail: "As many uploads run as are read at once.", retry: 5 * time.Second})
			return
		}
		defer s.uploads.leave(x.who.Actor)
		_ = deadlines.SetReadDeadline(time.Now().Add(s.Limits.Upload))
		_ = deadlines.SetWriteDeadline(time.Time{})
		x.hash = x.sum(nil)
		c.Next()
		return
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		s.fail(c, unreadBody(err))
		return
	}
	_ = deadlines.SetReadDeadline(time.Time{}) // what comes now is the caller going away
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		c.Request.Body = http.NoBody
	}
	x.hash = x.sum(body)
}

// unreadBody is the failure of a body that did not come whole.
func unreadBody(err error) error {
	var large *http.MaxBytesError
	var late interface{ Timeout() bool }
	switch {
	case errors.As(err, &large):
		return err
	case errors.As(err, &late) && late.Timeout():
		return slowBody.because("The body was not there in time.")
	}
	return unreadable(err)
}

// mediaType refuses a body of a type that the route does not take.
func mediaType(op *operation, r *http.Request) error {
	want := op.route.Operation.RequestBody
	if want == nil {
		return nil
	}
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && want.Value.Content[got] != nil {
		return nil
	}
	var types []string
	for t := range want.Value.Content {
		types = append(types, t)
	}
	slices.Sort(types)
	return badMediaType.because("The body must be %s.", strings.Join(types, " or "))
}

// sum is the hash of all that a request says.
func (x *call) sum(body []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s?%s\n%s\n", x.request.Method, x.request.URL.Path, x.request.URL.RawQuery, x.request.Header.Get("If-Match"))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// validate is the fourth step: the request must be as the contract has it.
func (s *Server) validate(c *gin.Context) {
	x := callOf(c)
	if x.op == nil {
		return
	}
	params := map[string]string{}
	for _, p := range c.Params {
		params[p.Key] = p.Value
	}
	err := openapi3filter.ValidateRequest(c.Request.Context(), &openapi3filter.RequestValidationInput{
		Request: c.Request, PathParams: params, Route: x.op.route,
		Options: &openapi3filter.Options{MultiError: true, ExcludeRequestBody: x.op.upload},
	})
	errs := unknownParameters(x.op, c.Request)
	if x.op.secret && c.Request.Header.Get("Idempotency-Key") != "" {
		errs = append(errs, FieldError{Parameter: "Idempotency-Key", Detail: "is not taken here: the reply would be kept, and this is about a secret"})
	}
	if err != nil {
		errs = append(errs, fieldErrors(err)...)
	}
	if len(errs) == 0 {
		return
	}
	f := badRequest.because("%s.", sentence(&errs[0]))
	f.errors = errs
	s.fail(c, f)
}

// sentence words one error by itself.
func sentence(e *FieldError) string {
	switch {
	case e.Parameter != "":
		return "The parameter " + e.Parameter + " " + e.Detail
	case e.Pointer != "":
		return "The body's " + e.Pointer + " " + e.Detail
	}
	return "The body " + e.Detail
}

// unknownParameters names what the route does not know: a filter that is
// misspelled would otherwise choose everything.
func unknownParameters(op *operation, r *http.Request) (list []FieldError) {
	if op.others {
		return nil
	}
	for name := range r.URL.Query() {
		known := op.route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) != nil
		if !known {
			list = append(list, FieldError{Parameter: cut(name), Detail: "is not known here"})
		}
	}
	slices.SortFunc(list, func(a, b FieldError) int { return strings.Compare(a.Parameter, b.Parameter) })
	return list
}

// cut keeps a name that somebody sent short.
func cut(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "")
	}
	return s
}

// maxFieldErrors bounds how many faults of one request are named.
const maxFieldErrors = 20

// fieldErrors words what the validation found. No value that was sent is in
// it.
func fieldErrors(err error) (list []FieldError) {
	var all openapi3.MultiError
	var request *openapi3filter.RequestError
	var schema *openapi3.SchemaError
	switch {
	case asMulti(err, &all):
		for _, e := range all {
			list = append(list, fieldErrors(e)...)
		}
	case errors.As(err, &request) && request.Parameter != nil:
		return []FieldError{{Parameter: request.Parameter.Name, Detail: reason(request.Err)}}
	case errors.As(err, &request) && errors.As(request.Err, &all):
		return fieldErrors(all)
	case errors.As(err, &schema):
		return schemaErrors(schema)
	default:
		return []FieldError{{Detail: reason(err)}}
	}
	return list[:min(len(list), maxFieldErrors)]
}

// schemaErrors words one fault, or each field of an object that has too many.
func schemaErrors(e *openapi3.SchemaError) (list []FieldError) {
	at := ""
	for _, key := range e.JSONPointer() {
		at += "/" + escaped(key)
	}
	object, ok := e.Value.(map[string]any)
	if ok && (e.SchemaField == "properties" || e.SchemaField == "additionalProperties") && e.Schema != nil {
		for name := range object {
			if e.Schema.Properties[name] == nil {
				list = append(list, FieldError{Pointer: at + "/" + escaped(name), Detail: "is not known here"})
			}
		}
		slices.SortFunc(list, func(a, b FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	}
	if len(list) == 0 {
		list = []FieldError{{Pointer: at, Detail: fault(e)}}
	}
	return list
}

// asMulti reports whether err itself is a list of errors.
func asMulti(err error, all *openapi3.MultiError) bool {
	list, ok := err.(openapi3.MultiError) //nolint:errorlint // a list inside of another error belongs to that
	*all = list
	return ok
}

func escaped(key string) string {
	return cut(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
}

// reason words one fault, after "it".
func reason(err error) string {
	var schema *openapi3.SchemaError
	var parse *openapi3filter.ParseError
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return "is missing"
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		return "is empty"
	case errors.As(err, &schema):
		return fault(schema)
	case errors.As(err, &parse):
		return "cannot be read: it is no valid JSON, or no value of its type"
	}
	return "is not as the API has it"
}

func fault(e *openapi3.SchemaError) string {
	s := e.Schema
	if s == nil {
		return "is not as the API has it"
	}
	switch e.SchemaField {
	case "required":
		return "is missing"
	case "type":
		return "must be of type " + strings.Join(s.Type.Slice(), " or ")
	case "enum":
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return "must be one of " + strings.Join(words, ", ")
	case "minLength":
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", deref(s.MaxLength))
	case "maxItems":
		return fmt.Sprintf("must have at most %d items", deref(s.MaxItems))
	case "minimum":
		return fmt.Sprintf("must be at least %v", deref(s.Min))
	case "maximum":
		return fmt.Sprintf("must be at most %v", deref(s.Max))
	case "format":
		return "must be a " + s.Format
	case "pattern":
		return "must have the form " + s.Pattern
	}
	return "is not as the API has it"
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
