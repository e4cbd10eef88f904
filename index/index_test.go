package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

var _ engine.Retriever = (*Index)(nil)

func entry(id, question string) engine.Entry {
	return engine.Entry{ID: id, Version: 1, Question: question, Verdict: engine.VerdictYes, Text: "Yes, and it is written down."}
}

// smallSource holds three entries and two controls in workspace a, and one
// entry in workspace b.
func smallSource() *fakeSource {
	src := newFakeSource()
	src.putEntry("a", entry("e1", "Do you perform penetration tests at least annually?"))
	src.putEntry("a", entry("e2", "Is customer data encrypted at rest?"))
	src.putEntry("a", entry("e3", "Do you have a business continuity plan?"))
	src.putControl("a", engine.Control{ID: "c1", Version: 1, Ref: "AC-01", Title: "Multi-factor authentication", Description: "Access to production needs a second factor.", Criteria: []string{"CC6.1"}})
	src.putControl("a", engine.Control{ID: "c2", Version: 1, Ref: "BC-02", Title: "Continuity exercise", Description: "The recovery plan is exercised every year."})
	src.putEntry("b", entry("e9", "Do you perform penetration tests at least annually?"))
	return src
}

func retrieve(t testing.TB, x *Index, workspace, text string) []engine.Passage {
	t.Helper()
	list, err := x.Retrieve(context.Background(), workspace, engine.Query{Text: text})
	if err != nil {
		t.Fatalf("retrieve: %v", err)
	}
	return list
}

func ids(list []engine.Passage) []string {
	var out []string
	for _, p := range list {
		if p.Entry != nil {
			out = append(out, p.Entry.ID)
		} else {
			out = append(out, p.Control.ID)
		}
	}
	return out
}

func TestRetrieve(t *testing.T) {
	t.Parallel()
	x := mustOpen(t, "", smallSource(), Options{})

	t.Run("ExactQuestion", func(t *testing.T) {
		list := retrieve(t, x, "a", "DO YOU PERFORM: penetration tests, at least annually")
		if len(list) == 0 || list[0].Entry.ID != "e1" || list[0].Confidence != exactConfidence || list[0].Score != 1 {
			t.Fatalf("got %+v", list)
		}
	})
	t.Run("ByConcept", func(t *testing.T) {
		list := retrieve(t, x, "a", "Is ethical hacking carried out?")
		if len(list) == 0 || ids(list)[0] != "e1" {
			t.Fatalf("got %v", ids(list))
		}
	})
	t.Run("EntriesBeforeControls", func(t *testing.T) {
		list := retrieve(t, x, "a", "Is the business continuity plan exercised?")
		if want := []string{"e3", "c2"}; !slices.Equal(ids(list)[:2], want) {
			t.Fatalf("got %v, want %v first", ids(list), want)
		}
		if c := list[1].Confidence; c != 0 {
			t.Errorf("a control has confidence %v", c)
		}
	})
	t.Run("ControlByID", func(t *testing.T) {
		for _, text := range []string{"Describe how you meet CC6.1.", "How is ac-01 tested?"} {
			list := retrieve(t, x, "a", text)
			if len(list) == 0 || list[len(list)-1].Control == nil || !slices.Contains(ids(list), "c1") {
				t.Errorf("%q: got %v", text, ids(list))
			}
		}
	})
	t.Run("Limit", func(t *testing.T) {
		list, err := x.Retrieve(context.Background(), "a", engine.Query{Text: "Do you have a plan for customer data and penetration tests?", Limit: 1})
		if err != nil || len(list) > 2 {
			t.Fatalf("%d passages, error %v", len(list), err)
		}
	})
	t.Run("AWiderQuestionIsNotSure", func(t *testing.T) {
		list := retrieve(t, x, "a", "Do you perform penetration tests at least annually, by an accredited outside firm, with the report reviewed by the board of directors?")
		if len(list) == 0 || list[0].Entry.ID != "e1" || list[0].Confidence > wideConfidence || !slices.Contains(list[0].Notes, wideNote) {
			t.Errorf("got %+v, want e1 capped at %v with a note", list, wideConfidence)
		}
	})
	t.Run("AnotherConceptIsNotAnswered", func(t *testing.T) {
		list := retrieve(t, x, "a", "Do you perform penetration tests at least annually under an escrow agreement?")
		if len(list) == 0 || list[0].Entry.ID != "e1" || list[0].Confidence > wideConfidence || !slices.Contains(list[0].Notes, wideNote) {
			t.Errorf("got %+v, want e1 capped at %v with a note", list, wideConfidence)
		}
	})
	t.Run("NothingToFind", func(t *testing.T) {
		for _, text := range []string{"", "???", "zebra xylophone"} {
			if list := retrieve(t, x, "a", text); len(list) != 0 {
				t.Errorf("%q: got %v", text, ids(list))
			}
		}
	})
	t.Run("Cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := x.Retrieve(ctx, "a", engine.Query{Text: "penetration tests"}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if r := x.Status().Rebuilds; r != 1 {
			t.Errorf("a cancelled search rebuilt the index: %d rebuilds", r)
		}
	})
}

