package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"vouch/api"
	"vouch/engine"
	"vouch/engine/store"
	"vouch/importers"
	"vouch/importers/isolate"
	"vouch/importers/list"
	"vouch/index"
)

// serveCmd serves the API.
type serveCmd struct {
	Listen        string   `help:"Address to serve on." default:"127.0.0.1:8080" env:"VOUCH_LISTEN" placeholder:"HOST:PORT"`
	PublicURL     string   `name:"public-url" help:"Where browsers reach the server, without a path: https://vouch.example.com. Default: the address it serves on." env:"VOUCH_PUBLIC_URL" placeholder:"URL"`
	Config        string   `help:"YAML file with settings, named as the flags are." env:"VOUCH_CONFIG" type:"path" placeholder:"FILE"`
	TLSCert       string   `name:"tls-cert" help:"Certificate chain in PEM; with it, only HTTPS is served." env:"VOUCH_TLS_CERT" type:"path" placeholder:"FILE"`
	TLSKey        string   `name:"tls-key" help:"Private key of the certificate in PEM." env:"VOUCH_TLS_KEY" type:"path" placeholder:"FILE"`
	TrustedProxy  []string `help:"Address or network of a proxy whose X-Forwarded-For is believed; may be repeated." env:"VOUCH_TRUSTED_PROXY" placeholder:"CIDR"`
	MetricsListen string   `help:"Address to serve figures for Prometheus on, at /metrics; none if not given." env:"VOUCH_METRICS_LISTEN" placeholder:"HOST:PORT"`
	LogFormat     string   `help:"text for people or json for programs." default:"text" env:"VOUCH_LOG_FORMAT" placeholder:"FORMAT"`
	RateLimit     float64  `help:"Requests a second that one caller may send, with twice as many at once." default:"100" env:"VOUCH_RATE_LIMIT" placeholder:"N"`

	SessionIdle time.Duration `help:"A session ends when it was not used for so long." default:"12h" env:"VOUCH_SESSION_IDLE" placeholder:"TIME"`
	SessionLife time.Duration `help:"A session ends so long after signing in, whatever happens." default:"168h" env:"VOUCH_SESSION_LIFE" placeholder:"TIME"`
	TokenLife   time.Duration `name:"token-max-life" help:"The longest that a token may last." default:"8760h" env:"VOUCH_TOKEN_MAX_LIFE" placeholder:"TIME"`

	OIDC providerFlags `embed:"" prefix:"oidc-"`

	workers `embed:""`
}

// Help is shown by kong below the flags.
func (c *serveCmd) Help() string {
	return `As long as nobody has an account, each start prints a secret for making the first one, the admin's, to standard output: it is good for 24 hours and works once. Others are invited by the admin; programs get tokens. "vouch users" is for whoever runs the server.

The API is described at /reference and, for programs, at /openapi.json. /healthz says that the process is alive, /readyz that it can serve.

A setting is taken from the flag, else from its environment variable, else from the file of --config, else it is the default:

  # vouch.yaml
  listen: 0.0.0.0:8443
  public_url: https://vouch.example.com
  tls_cert: /etc/vouch/cert.pem
  tls_key: /etc/vouch/key.pem
  oidc_issuer: https://id.example.com
  oidc_client_id: vouch
  oidc_client_secret_file: /etc/vouch/oidc-secret
  oidc_groups:
    security: default:reviewer

Jobs, such as drafting a questionnaire that was uploaded, are worked on here too, --workers of them at once; with 0 this process only serves, and leaves them to others and to any "vouch work" on the same database.

With OTEL_EXPORTER_OTLP_ENDPOINT set, traces are sent there. SIGTERM or Ctrl-C ends it: requests are finished first, for 20 seconds at most, and jobs go back into the queue after 10.`
}

