package index

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/fixtures"
)

var _ Terms = (*store.Terms)(nil)

// serverEnv names a PostgreSQL server to test on, as a URL whose user may make
// databases. Without it the tests of shared terms are skipped.
const serverEnv = "VOUCH_TEST_POSTGRES"

// newServerStore returns a store in a database of its own, with workspaces.
func newServerStore(t testing.TB, workspaces ...string) *store.Store {
	t.Helper()
	s, _ := newServer(t, workspaces...)
	return s
}

// newServer returns a connection past the store as well.
func newServer(t testing.TB, workspaces ...string) (*store.Store, *sql.DB) {
	t.Helper()
	server := os.Getenv(serverEnv)
	if server == "" {
		t.Skipf("no PostgreSQL to test on: set %s to the URL of a server whose user may make databases", serverEnv)
	}
	db, err := sql.Open("pgx", server) // the store registers the driver
	if err != nil {
		t.Fatal(err)
	}
	name := "vouch_test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is no URL", serverEnv)
	}
	u.Path = "/" + name
	s, err := store.Open(context.Background(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	past, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = past.Close(), s.Close()
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	})
	for _, w := range workspaces {
		if err := s.EnsureWorkspace(context.Background(), w); err != nil {
			t.Fatal(err)
		}
	}
	return s, past
}