func TestExactQuestionAnsweredTwice(t *testing.T) {
	t.Parallel()
	src := smallSource()
	no := entry("e4", "Is customer data encrypted at rest?")
	no.Verdict = engine.VerdictNo
	src.putEntry("a", no)
	list := retrieve(t, mustOpen(t, "", src, Options{}), "a", "Is customer data encrypted at rest?")
	for _, p := range list[:2] {
		if p.Confidence > disputedConfidence || len(p.Notes) == 0 {
			t.Errorf("%s: confidence %v, notes %v", p.Entry.ID, p.Confidence, p.Notes)
		}
	}
}

func TestWorkspacesNeverMeet(t *testing.T) {
	t.Parallel()
	x := mustOpen(t, "", smallSource(), Options{})
	question := "Do you perform penetration tests at least annually?"
	if got := ids(retrieve(t, x, "b", question)); !slices.Equal(got, []string{"e9"}) {
		t.Errorf("workspace b sees %v", got)
	}
	if got := ids(retrieve(t, x, "a", question)); slices.Contains(got, "e9") {
		t.Errorf("workspace a sees %v", got)
	}
	for _, ws := range []string{"", "c", "a" + separator, separator, "a" + separator + "e"} {
		if got := retrieve(t, x, ws, question); len(got) != 0 {
			t.Errorf("workspace %q sees %v", ws, ids(got))
		}
	}
}

