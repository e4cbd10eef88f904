package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"vouch/engine"
)

// problemKind is one row of the table of problems: what code stands for, and
// what whoever gets it does about it.
type problemKind struct {
	Code   string // stable: clients rely on it
	Status int
	Title  string
	Do     string
}

// The kinds of problems, by status. The reference page lists them.
var (
	badRequest       = &problemKind{"invalid_request", 400, "The request is not as the API has it", "Change what errors names; the reference says what is accepted."}
	badCursor        = &problemKind{"invalid_cursor", 400, "The cursor is of another list", "Begin without after, and pass on next as it is, with the same filters."}
	unauthenticated  = &problemKind{"unauthenticated", 401, "Who is calling is not known", "Sign in, or send a valid token as Authorization: Bearer TOKEN."}
	forbidden        = &problemKind{"forbidden", 403, "You may not do this", "Ask an admin of the workspace for a role, or a token for a scope, that allows it."}
	crossSite        = &problemKind{"cross_site", 403, "The request comes from another site", "Send it from vouch's own pages, or with a token."}
	notFound         = &problemKind{"not_found", 404, "There is no such thing", "Check the id, and that it is of this workspace."}
	noWorkspace      = &problemKind{"no_workspace", 404, "There is no such workspace", "Check its name; a workspace that you are no member of is not shown to you."}
	noRoute          = &problemKind{"no_route", 404, "There is no such address", "See /reference for those there are."}
	badMethod        = &problemKind{"method_not_allowed", 405, "The address does not take this method", "Use one of the methods in Allow."}
	slowBody         = &problemKind{"slow_body", 408, "The body came too slowly", "Send it again over a faster connection, or in smaller parts."}
	exists           = &problemKind{"exists", 409, "There is one already", "Change the one there is, or choose another name."}
	conflict         = &problemKind{"conflict", 409, "It conflicts with what is there", "Read what is in current, and decide again."}
	stale            = &problemKind{"stale", 412, "It has changed", "Read what is in current, and send its ETag as If-Match if your change still holds."}
	tooLarge         = &problemKind{"too_large", 413, "The body is too large", "Send less at once."}
	badMediaType     = &problemKind{"unsupported_media_type", 415, "The body is of a type that is not taken here", "Send the type that detail names, and say so in Content-Type."}
	invalid          = &problemKind{"invalid", 422, "What was sent cannot be taken", "Change what errors names, and send it again."}
	keyReused        = &problemKind{"key_reused", 422, "The Idempotency-Key was used for another request", "Make a new key for every new thing."}
	fileRefused      = &problemKind{"file_refused", 422, "The file cannot be taken", "Do what detail says, and send the file again."}
	ifMatchRequired  = &problemKind{"if_match_required", 428, "If-Match is missing", "Read the thing, and send its ETag as If-Match."}
	tooManyRequests  = &problemKind{"too_many_requests", 429, "Too many requests", "Wait as long as Retry-After says."}
	tooManyUploads   = &problemKind{"too_many_uploads", 429, "Too many uploads at once", "Wait for those that run to end."}
	tooManyStreams   = &problemKind{"too_many_streams", 429, "Too many event streams at once", "Close one: one stream tells of a whole workspace."}
	internal         = &problemKind{"internal", 500, "Something went wrong in the server", "Try again; if it stays, tell who runs the server the request_id."}
	busy             = &problemKind{"busy", 503, "The database is busy", "Try again as Retry-After says; nothing was stored."}
	unavailable      = &problemKind{"unavailable", 503, "The server cannot serve this now", "Try again as Retry-After says; nothing was stored."}
	diskFull         = &problemKind{"disk_full", 507, "The server's disk is full", "Tell who runs the server; nothing was stored."}
	problemKinds     = slices.Concat(reviewKinds, accountProblems, []*problemKind{badRequest, badCursor, unauthenticated, forbidden, crossSite, notFound, noWorkspace, noRoute, badMethod, slowBody, exists, conflict, stale, tooLarge, badMediaType, invalid, keyReused, fileRefused, ifMatchRequired, tooManyRequests, tooManyUploads, tooManyStreams, internal, busy, unavailable, diskFull})
	problemMediaType = "application/problem+json"
)

// URN is the type of problems of this kind.
func (k *problemKind) URN() string { return "urn:vouch:problem:" + k.Code }

// because returns a failure of this kind with one sentence about it. The
// sentence goes to the caller: nothing that the caller may not know is in it.
func (k *problemKind) because(format string, args ...any) *ProblemError {
	return &ProblemError{kind: k, detail: fmt.Sprintf(format, args...)}
}

// ProblemError is an error that says what the caller is told.
type ProblemError struct {
	kind    *problemKind
	detail  string
	errors  []FieldError
	do      string        // "" for that of the kind
	current any           // what is there now
	yours   any           // of a conflict, what was seen
	retry   time.Duration // 0 for none
	cause   error         // for the log
}

