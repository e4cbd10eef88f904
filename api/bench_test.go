package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"

	"vouch/engine"
)

// BenchmarkValidate is what holding a request against the contract costs.
func BenchmarkValidate(b *testing.B) {
	c, err := readContract()
	if err != nil {
		b.Fatal(err)
	}
	op := c.operations["POST /api/v1/workspaces/:workspace/entries"]
	for _, version := range []string{"3.0.3", "3.1.0"} {
		b.Run(version, func(b *testing.B) {
			route := *op.route
			spec := *route.Spec
			spec.OpenAPI = version
			route.Spec = &spec
			for b.Loop() {
				h := httptest.NewRequest(http.MethodPost, "/api/v1/workspaces/here/entries", strings.NewReader(`{"question":"Is it so?","verdict":"yes","tags":["a","b"],"reviewed_at":"2026-03-02"}`))
				h.Header.Set("Content-Type", "application/json")
				err := openapi3filter.ValidateRequest(b.Context(), &openapi3filter.RequestValidationInput{
					Request: h, PathParams: map[string]string{"workspace": here}, Route: &route, Options: &openapi3filter.Options{MultiError: true},
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRequests is the whole way of a request, from the router to the
// database and back, without the network.
func BenchmarkRequests(b *testing.B) {
	r := start(b)
	for i := range 1000 {
		if _, err := r.store.PutEntry(b.Context(), here, engine.Entry{Question: fmt.Sprintf("Question %d?", i), Verdict: "yes", Text: strings.Repeat("It is so. ", 30)}); err != nil {
			b.Fatal(err)
		}
	}
	for name, q := range map[string]func(i int) *http.Request{
		"page of 50": func(int) *http.Request {
			return httptest.NewRequest(http.MethodGet, "/api/v1/workspaces/here/entries?limit=50", nil)
		},
		"create with a key": func(i int) *http.Request {
			h := httptest.NewRequest(http.MethodPost, "/api/v1/workspaces/here/entries", strings.NewReader(`{"question":"Is it so?","verdict":"yes"}`))
			h.Header.Set("Content-Type", "application/json")
			h.Header.Set("Idempotency-Key", fmt.Sprintf("%d-%d", b.N, i))
			return h
		},
		"nothing but the frame": func(int) *http.Request {
			return httptest.NewRequest(http.MethodGet, "/api/v1/workspaces/here/register", nil)
		},
	} {
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				h := q(i)
				h.Header.Set("Authorization", "Bearer reviewer")
				w := httptest.NewRecorder()
				r.router.ServeHTTP(w, h)
				if w.Code >= 300 {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// BenchmarkCallers is what it costs to know who sends a request, by a session
// and by a token, beside the rest of a short one.
func BenchmarkCallers(b *testing.B) {
	r := startTeam(b)
	for _, who := range []string{"viewer", "viewer/token"} {
		name, value, _ := strings.Cut(r.team[who], ": ")
		b.Run(who, func(b *testing.B) {
			for b.Loop() {
				h := httptest.NewRequest(http.MethodGet, "/api/v1/me", nil)
				h.Header.Set(name, value)
				w := httptest.NewRecorder()
				r.router.ServeHTTP(w, h)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