func TestSync(t *testing.T) {
	t.Parallel()
	ctx := context.Background()

	t.Run("FollowsTheSource", func(t *testing.T) {
		src := smallSource()
		x := mustOpen(t, t.TempDir(), src, Options{})
		src.putEntry("a", entry("e5", "Do you operate a bug bounty?"))
		src.removeEntry("a", "e1")
		changed := entry("e2", "Is there a firewall?")
		changed.Version = 2
		src.putEntry("a", changed)
		if err := x.Sync(ctx); err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]string{"bug bounty": "e5", "firewall": "e2"} {
			if got := ids(retrieve(t, x, "a", text)); len(got) == 0 || got[0] != want {
				t.Errorf("%q: got %v, want %s", text, got, want)
			}
		}
		if got := ids(retrieve(t, x, "a", "penetration tests")); slices.Contains(got, "e1") {
			t.Errorf("a removed entry is found: %v", got)
		}
		if s := x.Status(); s.Docs != 6 || s.Seq != 9 || s.Rebuilds != 1 || s.Reason != ReasonMissing {
			t.Errorf("status %+v", s)
		}
	})
	t.Run("Idempotent", func(t *testing.T) {
		src := smallSource()
		x := mustOpen(t, "", src, Options{})
		before := x.Status()
		for range 3 {
			if err := x.Sync(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if after := x.Status(); after != before {
			t.Errorf("status %+v, was %+v", after, before)
		}
	})
	t.Run("ResumesWhereItStopped", func(t *testing.T) {
		src := smallSource()
		dir := t.TempDir()
		x := mustOpen(t, dir, src, Options{})
		for i := range 2500 {
			src.putEntry("a", entry(fmt.Sprintf("n%d", i), fmt.Sprintf("Is number %d filed?", i)))
		}
		src.err, src.errAfter = errors.New("the database is away"), 1006
		if err := x.Sync(ctx); !errors.Is(err, src.err) {
			t.Fatalf("error %v", err)
		}
		if s := x.Status(); s.Seq != 1006 {
			t.Errorf("stopped at %d, want 1006", s.Seq)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		src.err, src.reads = nil, 0
		x = mustOpen(t, dir, src, Options{})
		if s := x.Status(); s.Seq != 2506 || s.Docs != 2506 || s.Rebuilds != 0 || src.reads != 3 {
			t.Errorf("status %+v after %d reads", s, src.reads)
		}
	})
	t.Run("UnsyncedChangeIsSeen", func(t *testing.T) {
		src := smallSource()
		x := mustOpen(t, "", src, Options{})
		changed := entry("e2", "Is customer data encrypted in transit?")
		changed.Version, changed.Verdict = 2, engine.VerdictNo
		src.putEntry("a", changed)
		src.removeEntry("a", "e3")
		for _, p := range retrieve(t, x, "a", "Is customer data encrypted at rest?") {
			if p.Entry != nil && p.Entry.ID == "e2" && (p.Entry.Version != 2 || p.Confidence > contradictedConfidence) {
				t.Errorf("the version before is offered: %+v", p)
			}
		}
		if got := ids(retrieve(t, x, "a", "business continuity plan")); slices.Contains(got, "e3") {
			t.Errorf("a removed entry is offered: %v", got)
		}
	})
	t.Run("MemoryIsCompacted", func(t *testing.T) {
		src := smallSource()
		x := mustOpen(t, "", src, Options{})
		for i := range maxMemoryBatches + 1 {
			src.putEntry("a", entry(fmt.Sprintf("n%d", i), "Is it filed?"))
			if err := x.Sync(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if s := x.Status(); s.Reason != ReasonTemp || s.Rebuilds != 2 || s.Docs != 6+maxMemoryBatches+1 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestOpen(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const question = "Is customer data encrypted at rest?"
	// built returns a directory with an index, and the generation in it.
	built := func(t *testing.T, src *fakeSource) (dir, generation string) {
		t.Helper()
		dir = filepath.Join(t.TempDir(), "index")
		x := mustOpen(t, dir, src, Options{})
		s := x.Status()
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		return dir, s.Generation
	}
	// check opens dir and wants the reason, an answer, and one generation.
	check := func(t *testing.T, dir string, src Source, want Reason) Status {
		t.Helper()
		x := mustOpen(t, dir, src, Options{LockTimeout: 60 * time.Millisecond})
		s := x.Status()
		if s.Reason != want {
			t.Errorf("reason %q (%s), want %q", s.Reason, s.Detail, want)
		}
		if got := ids(retrieve(t, x, "a", question)); len(got) == 0 || got[0] != "e2" {
			t.Errorf("got %v", got)
		}
		return s
	}

	t.Run("ThereAlready", func(t *testing.T) {
		src := smallSource()
		dir, generation := built(t, src)
		if s := check(t, dir, src, ReasonNone); s.Generation != generation || s.Rebuilds != 0 {
			t.Errorf("status %+v", s)
		}
	})
	t.Run("OtherSchema", func(t *testing.T) {
		src := smallSource()
		dir, generation := built(t, src)
		other := filepath.Join(dir, strings.Repeat("0", 12)+"-7")
		if err := os.Rename(generation, other); err != nil {
			t.Fatal(err)
		}
		check(t, dir, src, ReasonVersion)
		if _, err := os.Stat(other); !os.IsNotExist(err) {
			t.Errorf("the old generation is still there: %v", err)
		}
	})
	t.Run("OtherLexicon", func(t *testing.T) {
		src := smallSource()
		dir, _ := built(t, src)
		lex, err := ParseLexicon(lexiconText + "\n# changed")
		if err != nil {
			t.Fatal(err)
		}
		x := mustOpen(t, dir, src, Options{Lexicon: lex})
		if s := x.Status(); s.Reason != ReasonVersion {
			t.Errorf("status %+v", s)
		}
	})
	t.Run("SchemaInsideDiffers", func(t *testing.T) {
		src := smallSource()
		dir, generation := built(t, src)
		g, err := openGeneration(generation, filepath.Base(generation)[:12], time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(g.bleve.SetInternal(internalSchema, []byte("else")), g.close()); err != nil {
			t.Fatal(err)
		}
		if s := check(t, dir, src, ReasonDamaged); s.Generation == generation {
			t.Errorf("the same generation again")
		}
	})
	t.Run("AheadOfTheStore", func(t *testing.T) {
		src := smallSource()
		src.putEntry("a", entry("e7", "Is this from another database?"))
		dir, _ := built(t, src)
		if s := check(t, dir, smallSource(), ReasonAhead); s.Docs != 6 {
			t.Errorf("status %+v", s)
		}
	})
	t.Run("Unusable", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if s := check(t, dir, smallSource(), ReasonUnusable); !s.InMemory || s.Detail == "" {
			t.Errorf("status %+v", s)
		}
	})
	t.Run("TornLock", func(t *testing.T) {
		src := smallSource()
		dir, _ := built(t, src)
		if err := os.WriteFile(filepath.Join(dir, "owner.lock"), []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := check(t, dir, src, ReasonNone); s.InMemory {
			t.Errorf("status %+v", s)
		}
	})
	t.Run("SecondOwner", func(t *testing.T) {
		src := smallSource()
		dir, _ := built(t, src)
		first := mustOpen(t, dir, src, Options{})
		if s := check(t, dir, src, ReasonHeld); !s.InMemory || s.Generation != "" {
			t.Errorf("status %+v", s)
		}
		if s := first.Status(); s.InMemory || s.Rebuilds != 0 {
			t.Errorf("the first owner: %+v", s)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		check(t, dir, src, ReasonNone)
	})
	t.Run("SourceFails", func(t *testing.T) {
		src := smallSource()
		src.err = errors.New("the database is away")
		for _, dir := range []string{"", filepath.Join(t.TempDir(), "index")} {
			if _, err := Open(ctx, dir, src, Options{}); !errors.Is(err, src.err) {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("Closed", func(t *testing.T) {
		x := mustOpen(t, "", smallSource(), Options{})
		if err := errors.Join(x.Close(), x.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Retrieve(ctx, "a", engine.Query{Text: question}); !errors.Is(err, ErrClosed) {
			t.Errorf("retrieve: %v", err)
		}
		if err := x.Sync(ctx); !errors.Is(err, ErrClosed) {
			t.Errorf("sync: %v", err)
		}
	})
}

// TestDamage breaks every file of a generation in every way, and wants the
// index to come back.
func TestDamage(t *testing.T) {
	t.Parallel()
	ways := map[string]func([]byte) []byte{
		"Empty":    func([]byte) []byte { return nil },
		"CutShort": func(b []byte) []byte { return b[:len(b)/2] },
		"Zeroed":   func(b []byte) []byte { return make([]byte, len(b)) },
		"Flipped":  func(b []byte) []byte { b[len(b)/3] ^= 0xff; return b },
		"Gone":     nil,
	}
	for _, file := range []string{"index_meta.json", "store/root.bolt", "store/*.zap", "crashed store/root.bolt"} {
		for way, damage := range ways {
			file, crashed := strings.CutPrefix(file, "crashed ") // nobody closed it
			if crashed && way == "Flipped" {
				continue // one bit of a bolt file that nobody closed is not noticed
			}
			t.Run(fmt.Sprintf("%s/%s/crashed=%v", filepath.Base(file), way, crashed), func(t *testing.T) {
				t.Parallel()
				src := smallSource()
				dir := t.TempDir()
				x := mustOpen(t, dir, src, Options{})
				generation := x.Status().Generation
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
				files, err := filepath.Glob(filepath.Join(generation, file))
				if err != nil || len(files) == 0 {
					t.Fatalf("no %s: %v", file, err)
				}
				if crashed {
					if err := os.Remove(filepath.Join(generation, sumFile)); err != nil {
						t.Fatal(err)
					}
				}
				for _, f := range files {
					if damage == nil {
						err = os.Remove(f)
					} else if b, rerr := os.ReadFile(f); rerr != nil {
						err = rerr
					} else {
						err = os.WriteFile(f, damage(b), 0o600)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				x = mustOpen(t, dir, src, Options{LockTimeout: 60 * time.Millisecond})
				if got := ids(retrieve(t, x, "a", "Is customer data encrypted at rest?")); len(got) == 0 || got[0] != "e2" {
					t.Errorf("got %v", got)
				}
				if s := x.Status(); s.InMemory || s.Docs != 6 {
					t.Errorf("status %+v", s)
				}
			})
		}
	}
}

func TestDamageWhileSearching(t *testing.T) {
	t.Parallel()
	x := mustOpen(t, t.TempDir(), smallSource(), Options{})
	g := x.gen.Load()
	healthy := g.bleve
	g.bleve = nil // a search panics
	t.Cleanup(func() { _ = healthy.Close() })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			list, err := x.Retrieve(context.Background(), "a", engine.Query{Text: "Is customer data encrypted at rest?"})
			if err != nil || len(list) == 0 {
				t.Errorf("%d passages, error %v", len(list), err)
			}
		})
	}
	wg.Wait()
	if s := x.Status(); s.Rebuilds != 2 || s.Reason != ReasonDamaged || s.Detail == "" {
		t.Errorf("status %+v", s)
	}
}

// TestRetrieveDuringSync searches while the library grows and is rebuilt.
func TestRetrieveDuringSync(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	src := smallSource()
	x := mustOpen(t, t.TempDir(), src, Options{CacheDocs: 50})
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				list, err := x.Retrieve(ctx, "a", engine.Query{Text: "Is customer data encrypted at rest?"})
				if err != nil || len(list) == 0 || list[0].Entry == nil || list[0].Entry.ID != "e2" {
					t.Errorf("reader %d: %v, error %v", i, ids(list), err)
					return
				}
			}
		})
	}
	for i := range 12 {
		for k := range 20 {
			src.putEntry("a", entry(fmt.Sprintf("n%d-%d", i, k), fmt.Sprintf("Is data of kind %d encrypted on medium %d?", i, k)))
		}
		if err := x.Sync(ctx); err != nil {
			t.Error(err)
		}
		if i == 6 {
			if err := x.repair(ctx, x.gen.Load(), errors.New("asked for by the test")); err != nil {
				t.Error(err)
			}
		}
	}
	close(stop)
	readers.Wait()
	if s := x.Status(); s.Docs != 246 {
		t.Errorf("status %+v", s)
	}
}