// Run is called by kong. It serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, k *kong.Context, g *global, t *terminal) (err error) {
	if c.Config != "" {
		if err := c.settle(k, g); err != nil {
			return err
		}
	}
	if err := c.check(); err != nil {
		return err
	}
	provider, workspaces, err := c.provider()
	if err != nil {
		return err
	}
	log := processLog(c.LogFormat, g, t)
	config, err := c.tls()
	if err != nil {
		return err
	}
	w, err := openWorkspace(ctx, g, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	for _, name := range workspaces {
		if err := w.store.EnsureWorkspace(ctx, name); err != nil {
			return err
		}
	}
	accounts, err := newAccounts(w.store)
	if err != nil {
		return err
	}
	accounts.Settings = engine.AccountSettings{SessionIdle: c.SessionIdle, SessionLife: c.SessionLife, TokenMaxLife: c.TokenLife}
	temp, err := isolate.TempDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	f := newFollower(w, log)
	work, err := newBackground(ctx, w.store, w.database, c.workers, f, log)
	if err != nil {
		return err
	}
	work.lives = accounts.Settings
	o := api.Options{
		Store: w.store, Retriever: f, ReadEntries: readUpload, Files: libraryFiles(), ReadQuestionnaire: importers.Read, ReadLayout: importers.ReadLayout, WriteAnswers: writeAnswers,
		Explain: explainStore, Changed: f.wake, Log: log, Temp: temp,
		Accounts: accounts, Workspace: g.Workspace, Provider: provider, PublicURL: c.PublicURL,
		TrustedProxies: c.TrustedProxy, TLS: config != nil, Limits: api.Limits{PerSecond: c.RateLimit, Burst: max(1, int(2*c.RateLimit))},
		Checks: []api.Check{
			{Name: "database: it does not answer, or its tables are not those of this program", Ask: w.store.Current},
			{Name: "search index: it cannot follow the database", Ask: f.usable},
		},
	}
	if api.TracesWanted() {
		tracer, err := api.NewTracer(ctx)
		if err != nil {
			return err
		}
		defer func() { // what is left is sent, but not for ever
			within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			_ = tracer.Shutdown(within)
		}()
		o.Tracer = tracer
	}
	server, err := api.New(o)
	if err != nil {
		return usageError(err.Error())
	}
	return c.serve(ctx, server, f, work, config, log, t)
}

// serve listens, and returns when all that was begun has ended.
func (c *serveCmd) serve(ctx context.Context, server *api.Server, f *follower, work *background, config *tls.Config, log *slog.Logger, t *terminal) (err error) {
	ctx, stop := context.WithCancel(ctx)
	following, unfollow := context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	defer all.Wait()
	defer unfollow() // the last jobs still search
	defer work.end()
	defer stop()
	l, err := listenOn(ctx, c.Listen, "--listen")
	if err != nil {
		return err
	}
	if c.MetricsListen != "" {
		figures, err := listenOn(ctx, c.MetricsListen, "--metrics-listen")
		if err != nil {
			return errors.Join(err, l.Close())
		}
		all.Go(func() {
			if err := server.ServeMetrics(ctx, figures); err != nil {
				log.Error("figures are not served any more", "error", err)
			}
		})
		log.Info("serving figures", "address", "http://"+figures.Addr().String()+"/metrics")
	}
	all.Go(func() { f.run(following) })
	if err := work.start(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	all.Go(func() { <-ctx.Done(); work.end() }) // while requests end
	scheme := "http://"
	if config != nil {
		scheme = "https://"
	} else if !isLocal(l.Addr()) {
		log.Warn("serving without TLS where others can reach it; give --tls-cert and --tls-key, or let only a proxy with TLS reach it")
	}
	if err := offerSetUp(ctx, server.Accounts, cmp.Or(c.PublicURL, scheme+l.Addr().String()), t); err != nil {
		return errors.Join(err, l.Close())
	}
	log.Info("serving", "address", scheme+l.Addr().String(), "version", version(), "workers", c.Workers)
	err = server.Serve(ctx, l, config)
	if err == nil {
		log.Info("stopped")
	}
	return err
}

func listenOn(ctx context.Context, address, flag string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, usageError(fmt.Sprintf("%s: %s; name an address of this machine and a port that is free", flag, err))
	}
	return l, nil
}

