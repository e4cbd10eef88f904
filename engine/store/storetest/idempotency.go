package storetest

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

func reply(key string) engine.KeptReply {
	return engine.KeptReply{Caller: "user:1", Key: key, Request: strings.Repeat("a", 64), Status: 201, Header: `{"Etag":"\"1\""}`, Body: "{}"}
}

// repliesKept: every field of a reply is kept, a key is the caller's own, and
// what was answered is never answered otherwise.
func repliesKept(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.KeptReply{}
	fill(t, reflect.ValueOf(&full).Elem(), "reply")
	full.Request, full.Header, full.Body = strings.Repeat("0", 64), `{"A":"\u0000"}`, "\x00 any \xff bytes"
	other := full
	other.Caller, other.Body = "token:2", ""
	for _, want := range []engine.KeptReply{full, other} {
		if err := s.KeepReply(ctx, here, want); err != nil {
			t.Fatal(err)
		}
		got := must(s.KeptReply(ctx, here, want.Caller, want.Key))(t)
		if since := time.Since(got.At); since < 0 || since > time.Minute || got.At.Location() != time.UTC {
			t.Errorf("kept at %v", got.At)
		}
		want.At = got.At
		same(t, "KeptReply", got, want)
		want.Body = "another"
		if err := s.KeepReply(ctx, here, want); !errors.Is(err, engine.ErrExists) {
			t.Errorf("the same key again: got %v, want ErrExists", err)
		}
	}
	same(t, "the first one's body", must(s.KeptReply(ctx, here, full.Caller, full.Key))(t).Body, full.Body)
	for _, x := range [][2]string{{"user:9", full.Key}, {full.Caller, "another"}, {"", ""}} {
		if _, err := s.KeptReply(ctx, here, x[0], x[1]); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%q by %q: got %v, want ErrNotFound", x[1], x[0], err)
		}
	}
}

// repliesDropped: the old ones go, those of one workspace only.
func repliesDropped(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for _, w := range []string{here, there} {
		for _, key := range []string{"a", "b"} {
			if err := s.KeepReply(ctx, w, reply(key)); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := must(s.KeptReply(ctx, here, "user:1", "a"))(t).At
	if n := must(s.DropReplies(ctx, here, at))(t); n != 0 {
		t.Errorf("%d were dropped before the first was kept", n)
	}
	if n := must(s.DropReplies(ctx, here, time.Now().Add(time.Minute)))(t); n != 2 {
		t.Errorf("%d were dropped, want 2", n)
	}
	if _, err := s.KeptReply(ctx, here, "user:1", "a"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	must(s.KeptReply(ctx, there, "user:1", "b"))(t)
	if err := s.KeepReply(ctx, here, reply("a")); err != nil {
		t.Errorf("a key that was dropped is free again: %v", err)
	}
}

// repliesUndone: a reply is part of the transaction of its change.
func repliesUndone(t *testing.T, s engine.Store) {
	ctx := t.Context()
	stop := errors.New("stop")
	err := s.InTx(ctx, func(tx engine.Tx) error {
		inner := engine.Joined(tx)
		must(engine.ImportEntries(ctx, inner, here, []engine.Entry{entry("Undone?")}))(t)
		if err := inner.KeepReply(ctx, here, reply("a")); err != nil {
			t.Fatal(err)
		}
		must(tx.KeptReply(ctx, here, "user:1", "a"))(t)
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if _, err := s.KeptReply(ctx, here, "user:1", "a"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	untouched(t, s)
}

// oneReplyPerKey: of many who use one key at once, one changes something.
func oneReplyPerKey(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			err := s.InTx(ctx, func(tx engine.Tx) error {
				if _, err := tx.KeptReply(ctx, here, "user:1", "a"); !errors.Is(err, engine.ErrNotFound) {
					return err
				}
				if _, err := tx.PutEntry(ctx, here, entry("Once?")); err != nil {
					return err
				}
				return tx.KeepReply(ctx, here, reply("a"))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(all(t, s.AllEntries(ctx, here, engine.EntryFilter{}))); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

// auditPages: pages hold every event once, and the head is that of the whole.
func auditPages(t *testing.T, s engine.Store) {
	ctx := t.Context()
	same(t, "head of nothing", must(s.AuditHead(ctx, here))(t), engine.AuditHead{})
	fillLibrary(t, s, 5)
	want := all(t, s.AuditEvents(ctx, here, 0))
	var got []engine.AuditEvent
	for {
		page := must(s.AuditPage(ctx, here, int64(len(got)), 3))(t)
		if len(page) == 0 {
			break
		}
		if len(page) > 3 {
			t.Fatalf("a page of %d, want at most 3", len(page))
		}
		got = append(got, page...)
	}
	same(t, "pages", got, want)
	same(t, "head", must(s.AuditHead(ctx, here))(t), must(engine.VerifyAudit(ctx, s, here, nil))(t).Head)
	same(t, "head there", must(s.AuditHead(ctx, there))(t), engine.AuditHead{})
}
