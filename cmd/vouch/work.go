package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/alecthomas/kong"
)

// workCmd works on jobs.
type workCmd struct {
	Config       string `help:"YAML file with settings; it may be the one of \"vouch serve\"." env:"VOUCH_CONFIG" type:"path" placeholder:"FILE"`
	HealthListen string `help:"Address to serve /healthz and /readyz on; none if not given." env:"VOUCH_HEALTH_LISTEN" placeholder:"HOST:PORT"`
	LogFormat    string `help:"text for people or json for programs." default:"text" env:"VOUCH_LOG_FORMAT" placeholder:"FORMAT"`

	workers `embed:""`
}

// Help is shown by kong below the flags.
func (c *workCmd) Help() string {
	return `"vouch serve" works on jobs by itself. This command adds workers, on the same machine or on others, where one process is not enough: any number may share a database on a PostgreSQL server, each job is done by one of them, and what one that dies has begun another finishes. With "vouch serve --workers 0" the servers only serve.

  vouch work --config /etc/vouch/vouch.yaml --health-listen 127.0.0.1:8081

SIGTERM or Ctrl-C ends it. What it works on is finished first, for 10 seconds at most; after that it goes back into the queue, and is gone on with where it is.`
}

// Run is called by kong. It works until ctx ends.
func (c *workCmd) Run(ctx context.Context, k *kong.Context, g *global, t *terminal) error {
	if c.Config != "" {
		if err := c.settle(k, g); err != nil {
			return err
		}
	}
	if err := c.check(1); err != nil {
		return err
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return usageError("--log-format is none of text, json")
	}
	log := processLog(c.LogFormat, g, t)
	w, err := openWorkspace(ctx, g, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	f := newFollower(w, log)
	work, err := newBackground(ctx, w.store, w.database, c.workers, f, log)
	if err != nil {
		return err
	}
	following, unfollow := context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	defer all.Wait()
	defer unfollow() // the last jobs still search
	if c.HealthListen != "" {
		l, err := listenOn(ctx, c.HealthListen, "--health-listen")
		if err != nil {
			return err
		}
		health := serveHealth(l, w, f, log)
		defer func() { _ = health.Close() }()
	}
	all.Go(func() { f.run(following) })
	defer work.end()
	if err := work.start(ctx); err != nil {
		return err
	}
	log.Info("working", "workers", c.Workers, "version", version())
	<-ctx.Done()
	work.end()
	log.Info("stopped")
	return nil
}

// settle takes from the file of settings what neither a flag nor the
// environment says, and leaves what is only for "vouch serve".
func (c *workCmd) settle(k *kong.Context, g *global) error {
	f, err := readServeFile(c.Config)
	if err != nil {
		return err
	}
	given := givenFlags(k)
	take(c.Config, given, []fromFile{{"health-listen", "VOUCH_HEALTH_LISTEN", f.HealthListen, &c.HealthListen, false}})
	return f.common(c.Config, given, g, &c.Workers, &c.LogFormat)
}

// readyWithin is how long the database may take to say that it is ready.
const readyWithin = 3 * time.Second

// serveHealth says on l whether the process is alive, and whether it can work.
func serveHealth(l net.Listener, w *workspace, f *follower, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(out http.ResponseWriter, _ *http.Request) { sayHealth(out, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(out http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
		defer cancel()
		if err := errors.Join(w.store.Current(ctx), f.usable(ctx)); err != nil {
			log.Warn("not ready", "error", err)
			sayHealth(out, http.StatusServiceUnavailable, "unavailable")
			return
		}
		sayHealth(out, http.StatusOK, "ok")
	})
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10}
	log.Info("serving health", "address", "http://"+l.Addr().String()+"/readyz")
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("health is not served any more", "error", err)
		}
	}()
	return server
}

func sayHealth(out http.ResponseWriter, status int, text string) {
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_, _ = io.WriteString(out, `{"status":"`+text+`"}`+"\n")
}