// isLocal says that nobody but this machine reaches an address.
func isLocal(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// offerSetUp prints how to make the first account, if there is none. It goes to
// the terminal and not to the log: whoever reads it becomes admin.
func offerSetUp(ctx context.Context, accounts *engine.Accounts, at string, t *terminal) error {
	secret, err := accounts.BeginSetUp(ctx)
	if err != nil || secret == "" {
		return err
	}
	_, err = fmt.Fprintf(t.out, `Nobody has an account yet. Make the first one, the admin's, within 24 hours; it works once:

  curl -H 'Content-Type: application/json' %s/api/v1/setup \
    -d '{"secret": "%s", "email": "you@example.com", "name": "Your Name", "password": "12 characters or more"}'

`, at, secret)
	return err
}

// check refuses settings that cannot be served with.
func (c *serveCmd) check() error {
	switch {
	case c.LogFormat != "text" && c.LogFormat != "json":
		return usageError("--log-format is none of text, json")
	case c.RateLimit <= 0:
		return usageError("--rate-limit is no number above 0")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return usageError("--tls-cert and --tls-key go together; give both, or neither")
	case c.SessionIdle <= 0 || c.SessionLife <= 0 || c.TokenLife <= 0:
		return usageError("--session-idle, --session-life and --token-max-life are times above 0, such as 12h")
	case c.PublicURL != "" && !isOrigin(c.PublicURL):
		return usageError("--public-url is no address such as https://vouch.example.com: a scheme, a name, perhaps a port, and nothing else")
	}
	return c.workers.check(0)
}

// isOrigin says that a URL names a server and nothing on it.
func isOrigin(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && raw == u.Scheme+"://"+u.Host
}

func (c *serveCmd) tls() (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil //nolint:nilnil // none is wanted
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, usageError("--tls-cert, --tls-key: " + err.Error())
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// processLog is the log of a process that runs on.
func processLog(format string, g *global, t *terminal) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if g.Quiet {
		o.Level = slog.LevelWarn
	}
	w := &lockedWriter{w: t.err}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// lockedWriter lets several loggers write to one place.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// readUpload reads the past answers of a file that was sent.
func readUpload(ctx context.Context, path string) (api.EntryFile, error) {
	l, err := importers.ReadEntries(ctx, path)
	if err != nil {
		return api.EntryFile{}, err
	}
	return api.EntryFile{Entries: l.Entries, Refused: rowNotes(l.Problems, false), Notes: rowNotes(l.Problems, true)}, nil
}

// writeAnswers writes values into a copy of a customer's file.
func writeAnswers(ctx context.Context, src, dst string, values []engine.PartValue, overwrite bool) error {
	_, err := importers.Write(ctx, src, dst, values, overwrite)
	return err
}

func rowNotes(problems []list.Problem, taken bool) (out []api.RowNote) {
	for _, p := range problems {
		if p.Taken == taken {
			out = append(out, api.RowNote{Place: p.Place, Reason: p.Text})
		}
	}
	return out
}

// explainStore names the problem that an error of the store or the index is.
func explainStore(err error) string {
	switch {
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return "disk_full"
	case errors.Is(err, store.ErrUnreachable), errors.Is(err, store.ErrLogin), errors.Is(err, store.ErrDisk), errors.Is(err, store.ErrNoAccess),
		errors.Is(err, store.ErrNewer), errors.Is(err, index.ErrClosed):
		return "unavailable"
	}
	return ""
}

// follower makes the index follow the database: at once after a change made
// here, and now and then for what other processes do.
type follower struct {
	store   *store.Store
	index   *index.Index
	log     *slog.Logger
	changed chan struct{}
	failed  atomic.Pointer[error]

	mu     sync.Mutex
	synced chan struct{} // closed at the end of the round that runs
}

func newFollower(w *workspace, log *slog.Logger) *follower {
	return &follower{store: w.store, index: w.index, log: log, changed: make(chan struct{}, 1), synced: make(chan struct{})}
}

// catchUp is how long a search waits for the index to follow what has just
// been stored. After that it finds what there is.
const catchUp = time.Second

// Retrieve finds evidence, as the index does. Who has just stored something
// finds it.
func (f *follower) Retrieve(ctx context.Context, workspace string, q engine.Query) ([]engine.Passage, error) {
	last, err := f.store.LastChange(ctx)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, catchUp)
	defer cancel()
	for f.index.Status().Seq < last && waiting.Err() == nil {
		f.mu.Lock()
		synced := f.synced
		f.mu.Unlock()
		f.wake()
		select {
		case <-waiting.Done():
		case <-synced:
		}
	}
	return f.index.Retrieve(ctx, workspace, q)
}

// followEvery is how long a change of another process takes to be found.
const followEvery = time.Second

func (f *follower) wake() {
	select {
	case f.changed <- struct{}{}:
	default: // it has been woken already
	}
}

func (f *follower) run(ctx context.Context) {
	ticks := time.NewTicker(followEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.changed:
		case <-ticks.C:
		}
		err := f.index.Sync(ctx)
		if ctx.Err() != nil {
			return
		}
		f.mu.Lock()
		close(f.synced)
		f.synced = make(chan struct{})
		f.mu.Unlock()
		before := f.failed.Swap(&err)
		if err != nil && (before == nil || *before == nil) {
			f.log.Error("the search index cannot follow the database; it is tried again", "error", err)
		}
	}
}

func (f *follower) usable(context.Context) error {
	if err := f.failed.Load(); err != nil {
		return *err
	}
	return nil
}