func mustShare(t testing.TB, terms Terms, src Source, opts Options) *Index {
	t.Helper()
	x, err := OpenShared(context.Background(), terms, src, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

// mustAgree asks both the same and fails unless all they say is the same, to the
// last bit: passages, order, scores, confidences and notes.
func mustAgree(t *testing.T, a, b *Index, workspace string, queries []engine.Query) {
	t.Helper()
	found := 0
	for i, q := range queries {
		want, err := a.Retrieve(context.Background(), workspace, q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Retrieve(context.Background(), workspace, q)
		if err != nil {
			t.Fatal(err)
		}
		found += len(want)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("question %d of %d: bleve found %v, the database %v", i+1, len(queries), summary(want), summary(got))
		}
	}
	if found == 0 {
		t.Fatal("nothing was found at all")
	}
}

func summary(list []engine.Passage) (out []string) {
	for i, id := range ids(list) {
		out = append(out, fmt.Sprintf("%s %.12f", id, list[i].Score))
	}
	return out
}

// TestSharedFindsTheSame: terms in a database find what bleve finds, over 10,000
// generated entries, and again after entries and controls were changed, added
// and removed, and after the lexicon was.
func TestSharedFindsTheSame(t *testing.T) {
	t.Parallel()
	s := newServerStore(t, "w", "other")
	src, g := benchSource(t, benchEntries)
	src.putEntry("other", g.entry(1))
	for i := range 500 {
		src.putControl("w", engine.Control{ID: fmt.Sprintf("c%04d", i), Version: 1, Ref: fmt.Sprintf("AC-%02d", i), Title: g.text(3, 8), Description: g.text(10, 30), Domain: g.text(1, 3), Criteria: []string{fmt.Sprintf("CC%d.%d", 1+i%9, 1+i%7)}})
	}
	queries := g.queries(300)
	for i := range queries {
		switch i % 10 {
		case 0: // few words, so that many passages weigh the same
			queries[i].Text = "Do you " + g.text(1, 3) + "?"
		case 1: // a control by its id, and a criterion
			queries[i].Text = fmt.Sprintf("How does AC-%02d meet CC%d.%d?", i, 1+i%9, 1+i%7)
		case 2: // word for word
			queries[i].Text = src.entries[passageID("w", engine.PassageEntry, fmt.Sprintf("e%06d", i*30))].Question
		}
	}
	a, b := mustOpen(t, "", src, Options{}), mustShare(t, s.Terms(), src, Options{})
	mustAgree(t, a, b, "w", queries)

	sync := func() {
		t.Helper()
		for _, x := range []*Index{a, b} {
			if err := x.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := 0; i < benchEntries; i += 25 {
		e := g.entry(i)
		if e.Version = 2; i%100 == 0 {
			src.removeEntry("w", e.ID)
			continue
		}
		src.putEntry("w", e)
	}
	for i := range 300 {
		src.putEntry("w", g.entry(benchEntries+i))
	}
	sync()
	mustAgree(t, a, b, "w", queries)

	overlay := "[concepts]\nbcp: " + g.words[len(g.words)-4000] + "; " + g.words[len(g.words)-4100] + "\n"
	if _, problems := a.lex.Overlay(overlay); len(problems) > 0 {
		t.Fatalf("the lexicon does not fit: %v", problems)
	}
	src.mu.Lock()
	src.tunings["w"] = engine.Tuning{Lexicon: overlay}
	src.changed("w", engine.ChangeTuning, "", false)
	for id := range src.entries {
		if kind, own := splitPassageID(id); strings.HasPrefix(id, scope("w")) {
			src.changed("w", kind, own, false)
		}
	}
	src.mu.Unlock()
	sync()
	mustAgree(t, a, b, "w", queries)
	mustAgree(t, mustOpen(t, "", src, Options{}), b, "w", queries)

	st := b.Status()
	if want := a.Status(); st.Docs != want.Docs || st.Seq != want.Seq || !st.Shared {
		t.Errorf("status %+v, of bleve %+v", st, want)
	}
}

// TestSharedFindsTheSameOnFixtures does the same with our own sample data.
func TestSharedFindsTheSameOnFixtures(t *testing.T) {
	t.Parallel()
	s, src := newServerStore(t, "w"), newFakeSource()
	for i, e := range goldenLibrary(t) {
		e.ID, e.Version = fmt.Sprintf("e%03d", i), 1
		src.putEntry("w", e)
	}
	data, err := fixtures.ReadFile("controls.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows[1:] {
		src.putControl("w", engine.Control{ID: fmt.Sprintf("c%03d", i), Version: 1, Ref: r[0], Domain: r[1], Title: r[2], Description: r[3]})
	}
	var queries []engine.Query
	for _, name := range []string{"harbour-bank", "harbour-bank-2025", "vela-retail", "kontor-logistik"} {
		for _, q := range goldenQueries(t, name) {
			queries = append(queries, engine.Query{Text: q.text})
		}
	}
	mustAgree(t, mustOpen(t, "", src, Options{}), mustShare(t, s.Terms(), src, Options{}), "w", queries)
}

// TestSharedFindsTheSameOnQuestionnaires does the same with public ones.
func TestSharedFindsTheSameOnQuestionnaires(t *testing.T) {
	t.Parallel()
	for _, library := range []string{"caiq-v4", "adobe-ccf-v5"} {
		t.Run(library, func(t *testing.T) {
			t.Parallel()
			task := loadTask(t, "vsa-full", library)
			s, src := newServerStore(t, "w"), evalSource(task)
			var queries []engine.Query
			for _, q := range task.queries {
				queries = append(queries, engine.Query{Text: q.text, Section: q.section})
			}
			mustAgree(t, mustOpen(t, "", src, Options{}), mustShare(t, s.Terms(), src, Options{}), "w", queries)
		})
	}
}

// TestSharedByProcesses: what one process has applied another finds without
// being told, also when the wording or the lexicon changed under what it had in
// memory; and nothing of another workspace.
func TestSharedByProcesses(t *testing.T) {
	t.Parallel()
	s, src := newServerStore(t, "a", "b"), smallSource()
	here, there := mustShare(t, s.Terms(), src, Options{}), mustShare(t, s.Terms(), src, Options{})
	sync := func() {
		t.Helper()
		if err := here.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(retrieve(t, there, "b", "Is customer data encrypted at rest? Is a penetration test performed?")); !slices.Equal(got, []string{"e9"}) {
		t.Fatalf("workspace b found %v, want e9 alone", got)
	}
	if got := retrieve(t, there, "c", "Is customer data encrypted at rest?"); len(got) != 0 {
		t.Fatalf("a workspace without anything found %v", ids(got))
	}
	src.putEntry("a", entry("e7", "Do you keep carrier pigeons?"))
	sync()
	if got := ids(retrieve(t, there, "a", "Are carrier pigeons kept?")); len(got) == 0 || got[0] != "e7" {
		t.Fatalf("the new entry is not found first: %v", got)
	}
	e := entry("e7", "Do you breed hamsters?")
	e.Version = 2
	src.putEntry("a", e)
	sync()
	if got := ids(retrieve(t, there, "a", "Are carrier pigeons kept?")); slices.Contains(got, "e7") {
		t.Fatalf("e7 is found by what it said before: %v", got)
	}
	if got := ids(retrieve(t, there, "a", "Are hamsters bred?")); len(got) == 0 || got[0] != "e7" {
		t.Fatalf("e7 is not found by what it says: %v", got)
	}
	src.removeEntry("a", "e7")
	sync()
	if got := ids(retrieve(t, there, "a", "Do you breed hamsters?")); slices.Contains(got, "e7") {
		t.Fatalf("what was removed is found: %v", got)
	}
	src.mu.Lock()
	src.tunings["a"] = engine.Tuning{Lexicon: "[concepts]\npentest: operation walrus\n"}
	src.changed("a", engine.ChangeTuning, "", false)
	src.changed("a", engine.PassageEntry, "e1", false)
	src.mu.Unlock()
	sync()
	if got := ids(retrieve(t, there, "a", "When was operation walrus?")); len(got) == 0 || got[0] != "e1" {
		t.Fatalf("the new word is not understood elsewhere: %v", got)
	}
}

// TestSharedBuiltByMany: several processes that come at once build the terms
// once, together, while others ask.
func TestSharedBuiltByMany(t *testing.T) {
	t.Parallel()
	s := newServerStore(t, "w")
	src, g := benchSource(t, 3*sharedBatch/2)
	queries := g.queries(20)
	var wg sync.WaitGroup
	opened := make([]*Index, 4)
	for i := range opened {
		wg.Go(func() {
			x, err := OpenShared(context.Background(), s.Terms(), src, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			opened[i] = x
			for k := range 5 {
				src.putEntry("w", g2(i*10+k))
				if err := x.Sync(context.Background()); err != nil {
					t.Error(err)
				}
				list, err := x.Retrieve(context.Background(), "w", engine.Query{Text: g2(i*10 + k).Question})
				if err != nil || len(list) == 0 || list[0].Score != 1 {
					t.Errorf("what was added is not found after Sync: %v, error %v", summary(list), err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	mustAgree(t, mustOpen(t, "", src, Options{}), opened[0], "w", queries)
}

// g2 is an entry of its own for each number.
func g2(i int) engine.Entry {
	return entry(fmt.Sprintf("x%03d", i), fmt.Sprintf("Is widget%d encrypted at rest?", i))
}

// TestSharedSchemas: another version of the program keeps terms of its own; the
// older one goes on with its own, and makes them again if they were taken away
// as unused.
func TestSharedSchemas(t *testing.T) {
	t.Parallel()
	s, past := newServer(t, "a", "b")
	src := smallSource()
	old := mustShare(t, s.Terms(), src, Options{})
	lex, err := ParseLexicon(lexiconText + "\n# another version\n")
	if err != nil {
		t.Fatal(err)
	}
	young := mustShare(t, s.Terms(), src, Options{Lexicon: lex})
	if old.schema == young.schema {
		t.Fatal("both have one schema")
	}
	for _, x := range []*Index{old, young} {
		if got := ids(retrieve(t, x, "a", "Is customer data encrypted at rest?")); len(got) == 0 || got[0] != "e2" {
			t.Fatalf("found %v", got)
		}
	}
	sets, err := s.Terms().Sets(context.Background())
	if err != nil || len(sets) != 2 {
		t.Fatalf("%d sets, error %v; want 2", len(sets), err)
	}
	if _, err := past.ExecContext(context.Background(), "UPDATE term_sets SET used_at = 1000"); err != nil {
		t.Fatal(err)
	}
	src.putEntry("a", entry("e8", "Do you keep carrier pigeons?"))
	if err := young.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	if sets, err = s.Terms().Sets(context.Background()); err != nil || len(sets) != 1 || sets[0].Schema != young.schema {
		t.Fatalf("sets %+v, error %v; want that the old one is gone", sets, err)
	}
	if got := ids(retrieve(t, old, "a", "Are carrier pigeons kept?")); len(got) == 0 || got[0] != "e8" {
		t.Fatalf("the old version does not make its terms again: %v", got)
	}
	// A set that is in use is not taken away, however little changes.
	if _, err := past.ExecContext(context.Background(), "UPDATE term_sets SET used_at = used_at - 7200000"); err != nil {
		t.Fatal(err)
	}
	if err := old.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	if set, err := s.Terms().Set(context.Background(), old.schema); err != nil || time.Since(time.UnixMilli(set.UsedAt)) > time.Minute {
		t.Errorf("set %+v, error %v; want that its use was noted", set, err)
	}
}

// TestSharedOfAnotherDatabase: terms that know changes which the source does not
// are made again.
func TestSharedOfAnotherDatabase(t *testing.T) {
	t.Parallel()
	s := newServerStore(t, "a", "b", "w")
	src, _ := benchSource(t, 50)
	mustShare(t, s.Terms(), src, Options{})
	x := mustShare(t, s.Terms(), smallSource(), Options{})
	if got := ids(retrieve(t, x, "a", "Is customer data encrypted at rest?")); len(got) == 0 || got[0] != "e2" {
		t.Fatalf("found %v", got)
	}
	if got := retrieve(t, x, "w", "Is customer data encrypted at rest?"); len(got) != 0 {
		t.Fatalf("the other database's passages are found: %v", ids(got))
	}
}

// moving changes the terms right before they are read.
type moving struct {
	Terms
	times  int
	change func()
}

func (m *moving) Counts(ctx context.Context, s engine.TermState) ([]engine.TermCount, error) {
	if m.times > 0 {
		m.times--
		m.change()
	}
	return m.Terms.Counts(ctx, s)
}

// TestSharedMovedUnderAQuestion: a question during which the terms change is
// answered from the new ones; and answered all the same if they never rest.
func TestSharedMovedUnderAQuestion(t *testing.T) {
	t.Parallel()
	for _, times := range []int{1, 50} {
		s, src := newServerStore(t, "a", "b"), smallSource()
		other := mustShare(t, s.Terms(), src, Options{})
		n := 0
		x := mustShare(t, &moving{s.Terms(), times, func() {
			n++
			src.putEntry("a", entry(fmt.Sprintf("e8%02d", n), fmt.Sprintf("Do you keep %d carrier pigeons?", n)))
			if err := other.Sync(context.Background()); err != nil {
				t.Error(err)
			}
		}}, src, Options{})
		got := ids(retrieve(t, x, "a", "Are carrier pigeons kept?"))
		if len(got) == 0 || got[0] != "e801" || n != min(times, 2) {
			t.Errorf("moved %d times: found %v after %d changes, want e801 first", times, got, n)
		}
	}
}

// TestFollow: what changes in the source is found without anybody calling Sync,
// an error of the source does not end that, and the end of the context does.
func TestFollow(t *testing.T) {
	t.Parallel()
	src := smallSource()
	x := mustOpen(t, "", src, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- x.Follow(ctx, time.Millisecond) }()
	fail := func(err error) {
		src.mu.Lock()
		defer src.mu.Unlock()
		src.err = err
	}
	fail(errors.New("the disk is on fire"))
	time.Sleep(10 * time.Millisecond)
	fail(nil)
	src.putEntry("a", entry("e8", "Do you keep carrier pigeons?"))
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if got := ids(retrieve(t, x, "a", "Are carrier pigeons kept?")); len(got) > 0 && got[0] == "e8" {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("the new entry is not found")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := x.Follow(context.Background(), time.Millisecond); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v of a closed index, want ErrClosed", err)
	}
}

// TestSharedErrors: an error of the source or the database is an error, and
// what went before it stays.
func TestSharedErrors(t *testing.T) {
	t.Parallel()
	s, src := newServerStore(t, "a", "b"), smallSource()
	src.err = errors.New("the disk is on fire")
	if _, err := OpenShared(context.Background(), s.Terms(), src, Options{}); !errors.Is(err, src.err) {
		t.Fatalf("error %v, want the source's", err)
	}
	src.err = nil
	x := mustShare(t, s.Terms(), src, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Retrieve(ctx, "a", engine.Query{Text: "penetration tests"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	if err := x.Sync(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of Sync, want that it was cancelled", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Retrieve(context.Background(), "a", engine.Query{Text: "penetration tests"}); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}

// BenchmarkSharedRetrieve is BenchmarkRetrieve with terms and texts in a database
// on a server.
func BenchmarkSharedRetrieve(b *testing.B) {
	for _, n := range []int{benchEntries, 10 * benchEntries} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			s, g := newServerStore(b, "w"), newGenerator(b)
			for i := 0; i < n; {
				if err := s.InTx(context.Background(), func(tx engine.Tx) error {
					for range 5000 {
						e := g.entry(i)
						e.ID, e.Version = "", 0
						if _, err := tx.PutEntry(context.Background(), "w", e); err != nil {
							return err
						}
						i++
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
			began := time.Now()
			mustShare(b, s.Terms(), s, Options{})
			build := time.Since(began)
			x := mustShare(b, s.Terms(), s, Options{}) // knows nothing yet
			queries := g.queries(benchQueries)
			began = time.Now()
			retrieveAll(b, x, queries[:1], 1)
			first := time.Since(began)
			began = time.Now()
			retrieveAll(b, x, queries, 2)
			all := time.Since(began)
			var took []time.Duration
			i := 0
			for b.Loop() {
				began := time.Now()
				if _, err := x.Retrieve(context.Background(), "w", queries[i%len(queries)]); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
				i++
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
			b.ReportMetric(build.Seconds(), "build-s")
			b.ReportMetric(float64(first.Milliseconds()), "first-answer-ms")
			b.ReportMetric(all.Seconds(), "332-questions-s")
			b.ReportMetric(0, "ns/op") // the quantiles say more
		})
	}
}
