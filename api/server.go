package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel/trace"

	"vouch/engine"
)

// Options are what a server is made of. Store, Retriever, Accounts and what reads
// and writes files are needed.
type Options struct {
	Store     engine.Store
	Retriever engine.Retriever
	Accounts  *engine.Accounts
	Auth      Authenticator // default: sessions and tokens of Accounts

	// Workspace is where the first user becomes admin. Default: "default".
	Workspace string

	// Provider signs people in. Default: nobody does but passwords.
	Provider Provider

	// PublicURL is where browsers reach the server, as in "https://vouch.example.com".
	// Default: wherever they say they do.
	PublicURL string

	// ReadEntries reads the past answers in a file that somebody sent.
	ReadEntries func(ctx context.Context, path string) (EntryFile, error)

	// Files read and write the other files of the library.
	Files LibraryFiles

	// ReadQuestionnaire finds the questions in a file that somebody sent, as
	// the layout says if there is one. ReadLayout reads a layout that a person
	// wrote. WriteAnswers writes values into a copy of the file at src, at dst.
	ReadQuestionnaire func(ctx context.Context, path string, layout *engine.Layout) (*engine.Questionnaire, error)
	ReadLayout        func(path string) (*engine.Layout, error)
	WriteAnswers      func(ctx context.Context, src, dst string, values []engine.PartValue, overwrite bool) error

	// Checks say whether requests can be served; each error is a reason why not.
	Checks []Check

	// Explain returns the code of the problem that an error of the store is,
	// "" for one that is only the server's own.
	Explain func(error) string

	// Changed is called after each request that changed something.
	Changed func()

	// TrustedProxies are the addresses and networks whose X-Forwarded-For is
	// believed. Default: none.
	TrustedProxies []string

	// TLS says that callers reach the server by HTTPS and nothing else.
	TLS bool

	Log    *slog.Logger         // default: no log
	Tracer trace.TracerProvider // default: no traces
	Temp   string               // the folder of uploads while they are read; default: the system's
	Limits Limits
}

// Check is one thing that must be well for requests to be served.
type Check struct {
	Name string
	Ask  func(ctx context.Context) error
}

// EntryFile is what a file held for the library.
type EntryFile struct {
	Entries []engine.Entry
	Refused []RowNote // rows that are no entries
	Notes   []RowNote // rows that were taken all the same
}

// Limits bound what one caller can take. The zero value is the default of
// each.
type Limits struct {
	PerSecond float64 // requests of one caller, 100
	Burst     int     // requests of one caller at once, 200
	Failures  float64 // requests a second of one address that nobody knows, 5
	Uploads   int     // uploads of one caller at once, 2; four callers may have as many
	Exports   int     // exports of one caller at once, 2; four callers may have as many
	Streams   int     // event streams of one caller, 10

	Upload   time.Duration // how long the body of an upload may take, 5 min
	Export   time.Duration // how long writing an export may take, 1 min
	Write    time.Duration // how long one write of a stream may take, 10 s
	Heart    time.Duration // between two signs of life in a stream, 15 s
	Poll     time.Duration // between two looks at the audit log, 500 ms
	Shutdown time.Duration // how long requests may take to end, 20 s
}

func (l Limits) withDefaults() Limits {
	for _, x := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&l.Upload, 5 * time.Minute}, {&l.Export, time.Minute}, {&l.Write, 10 * time.Second}, {&l.Heart, 15 * time.Second}, {&l.Poll, 500 * time.Millisecond}, {&l.Shutdown, 20 * time.Second}} {
		if *x.value == 0 {
			*x.value = x.usual
		}
	}
	for _, x := range []struct {
		value *int
		usual int
	}{{&l.Burst, 200}, {&l.Uploads, 2}, {&l.Exports, 2}, {&l.Streams, 10}} {
		if *x.value == 0 {
			*x.value = x.usual
		}
	}
	if l.PerSecond == 0 {
		l.PerSecond = 100
	}
	if l.Failures == 0 {
		l.Failures = 5
	}
	return l
}

// Server serves the API. It implements the interface that is generated from
// the contract.
type Server struct {
	Options
	contract  *contract
	router    *gin.Engine
	metrics   *metrics
	hub       *hub
	callers   *limiter
	strangers *limiter
	uploads   *gate
	exports   *gate
	cookies   cookies
	sites     *http.CrossOriginProtection
	witness   witness
	reference []byte

	duplicates *compared[engine.DuplicateGroup]
	conflicts  *compared[engine.EntryConflict]
}

var _ StrictServerInterface = (*Server)(nil)

