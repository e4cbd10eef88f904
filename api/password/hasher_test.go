package password

import (
	"context"
	"encoding/base64"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"vouch/engine"
)

var quick = Params{KiB: leastKiB, Passes: 1, Lanes: 1}

func hasher(t testing.TB, p Params, atOnce int) *Hasher {
	t.Helper()
	h, err := New(p, atOnce)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestEncodedAsSaid: the text holds the parameters, a salt of its own and the
// hash that argon2id makes of them, and not the password.
func TestEncodedAsSaid(t *testing.T) {
	t.Parallel()
	h := hasher(t, Default(), 1)
	one, err := h.HashPassword(t.Context(), "four words unlike others")
	other, otherErr := h.HashPassword(t.Context(), "four words unlike others")
	if err != nil || otherErr != nil {
		t.Fatal(err, otherErr)
	}
	parts := strings.Split(one, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" || parts[3] != "m=19456,t=2,p=1" || one == other || strings.Contains(one, "words") {
		t.Fatalf("encoded as %q, then %q", one, other)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) != 16 {
		t.Fatalf("a salt of %d bytes (%v)", len(salt), err)
	}
	if want := base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte("four words unlike others"), salt, 2, 19456, 1, 32)); parts[5] != want {
		t.Errorf("hash %s, want %s", parts[5], want)
	}
}

// TestCheckPassword proves who is let in.
func TestCheckPassword(t *testing.T) {
	t.Parallel()
	h := hasher(t, quick, 2)
	encoded, err := h.HashPassword(t.Context(), "correct")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		password, encoded string
		want              bool
	}{{"correct", encoded, true}, {"Correct", encoded, false}, {"correct ", encoded, false}, {"", encoded, false}, {"correct", "", false}, {"", "", false}, {"x", h.nobody, false}} {
		ok, outdated, err := h.CheckPassword(t.Context(), c.password, c.encoded)
		if err != nil || ok != c.want || outdated {
			t.Errorf("%q: %t, outdated %t (%v), want %t", c.password, ok, outdated, err, c.want)
		}
	}
}

// TestOutdated: what is encoded with less counts and is outdated, for who knows
// the password only; what is encoded with more is not.
func TestOutdated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, now Params
		want     bool
	}{
		"Same":       {quick, quick, false},
		"MoreMemory": {quick, Params{2 * leastKiB, 1, 1}, true},
		"MorePasses": {quick, Params{leastKiB, 2, 1}, true},
		"MoreLanes":  {quick, Params{leastKiB, 1, 2}, true},
		"Less":       {Params{2 * leastKiB, 2, 1}, quick, false},
	} {
		encoded, err := hasher(t, c.old, 1).HashPassword(t.Context(), "p")
		if err != nil {
			t.Fatal(err)
		}
		h := hasher(t, c.now, 1)
		if ok, outdated, err := h.CheckPassword(t.Context(), "p", encoded); !ok || outdated != c.want || err != nil {
			t.Errorf("%s: %t, outdated %t (%v), want %t", name, ok, outdated, err, c.want)
		}
		if ok, outdated, _ := h.CheckPassword(t.Context(), "q", encoded); ok || outdated {
			t.Errorf("%s: a wrong password is %t, outdated %t", name, ok, outdated)
		}
	}
}

// TestNoPasswordOfOurs: what cannot be read lets nobody in, and asks for no
// memory; the error does not say what it is.
func TestNoPasswordOfOurs(t *testing.T) {
	t.Parallel()
	h := hasher(t, quick, 1)
	good, err := h.HashPassword(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"p", "$", good[1:], good + "=", good + "$", good + "\n", good[:len(good)-4],
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=8192", "m=4294967295", 1), strings.Replace(good, "m=8192", "m=8", 1), strings.Replace(good, "m=8192", "m=08192", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "t=1", "t=4000000000", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=1,x=2", 1), "$2a$10$abcdefghijklmnopqrstuv",
	} {
		ok, _, err := h.CheckPassword(t.Context(), "p", bad)
		if ok || !errors.Is(err, ErrEncoded) || len(bad) > 10 && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %t, %v", bad, ok, err)
		}
	}
	for _, p := range []Params{{}, {leastKiB - 1, 1, 1}, {mostKiB + 1, 1, 1}, {leastKiB, 0, 1}, {leastKiB, 11, 1}, {leastKiB, 1, 0}, {leastKiB, 1, 5}} {
		if _, err := New(p, 1); err == nil {
			t.Errorf("%+v are taken", p)
		}
	}
}

// TestAFloodIsBounded: of very many at once a few run, some wait, the others are
// sent away, and memory stays where it was.
func TestAFloodIsBounded(t *testing.T) {
	t.Parallel()
	const many = 400
	h := hasher(t, Params{KiB: 32 * 1024, Passes: 1, Lanes: 1}, 2)
	var done, crowd atomic.Int64
	var most atomic.Uint64
	stop := make(chan struct{})
	go func() {
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	var wg sync.WaitGroup
	for range many {
		wg.Go(func() {
			switch _, _, err := h.CheckPassword(t.Context(), "p", ""); {
			case err == nil:
				done.Add(1)
			case errors.Is(err, engine.ErrCrowd):
				crowd.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(stop)
	if done.Load() < 34 || crowd.Load() == 0 || done.Load()+crowd.Load() != many {
		t.Errorf("%d were done and %d sent away, of %d", done.Load(), crowd.Load(), many)
	}
	if got := most.Load() >> 20; got > 400 { // two run; what the others left is collected
		t.Errorf("%d MiB were in use", got)
	}
	if len(h.running) != 0 || len(h.coming) != 0 {
		t.Errorf("%d run and %d wait after all are gone", len(h.running), len(h.coming))
	}
}

// TestWhoGivesUpWaitsNoMore: a cancelled request takes no turn.
func TestWhoGivesUpWaitsNoMore(t *testing.T) {
	t.Parallel()
	h := hasher(t, quick, 1)
	h.running <- struct{}{} // somebody hashes for ever
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.HashPassword(ctx, "p"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
	<-h.running
	if _, err := h.HashPassword(ctx, "p"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("free, but given up: got %v", err)
	}
	if _, err := h.HashPassword(t.Context(), "p"); err != nil || len(h.coming) != 0 {
		t.Errorf("after it: %v, %d wait", err, len(h.coming))
	}
}

// TestNobodyTakesAsLong: there is the same work for who is not there. Time is
// compared roughly, the least of some turns, since other programs run too: what
// it would show is a way that does not hash.
func TestNobodyTakesAsLong(t *testing.T) {
	h := hasher(t, Default(), 1)
	encoded, err := h.HashPassword(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	p, _, _, err := decode(encoded)
	q, _, _, nobodyErr := decode(h.nobody)
	if err != nil || nobodyErr != nil || p != q {
		t.Fatalf("somebody is %+v (%v), nobody %+v (%v)", p, err, q, nobodyErr)
	}
	least := map[string]time.Duration{encoded: time.Hour, "": time.Hour}
	for range 8 {
		for who := range least {
			began := time.Now()
			if ok, _, err := h.CheckPassword(t.Context(), "wrong", who); ok || err != nil {
				t.Fatal(ok, err)
			}
			least[who] = min(least[who], time.Since(began))
		}
	}
	if r := float64(least[""]) / float64(least[encoded]); r < 0.2 || r > 5 {
		t.Errorf("nobody takes %v, somebody %v", least[""], least[encoded])
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	h := hasher(b, Default(), 1)
	for b.Loop() {
		if _, _, err := h.CheckPassword(b.Context(), "p", ""); err != nil {
			b.Fatal(err)
		}
	}
}
