package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"vouch/engine"
)

// once does what creates something, and with a key does it once: the same
// request with the same key gets the reply that was kept. The reply is kept in
// the transaction of the change, so there is no moment at which a crash leaves
// one without the other. Writers of a database wait for one another, so of two
// requests at once the second finds the reply of the first.
//
// Only what was done is kept: after an error the request runs again.
//
// do gets the store to use. write is the method of the reply that writes it,
// such as CreateEntryResponseObject.VisitCreateEntryResponse. With a key the
// reply has been written when once returns, and there is none to return.
func once[R any](ctx context.Context, s *Server, key string, write func(R, http.ResponseWriter) error, do func(context.Context, engine.Store) (R, error)) (none R, err error) {
	if key == "" {
		return do(ctx, s.Store)
	}
	x := callOf(ctx)
	if again, err := s.replayed(ctx, key); again || err != nil {
		return none, err
	}
	var kept engine.KeptReply
	again := false
	err = s.Store.InTx(ctx, func(tx engine.Tx) error {
		if _, err := tx.DropReplies(ctx, x.workspace, time.Now().Add(-engine.RepliesKept)); err != nil {
			return err
		}
		if kept, err = tx.KeptReply(ctx, x.workspace, x.who.Actor, key); !errors.Is(err, engine.ErrNotFound) {
			again = true
			return err
		}
		reply, err := do(ctx, engine.Joined(tx))
		if err != nil {
			return err
		}
		if kept, err = render(reply, write); err != nil {
			return err
		}
		kept.Caller, kept.Key, kept.Request = x.who.Actor, key, x.hash
		return tx.KeepReply(ctx, x.workspace, kept)
	})
	switch {
	case err != nil:
		return none, err
	case again:
		return none, x.replay(&kept)
	}
	return none, x.send(&kept)
}

// replayed sends the reply that was kept with a key, if there is one. What has
// much to do before its transaction asks first.
func (s *Server) replayed(ctx context.Context, key string) (bool, error) {
	if key == "" {
		return false, nil
	}
	x := callOf(ctx)
	kept, err := s.Store.KeptReply(ctx, x.workspace, x.who.Actor, key)
	switch {
	case errors.Is(err, engine.ErrNotFound), err == nil && time.Since(kept.At) >= engine.RepliesKept:
		return false, nil
	case err != nil:
		return false, err
	}
	return true, x.replay(&kept)
}

// replay sends a reply that was kept, if it is the reply to this request.
func (x *call) replay(kept *engine.KeptReply) error {
	if kept.Request != x.hash {
		return keyReused.because("The Idempotency-Key came with another request at %s.", kept.At.Format(time.RFC3339))
	}
	x.writer.Header().Set("Idempotency-Replayed", "true")
	return x.send(kept)
}

func (x *call) send(kept *engine.KeptReply) error {
	var header map[string]string
	if err := json.Unmarshal([]byte(kept.Header), &header); err != nil {
		return fmt.Errorf("read kept reply: %w", err)
	}
	for name, value := range header {
		x.writer.Header().Set(name, value)
	}
	x.writer.WriteHeader(kept.Status)
	_, err := x.writer.Write([]byte(kept.Body))
	return err
}

// render writes a reply to memory.
func render[R any](reply R, write func(R, http.ResponseWriter) error) (engine.KeptReply, error) {
	w := rendered{header: http.Header{}, status: http.StatusOK}
	if err := write(reply, &w); err != nil {
		return engine.KeptReply{}, fmt.Errorf("write reply: %w", err)
	}
	header := map[string]string{}
	for name := range w.header {
		header[name] = w.header.Get(name)
	}
	text, err := json.Marshal(header)
	return engine.KeptReply{Status: w.status, Header: string(text), Body: w.body.String()}, err
}

// rendered is a reply in memory.
type rendered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *rendered) Header() http.Header         { return w.header }
func (w *rendered) WriteHeader(status int)      { w.status = status }
func (w *rendered) Write(b []byte) (int, error) { return w.body.Write(b) }
