package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve serves on l until ctx ends, by HTTPS if config is given. Then it takes
// no more connections, ends the event streams, and lets requests end as long as
// Limits.Shutdown. It closes the server and l.
func (s *Server) Serve(ctx context.Context, l net.Listener, config *tls.Config) error {
	defer s.Close()
	return s.serve(ctx, l, config, s.Handler())
}

// ServeMetrics serves the figures on a listener of their own, until ctx ends.
func (s *Server) ServeMetrics(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.Metrics())
	return s.serve(ctx, l, nil, mux)
}

func (s *Server) serve(ctx context.Context, l net.Listener, config *tls.Config, h http.Handler) error {
	server := &http.Server{
		Handler:           h,
		TLSConfig:         config,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second, // uploads have their own
		WriteTimeout:      2 * time.Minute,  // event streams have none, and a deadline for each write
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // broken connections and the like
	}
	ended := make(chan error, 1)
	go func() {
		if config != nil {
			ended <- server.ServeTLS(l, "", "")
			return
		}
		ended <- server.Serve(l)
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.hub.close() // or the streams would be waited for
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Limits.Shutdown)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		s.Log.Warn("requests were cut off at the end", "error", err)
		_ = server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
