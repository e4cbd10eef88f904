package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"vouch/engine"
)

// call is what is known of a request while it is served.
type call struct {
	id        string
	op        *operation // nil where there is no such route
	workspace string     // "" of routes outside of workspaces
	from      string     // the address of who calls, as far as proxies are believed
	who       Principal
	hash      string // SHA-256 in hex of all that the request says, once its body was read
	body      *wire  // the body as it comes
	code      string // of the problem it ended with
	gone      bool   // the caller did not wait for the reply
	request   *http.Request
	writer    http.ResponseWriter
}

// route names the route for logs and figures; paths hold ids.
func (x *call) route() string {
	if x.op == nil {
		return "none"
	}
	return x.op.route.Method + " " + x.op.route.Path
}

type callKey struct{}

// callOf returns the call of a request's context. Handlers are called by the
// router only, which has put it there.
func callOf(ctx context.Context) *call {
	x, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		panic("a handler was called without the steps before it")
	}
	return x
}

// requestContext returns the context of the request itself: the router uses its
// own again for another request.
func requestContext(ctx context.Context) context.Context { return callOf(ctx).request.Context() }

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// requestID takes the id that a proxy gave if it is well formed, else it makes
// one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); requestIDForm.MatchString(id) {
		return id
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// begin is the first step of every request, and the last: it gives the request
// its id and the reply its headers, and when all is done writes the log. What
// panics is a problem, and its stack is logged without anything of the request.
func (s *Server) begin(c *gin.Context) {
	started := time.Now()
	x := &call{id: requestID(c.Request), op: s.contract.operations[c.Request.Method+" "+c.FullPath()], workspace: c.Param("workspace"), from: c.ClientIP(), writer: c.Writer}
	s.metrics.running.Inc()
	defer func() {
		s.metrics.running.Dec()
		p := recover()
		if err, _ := p.(error); p != nil && !errors.Is(err, http.ErrAbortHandler) {
			s.metrics.panics.Inc()
			s.Log.Error("panic", "request_id", x.id, "route", x.route(), "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				p = nil
				s.fail(c, internal.because("The server could not do it; nothing more can be said here."))
			}
		}
		s.finish(c, x, time.Since(started))
		if p != nil {
			panic(http.ErrAbortHandler) // breaks off the connection, silently
		}
	}()
	x.set(c, c.Request.Context())
	h := c.Writer.Header()
	h.Set("X-Request-Id", x.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	if s.TLS {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// set puts the call into a context and makes it the request's.
func (x *call) set(c *gin.Context, ctx context.Context) {
	c.Request = c.Request.WithContext(context.WithValue(ctx, callKey{}, x))
	x.request = c.Request
}

// finish writes the log and counts. Neither ever holds a path, a parameter or
// a body.
func (s *Server) finish(c *gin.Context, x *call, took time.Duration) {
	status := c.Writer.Status()
	if x.gone {
		status = 499 // as proxies log it
	}
	s.metrics.count(x, status, took)
	s.Log.Info("request", "request_id", x.id, "method", c.Request.Method, "route", x.route(), "status", status, "code", x.code,
		"duration_ms", float64(took.Microseconds())/1000, "bytes", max(c.Writer.Size(), 0), "caller", x.who.Actor, "from", x.from)
	s.seen(x)
	if x.op != nil && !isSafe(c.Request.Method) && status < 400 && x.workspace != "" {
		s.hub.wake(x.workspace)
		if s.Changed != nil {
			s.Changed()
		}
	}
}

// admit is the second step: who calls, whether they may, and whether it is not
// too much.
func (s *Server) admit(c *gin.Context) {
	x := callOf(c)
	if x.op == nil {
		return
	}
	if err := s.sameSite(x.op, c.Request); err != nil {
		s.fail(c, err)
		return
	}
	if wait := s.strangers.mustWait(x.from); wait > 0 {
		s.fail(c, &ProblemError{kind: tooManyRequests, detail: "Too many requests from your address came from nobody that is known here.", retry: wait})
		return
	}
	if x.op.open {
		x.set(c, engine.WithActor(c.Request.Context(), engine.Actor{From: x.from}))
		return
	}
	who, err := s.Auth.Authenticate(c.Request)
	if err != nil {
		if s.failureOf(err).kind == unauthenticated {
			s.strangers.take(x.from)
		}
		s.fail(c, err)
		return
	}
	x.who = who
	if wait := s.callers.take(who.Actor); wait > 0 {
		s.fail(c, &ProblemError{kind: tooManyRequests, detail: "You have sent more requests than are served to one caller.", retry: wait})
		return
	}
	if err := x.allowed(&who); err != nil {
		s.fail(c, err)
		return
	}
	x.set(c, engine.WithActor(c.Request.Context(), engine.Actor{Name: who.Actor, From: x.from}))
}

// allowed says why a principal may not do what the call asks for. What has no
// action is outside of workspaces, and anyone may who is known; but some things
// are for people and no token.
func (x *call) allowed(who *Principal) error {
	if x.op.person && who.ByToken() {
		return engine.ErrNeedsPerson
	}
	if x.op.action == "" {
		return nil
	}
	err := who.Permit(x.workspace, x.op.action)
	switch {
	case errors.Is(err, engine.ErrNoWorkspace):
		return noWorkspace.because("There is no such workspace, or you are no member of it.")
	case errors.Is(err, engine.ErrScope):
		return forbidden.because("It takes the right %s in this workspace, and the scopes of the token do not hold it.", x.op.action)
	case errors.Is(err, engine.ErrForbidden):
		return forbidden.because("It takes the right %s in this workspace.", x.op.action)
	}
	return err
}

// sameSite refuses what a page of another site makes a browser send. A request
// with a token in it is no browser's own, and the cookie in it does not count;
// but what needs no caller is the same with a token as without.
func (s *Server) sameSite(op *operation, r *http.Request) error {
	if r.Header.Get("Authorization") != "" && !op.open {
		return nil
	}
	if s.sites.Check(r) != nil {
		return crossSite.because("A page of another site made your browser send it.")
	}
	return nil
}