// New makes a server. It has to be closed.
func New(o Options) (*Server, error) {
	if o.Store == nil || o.Retriever == nil || o.Accounts == nil || o.ReadEntries == nil || o.ReadQuestionnaire == nil || o.ReadLayout == nil || o.WriteAnswers == nil || !o.Files.complete() {
		return nil, errors.New("make server: a store, a retriever, accounts, and what reads and writes files are needed")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Limits = o.Limits.withDefaults()
	o.Workspace = cmp.Or(o.Workspace, "default")
	s := &Server{
		Options: o, uploads: newGate(4*o.Limits.Uploads, o.Limits.Uploads), exports: newGate(4*o.Limits.Exports, o.Limits.Exports), sites: http.NewCrossOriginProtection(),
	}
	s.cookies = cookies{secure: o.TLS || len(o.TrustedProxies) > 0 || strings.HasPrefix(o.PublicURL, "https://")}
	if s.Auth == nil {
		s.Auth = people{o.Accounts, s.cookies}
	}
	if o.PublicURL != "" {
		if err := s.sites.AddTrustedOrigin(o.PublicURL); err != nil {
			return nil, fmt.Errorf("public URL: %w; write it as https://vouch.example.com, without a path", err)
		}
	}
	var err error
	if s.contract, err = readContract(); err != nil {
		return nil, err
	}
	if s.reference, err = writeReference(s.contract.doc); err != nil {
		return nil, err
	}
	s.metrics = newMetrics()
	s.hub = newHub(o.Store, o.Log, o.Limits, s.metrics)
	s.duplicates, s.conflicts = newCompared(o.Store, engine.Duplicates), newCompared(o.Store, engine.Conflicts)
	s.callers = newLimiter(o.Limits.PerSecond, o.Limits.Burst)
	s.strangers = newLimiter(o.Limits.Failures, 4*int(o.Limits.Failures)+1)
	if err := s.route(); err != nil {
		return nil, err
	}
	return s, nil
}

// setUp sets what gin has for the whole process: no talk on standard output, and
// no second validation of bodies, which are held against the contract.
var setUp = sync.OnceFunc(func() {
	gin.SetMode(gin.ReleaseMode)
	binding.Validator = nil
})

// route makes the router: the routes are those of the contract, and each goes
// through the same steps.
func (s *Server) route() error {
	setUp()
	s.router = gin.New()
	s.router.HandleMethodNotAllowed = true
	s.router.RedirectTrailingSlash = false
	s.router.ContextWithFallback = true
	if err := s.router.SetTrustedProxies(s.TrustedProxies); err != nil {
		return fmt.Errorf("trusted proxies: %w; name addresses or networks such as 10.0.0.0/8", err)
	}
	s.router.Use(s.begin)
	if s.Tracer != nil {
		s.router.Use(otelgin.Middleware("vouch", otelgin.WithTracerProvider(s.Tracer)))
	}
	s.router.Use(s.admit, s.limitBody, s.validate)
	s.router.NoRoute(func(c *gin.Context) { s.fail(c, noRoute.because("There is no such address.")) })
	s.router.NoMethod(func(c *gin.Context) { s.fail(c, badMethod.because("The address does not take %s.", c.Request.Method)) })
	failed := func(c *gin.Context, err error) { s.fail(c, err) }
	RegisterHandlersWithOptions(s.router, NewStrictHandlerWithOptions(s, nil, StrictGinServerOptions{
		RequestErrorHandlerFunc:  func(c *gin.Context, err error) { s.fail(c, unreadable(err)) },
		HandlerErrorFunc:         failed,
		ResponseErrorHandlerFunc: failed,
	}), GinServerOptions{ErrorHandler: func(c *gin.Context, err error, _ int) { s.fail(c, unreadable(err)) }})
	return nil
}

// unreadable is a request that passed the contract and cannot be read all the
// same: two headers of one name, a body that ends early.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	f := badRequest.because("The request cannot be read.")
	f.cause = err
	return f
}

// Handler serves the API.
func (s *Server) Handler() http.Handler { return s.router }

// Metrics serves the figures of the server, for a listener of its own.
func (s *Server) Metrics() http.Handler { return s.metrics.handler() }

// Publish sends an event without an id to everybody who follows a workspace:
// what is gone when it is missed, such as progress. data is written as JSON and
// must hold no texts of questions or answers.
func (s *Server) Publish(workspace, name string, data any) error {
	return s.hub.publish(workspace, name, data)
}

// Wake makes the streams of a workspace look for changes at once. What is
// changed by requests does so by itself.
func (s *Server) Wake(workspace string) { s.hub.wake(workspace) }

// Close ends the event streams; new ones are refused.
func (s *Server) Close() {
	s.hub.close()
	s.witness.close()
}