// Error returns what the log says.
func (f *ProblemError) Error() string {
	if f.cause != nil {
		return f.kind.Code + ": " + f.cause.Error()
	}
	return f.kind.Code + ": " + f.detail
}

// Unwrap returns the cause.
func (f *ProblemError) Unwrap() error { return f.cause }

func (f *ProblemError) at(pointer, detail string) *ProblemError {
	f.errors = append(f.errors, FieldError{Pointer: pointer, Detail: detail})
	return f
}

// Unauthenticated is for authenticators: the caller is not known, and why.
func Unauthenticated(detail string) *ProblemError { return unauthenticated.because("%s", detail) }

// fields says which part of what was sent an error of the engine is about.
var fields = map[error]string{
	engine.ErrNoQuestion: "/question", engine.ErrQuestionTooLong: "/question", engine.ErrNoAnswer: "/answer", engine.ErrTooLong: "",
	engine.ErrVisibility: "/visibility", engine.ErrLanguage: "/language", engine.ErrProducts: "/products", engine.ErrProposalNote: "/note",
	engine.ErrLexiconSize: "/text", engine.ErrLexiconBytes: "/text", engine.ErrNoPlace: "/n",
	engine.ErrReviewBy: "/review_by", engine.ErrUnknownVerdict: "/verdict", engine.ErrNoControlRef: "/ref", engine.ErrNoControlText: "/description",
}

// failureOf is the one place where errors become problems. An error that is
// not known here is the server's own, and the caller learns nothing of it.
func (s *Server) failureOf(err error) *ProblemError {
	var f *ProblemError
	var large *http.MaxBytesError
	var refused *engine.RefusedError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &large):
		return tooLarge.because("The body is larger than %d bytes.", large.Limit)
	case errors.As(err, &refused):
		f = fileRefused.because("%s: %s.", refused.File, refused.Is)
		f.do = sentenceOf(refused.Do)
		return f
	case errors.Is(err, os.ErrDeadlineExceeded):
		return slowBody.because("The body was not there in time.")
	}
	if f := reviewFailure(err); f != nil {
		return f
	}
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return notFound.because("There is no such thing in this workspace.")
	case errors.Is(err, engine.ErrNoWorkspace):
		return noWorkspace.because("There is no such workspace.")
	case errors.Is(err, engine.ErrForbidden):
		return forbidden.because("Your role does not allow this here.")
	case errors.Is(err, engine.ErrExists):
		return exists.because("There is one already that has this name.")
	case errors.Is(err, engine.ErrStaleVersion):
		return stale.because("It was changed by someone else in the meantime.")
	case errors.Is(err, engine.ErrBusy):
		return &ProblemError{kind: busy, detail: "Something else is writing to the database.", retry: time.Second, cause: err}
	}
	if f := accountFailure(err); f != nil {
		return f
	}
	for known, pointer := range fields {
		if errors.Is(err, known) {
			return invalid.because("It cannot be stored: %s.", known).at(pointer, known.Error())
		}
	}
	if s.Explain != nil {
		for _, k := range problemKinds {
			if k.Code == s.Explain(err) {
				return &ProblemError{kind: k, detail: k.Title + ".", retry: 5 * time.Second, cause: err}
			}
		}
	}
	return &ProblemError{kind: internal, detail: "The server could not do it; nothing more can be said here.", cause: err}
}

// fail ends a request with the problem of an error. A caller who is gone gets
// nothing.
func (s *Server) fail(c *gin.Context, err error) {
	f := s.failureOf(err)
	x := callOf(c)
	x.code = f.kind.Code
	if f.kind == badLink {
		s.strangers.take(x.from) // who guesses is slowed down
	}
	c.Abort()
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		x.gone = true
		return
	}
	if f.kind.Status >= 500 {
		s.Log.Error("request failed", "request_id", x.id, "route", x.route(), "error", err)
	}
	if c.Writer.Written() {
		panic(http.ErrAbortHandler) // the reply has begun: nobody may take the part for the whole
	}
	h := c.Writer.Header()
	if f.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int((f.retry+time.Second-1)/time.Second)))
	}
	if f.kind == unauthenticated {
		h.Set("WWW-Authenticate", `Bearer realm="vouch"`)
	}
	h.Del("ETag")
	h.Del("Content-Disposition")
	h.Set("Content-Type", problemMediaType)
	body, err := json.Marshal(Problem{
		Type: f.kind.URN(), Title: f.kind.Title, Status: f.kind.Status, Code: f.kind.Code,
		Detail: f.detail, Do: cmp.Or(f.do, f.kind.Do), Errors: f.errors, Current: f.current, Yours: f.yours, RequestId: x.id,
	})
	if err != nil {
		body = []byte("{}")
	}
	c.Status(f.kind.Status)
	_, _ = c.Writer.Write(body)
}
