package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vouch/engine"
)

// TestBlocks: what is put into a block comes out of it, and nothing else,
// however many numbers there are.
func TestBlocks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfNDistinct(rapid.Uint16Range(0, blockNumbers-1), 0, 600, rapid.ID).Draw(t, "numbers")
		gone := rapid.SliceOfN(rapid.Uint16Range(0, blockNumbers-1), 0, 50).Draw(t, "gone")
		at := rapid.Int64Range(0, 1<<20-1).Draw(t, "at")
		var m bitmap
		want := []uint32{}
		for _, n := range numbers {
			m.set(n, true)
		}
		for _, n := range gone {
			m.set(n, false)
		}
		slices.Sort(numbers)
		for _, n := range numbers {
			if !slices.Contains(gone, n) {
				want = append(want, uint32(at)*blockNumbers+uint32(n))
			}
		}
		b := m.block()
		if len(b) > blockBytes || len(b) > 2*len(want) || (len(b) == 0) != (len(want) == 0) {
			t.Fatalf("%d bytes for %d numbers", len(b), len(want))
		}
		if got := b.numbers([]uint32{}, at); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		var again bitmap
		if again.load(b); again != m {
			t.Fatal("a block that is loaded is another")
		}
	})
}

// mustTerms returns the terms of a new database on the server with workspaces.
func mustTerms(t *testing.T, workspaces ...string) *Terms {
	t.Helper()
	s := mustOpen(t, newDatabase(t))
	for _, w := range workspaces {
		if err := s.EnsureWorkspace(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	return s.Terms()
}

// batch is what stores passages of one workspace as one change.
func batch(seq int64, workspace string, passages ...engine.PassageTerms) func(int64) (engine.TermBatch, error) {
	return func(int64) (engine.TermBatch, error) {
		return engine.TermBatch{Seq: seq, Workspaces: []engine.WorkspaceTerms{{Workspace: workspace, Passages: passages}}}, nil
	}
}

func passage(id string, version int, terms ...uint64) engine.PassageTerms {
	return engine.PassageTerms{Kind: engine.PassageEntry, ID: id, Version: version, Terms: terms, Keys: []uint64{1}}
}

func mustUpdate(t *testing.T, terms *Terms, schema string, fn func(int64) (engine.TermBatch, error)) {
	t.Helper()
	if _, err := terms.Update(t.Context(), schema, fn); err != nil {
		t.Fatal(err)
	}
}

// shown is all that the terms of a workspace say, in words.
func shown(t *testing.T, terms *Terms, workspace, schema string, lists ...engine.TermList) string {
	t.Helper()
	s, err := terms.State(t.Context(), workspace, schema)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID == 0 {
		return "nothing"
	}
	counts, err := terms.Counts(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%d passages, change %d, tuned %d, counts %v", s.Passages, s.Seq, s.Tuned, counts)
	found, err := terms.Lists(t.Context(), s, lists)
	if err != nil {
		t.Fatal(err)
	}
	for i, list := range found {
		out += fmt.Sprintf(", %v:", lists[i])
		names, err := terms.Passages(t.Context(), s, list, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range names {
			out += fmt.Sprintf(" %s %s v%d", p.Kind, p.ID, p.Version)
		}
	}
	return out
}

// TestTerms follows passages that are added, changed, added again as they were
// and removed; in two workspaces and two sets, which know nothing of each other.
func TestTerms(t *testing.T) {
	t.Parallel()
	terms := mustTerms(t, "a", "b")
	if _, err := terms.State(t.Context(), "a", "one"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("error %v without a set, want ErrNotFound", err)
	}
	big := uint64(1) << 63 // a number that BIGINT has as a negative one
	keys, seven, large := engine.TermList{Field: engine.TermsOfKeys, Term: 1}, engine.TermList{Field: engine.TermsOfEntries, Term: 7}, engine.TermList{Field: engine.TermsOfEntries, Term: big}
	control := engine.PassageTerms{Kind: engine.PassageControl, ID: "x", Version: 3, Terms: []uint64{7}, Keys: []uint64{1}}
	mustUpdate(t, terms, "one", batch(1, "a", passage("x", 1, 7, 8, big), passage(`y"\{},`, 1, 7), control))
	mustUpdate(t, terms, "one", batch(2, "b", passage("x", 9, 7)))
	want := `3 passages, change 1, tuned 0, counts [{9223372036854775808 1} {7 3} {8 1}], {0 1}: entry x v1 control x v3 entry y"\{}, v1, {1 7}: entry x v1 entry y"\{}, v1, {1 9223372036854775808}: entry x v1`
	if got := shown(t, terms, "a", "one", keys, seven, large); !sameShown(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := shown(t, terms, "b", "one", seven, large), "1 passages, change 2, tuned 0, counts [{7 1}], {1 7}: entry x v9, {1 9223372036854775808}:"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	mustUpdate(t, terms, "one", func(after int64) (engine.TermBatch, error) {
		if after != 2 {
			t.Errorf("after %d, want 2", after)
		}
		return engine.TermBatch{Seq: 5, Workspaces: []engine.WorkspaceTerms{{Workspace: "a", Tuned: 4, Passages: []engine.PassageTerms{
			passage("x", 2, 8), passage(`y"\{},`, 0), passage("never there", 0)}}}}, nil
	})
	if got, want := shown(t, terms, "a", "one", seven, large), "2 passages, change 5, tuned 4, counts [{7 1} {8 1}], {1 7}:, {1 9223372036854775808}:"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := shown(t, terms, "c", "one"); got != "nothing" {
		t.Errorf("a workspace without terms has %s", got)
	}
	mustUpdate(t, terms, "two", batch(1, "a", passage("z", 1, 7)))
	if got, want := shown(t, terms, "a", "two", seven), "1 passages, change 1, tuned 0, counts [{7 1}], {1 7}: entry z v1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	sets, err := terms.Sets(t.Context())
	if err != nil || len(sets) != 2 || sets[0].Schema != "one" || sets[0].Seq != 5 || sets[0].Passages != 3 || sets[1].Passages != 1 {
		t.Errorf("sets %+v, error %v", sets, err)
	}
	mustUpdate(t, terms, "one", func(int64) (engine.TermBatch, error) { return engine.TermBatch{Again: true}, nil })
	if set, err := terms.Set(t.Context(), "one"); err != nil || set.Seq != 0 || set.Passages != 0 {
		t.Errorf("set %+v, error %v; want it empty", set, err)
	}
}

// sameShown compares, whatever the order of passages with one id.
func sameShown(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// TestTermsMoved: whoever reads with a state that is no more learns of it, and
// the first by id of many passages are given.
func TestTermsMoved(t *testing.T) {
	t.Parallel()
	terms := mustTerms(t, "a")
	var list []engine.PassageTerms
	for i := range 300 {
		list = append(list, passage(fmt.Sprintf("p%03d", 299-i), 1, 7))
	}
	mustUpdate(t, terms, "one", batch(1, "a", list...))
	s, err := terms.State(t.Context(), "a", "one")
	if err != nil {
		t.Fatal(err)
	}
	found, err := terms.Lists(t.Context(), s, []engine.TermList{{Field: engine.TermsOfEntries, Term: 7}, {Field: engine.TermsOfControls, Term: 7}})
	if err != nil || len(found[0]) != 300 || len(found[1]) != 0 || !slices.IsSorted(found[0]) {
		t.Fatalf("lists of %d and %d, error %v", len(found[0]), len(found[1]), err)
	}
	first, err := terms.Passages(t.Context(), s, found[0], 2)
	if err != nil || len(first) != 2 || first[0].ID != "p000" || first[1].ID != "p001" {
		t.Fatalf("first two %+v, error %v", first, err)
	}
	mustUpdate(t, terms, "one", batch(2, "a", passage("p000", 0)))
	rest, err := terms.Passages(t.Context(), s, found[0], 300)
	if !errors.Is(err, engine.ErrTermsMoved) || len(rest) != 299 {
		t.Errorf("%d passages, error %v; want 299 and ErrTermsMoved", len(rest), err)
	}
	if _, err := terms.Counts(t.Context(), s); !errors.Is(err, engine.ErrTermsMoved) {
		t.Errorf("counts: error %v, want ErrTermsMoved", err)
	}
	for _, lists := range [][]engine.TermList{nil, {{Field: engine.TermsOfEntries, Term: 99}}} {
		if _, err := terms.Lists(t.Context(), s, lists); !errors.Is(err, engine.ErrTermsMoved) {
			t.Errorf("lists: error %v, want ErrTermsMoved", err)
		}
	}
	mustUpdate(t, terms, "one", func(int64) (engine.TermBatch, error) { return engine.TermBatch{Again: true}, nil })
	if _, err := terms.Counts(t.Context(), s); !errors.Is(err, engine.ErrTermsMoved) {
		t.Errorf("counts of what was deleted: error %v, want ErrTermsMoved", err)
	}
}

// TestTermsAreOne: a batch that fails leaves nothing, and of many who write at
// once each sees what the others have stored.
func TestTermsAreOne(t *testing.T) {
	t.Parallel()
	terms := mustTerms(t, "a")
	why := errors.New("the analyser is on strike")
	if _, err := terms.Update(t.Context(), "one", func(int64) (engine.TermBatch, error) { return engine.TermBatch{}, why }); !errors.Is(err, why) {
		t.Errorf("error %v, want the caller's", err)
	}
	if _, err := terms.Update(t.Context(), "one", func(int64) (engine.TermBatch, error) {
		b, _ := batch(1, "a", passage("x", 1, 7))(0)
		b.Workspaces = append(b.Workspaces, engine.WorkspaceTerms{Workspace: "nobody's"})
		return b, nil
	}); !errors.Is(err, engine.ErrNoWorkspace) {
		t.Errorf("error %v, want ErrNoWorkspace", err)
	}
	if got := shown(t, terms, "a", "one"); got != "nothing" {
		t.Errorf("of failed batches there is %s", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := terms.Update(ctx, "one", batch(1, "a")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if _, err := terms.Update(t.Context(), "one", func(after int64) (engine.TermBatch, error) {
					return batch(after+1, "a", passage(fmt.Sprintf("p%d", after), 1, 7))(after)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s, err := terms.State(t.Context(), "a", "one"); err != nil || s.Seq != 40 || s.Passages != 40 {
		t.Errorf("state %+v, error %v; want 40 changes and passages", s, err)
	}
}

// TestUnusedTermsGo: a set that nobody used for a day goes when another one is
// written, and one that is in use stays.
func TestUnusedTermsGo(t *testing.T) {
	t.Parallel()
	u := newDatabase(t)
	s := mustOpen(t, u)
	terms := s.Terms()
	if err := s.EnsureWorkspace(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"old", "used", "new"} {
		mustUpdate(t, terms, schema, batch(1, "a", passage("x", 1, 7)))
	}
	age := func(schema string, by time.Duration) {
		t.Helper()
		if err := on(u, fmt.Sprintf("UPDATE term_sets SET used_at = %d WHERE schema = '%s'", now()-by.Milliseconds(), schema)); err != nil {
			t.Fatal(err)
		}
	}
	age("old", 25*time.Hour)
	age("used", 23*time.Hour)
	age("new", 2*time.Hour)
	nothing := func(int64) (engine.TermBatch, error) { return engine.TermBatch{}, nil }
	mustUpdate(t, terms, "new", nothing)
	sets, err := terms.Sets(t.Context())
	if err != nil || len(sets) != 2 || sets[0].Schema != "new" || sets[1].Schema != "used" {
		t.Fatalf("sets %+v, error %v; want new and used", sets, err)
	}
	if since := now() - sets[0].UsedAt; since > time.Minute.Milliseconds() || sets[0].Seq != 1 {
		t.Errorf("the set in use is %+v, want that it was used just now, at change 1", sets[0])
	}
	if _, err := terms.State(t.Context(), "a", "old"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("error %v for the old set, want ErrNotFound", err)
	}
}

// TestTermsOnFile: a SQLite file has no tables of terms.
func TestTermsOnFile(t *testing.T) {
	t.Parallel()
	if mustOpen(t, t.TempDir()).Terms() != nil {
		t.Error("a file has terms")
	}
}

// TestPackedTerms: terms come back as they were packed.
func TestPackedTerms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOf(rapid.Uint64()).Draw(t, "terms")
		b := packTerms(terms)
		if got := unpackTerms(b); len(terms) > 0 && !slices.Equal(got, terms) {
			t.Fatalf("got %v, want %v", got, terms)
		}
		if len(terms) > 0 && binary.BigEndian.Uint64(b) != terms[0] {
			t.Fatal("not big endian")
		}
	})
}
