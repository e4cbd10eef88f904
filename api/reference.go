package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed reference.html
var referenceText string

//go:embed reference.css
var referenceCSS string

// referencePolicy lets the page have its own style and nothing else.
var referencePolicy = pagePolicy(referenceCSS)

// pagePolicy is the policy of a page that has one style of its own and nothing
// else.
func pagePolicy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", base64.StdEncoding.EncodeToString(sum[:]))
}

var referencePage = template.Must(template.New("reference").Funcs(template.FuncMap{
	"css":   func() template.CSS { return template.CSS(referenceCSS) }, //nolint:gosec // our own embedded file
	"join":  strings.Join,
	"form":  form,
	"prose": prose,
}).Parse(referenceText))

// referenceTag is a chapter of the page.
type referenceTag struct {
	Name, About string
	Operations  []referenceOperation
}

// referenceOperation is one route.
type referenceOperation struct {
	Method, Path string
	*openapi3.Operation
	Action    string
	Replies   []referenceReply
	BodyTypes []string
	Body      string // the name of the body's schema
}

type referenceReply struct {
	Status string
	*openapi3.Response
	Schema string
}

type referenceSchema struct {
	Name string
	*openapi3.Schema
	Fields []referenceField
}

type referenceField struct {
	Name     string
	Required bool
	Form     string
	About    string
}

// writeReference writes the contract as a page for people.
func writeReference(doc *openapi3.T) ([]byte, error) {
	var out bytes.Buffer
	err := referencePage.Execute(&out, map[string]any{
		"Title": doc.Info.Title, "Version": doc.Info.Version, "About": doc.Info.Description,
		"Tags": referenceTags(doc), "Schemas": referenceSchemas(doc), "Problems": problemKinds,
	})
	if err != nil {
		return nil, fmt.Errorf("write reference: %w", err)
	}
	return out.Bytes(), nil
}

func referenceTags(doc *openapi3.T) (list []referenceTag) {
	for _, t := range doc.Tags {
		tag := referenceTag{Name: t.Name, About: t.Description}
		for _, path := range doc.Paths.InMatchingOrder() {
			for method, op := range doc.Paths.Value(path).Operations() {
				if !slices.Contains(op.Tags, t.Name) {
					continue
				}
				tag.Operations = append(tag.Operations, operationShown(method, path, op))
			}
		}
		slices.SortFunc(tag.Operations, func(a, b referenceOperation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
		list = append(list, tag)
	}
	return list
}

func operationShown(method, path string, op *openapi3.Operation) referenceOperation {
	o := referenceOperation{Method: method, Path: path, Operation: op, Action: extension(op, "x-action")}
	if op.RequestBody != nil {
		for name, media := range op.RequestBody.Value.Content {
			o.BodyTypes, o.Body = append(o.BodyTypes, name), schemaName(media.Schema)
		}
	}
	for status, r := range op.Responses.Map() {
		reply := referenceReply{Status: status, Response: r.Value}
		for _, media := range r.Value.Content {
			reply.Schema = schemaName(media.Schema)
		}
		o.Replies = append(o.Replies, reply)
	}
	slices.SortFunc(o.Replies, func(a, b referenceReply) int { return strings.Compare(a.Status, b.Status) })
	return o
}

func schemaName(r *openapi3.SchemaRef) string {
	if r == nil {
		return ""
	}
	return strings.TrimPrefix(r.Ref, "#/components/schemas/")
}

func referenceSchemas(doc *openapi3.T) (list []referenceSchema) {
	for name, r := range doc.Components.Schemas {
		s := referenceSchema{Name: name, Schema: r.Value}
		for field, f := range r.Value.Properties {
			s.Fields = append(s.Fields, referenceField{field, slices.Contains(r.Value.Required, field), form(f), f.Value.Description})
		}
		slices.SortFunc(s.Fields, func(a, b referenceField) int { return strings.Compare(a.Name, b.Name) })
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b referenceSchema) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// prose escapes a text, and sets what stands between backticks as code.
func prose(s string) template.HTML {
	var out strings.Builder
	for i, part := range strings.Split(s, "`") {
		if part = template.HTMLEscapeString(part); i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		out.WriteString(part)
	}
	return template.HTML(out.String()) //nolint:gosec // escaped above
}

// form words what a value looks like.
func form(r *openapi3.SchemaRef) string {
	if name := schemaName(r); name != "" {
		return name
	}
	s := r.Value
	kind := strings.Join(s.Type.Slice(), " or ")
	switch {
	case kind == "array" && s.Items != nil:
		return "list of " + form(s.Items)
	case kind == "":
		return "anything"
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, ", ")
	case s.Format != "":
		return kind + ", " + s.Format
	case s.MaxLength != nil:
		return fmt.Sprintf("%s, at most %d characters", kind, *s.MaxLength)
	}
	return kind
}
