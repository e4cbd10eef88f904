package index

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"vouch/engine"
)

// formatVersion goes up when what is stored of a passage changes.
//
//	1  the first
const formatVersion = 1

// batchSize is how many changes are applied at once. bleve writes some 4,000
// passages a second in batches of 1,000, and 150 one at a time.
const batchSize = 1000

// maxMemoryBatches is how many batches an index in memory takes before it is
// built anew: bleve merges segments on disk only.
const maxMemoryBatches = 64

// ErrClosed says that the index was closed.
var ErrClosed = errors.New("the search index is closed")

// Options are the choices there are. The zero value works.
type Options struct {
	// Log gets one line per rebuild, with the reason. Default: no log. No
	// text of a question or answer is ever logged.
	Log *slog.Logger

	// Lexicon is used instead of [DefaultLexicon].
	Lexicon *Lexicon

	// LockTimeout is how long to wait for another process to let go of the
	// directory. Default: 200 ms.
	LockTimeout time.Duration

	// CacheDocs is how many analysed passages are kept in memory, about 2 KB
	// each. Default: 20,000.
	CacheDocs int
}

func (o Options) withDefaults() (Options, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.LockTimeout <= 0 {
		o.LockTimeout = 200 * time.Millisecond
	}
	if o.CacheDocs <= 0 {
		o.CacheDocs = 20_000
	}
	if o.Lexicon == nil {
		l, err := DefaultLexicon()
		if err != nil {
			return o, err
		}
		o.Lexicon = l
	}
	return o, nil
}

// Reason says why an index was built from nothing.
type Reason string

// The reasons.
const (
	ReasonNone     Reason = ""          // it was there and fits
	ReasonTemp     Reason = "temporary" // it was asked for in memory
	ReasonMissing  Reason = "missing"   // there was none
	ReasonVersion  Reason = "version"   // it was made with other tokens, another lexicon or another bleve
	ReasonDamaged  Reason = "damaged"   // it cannot be read
	ReasonAhead    Reason = "ahead"     // it knows changes that the store does not: another database
	ReasonHeld     Reason = "held"      // another process holds the directory; this index is private
	ReasonUnusable Reason = "unusable"  // the directory cannot be written; this index is private
)

// Status says how an index is.
type Status struct {
	Dir        string // the directory asked for, "" for none
	Generation string // the directory of the generation in use, "" in memory
	Schema     string // what tokens, lexicon, mapping and bleve make the generation
	InMemory   bool   // nothing is kept on disk
	Shared     bool   // the terms are in a database; Seq and Docs are what it says
	Seq        int64  // the last change applied
	Docs       uint64 // passages of all workspaces
	Rebuilds   int    // since Open, the one in Open included
	Reason     Reason // of the last rebuild
	Detail     string // the error behind the reason, "" if there was none
}

// Index finds evidence. It is a cache of its [Source] and follows it by
// [Index.Sync]. Its methods may be called at the same time.
type Index struct {
	dir    string
	source Source
	opts   Options
	lex    *Lexicon
	schema string

	shared *shared // nil for an index that this process has to itself

	write   sync.Mutex // held by Sync, rebuild and Close
	gen     atomic.Pointer[generation]
	cache   *docCache
	tunings tunings
	owner   *bbolt.DB // the lock on dir; nil when nothing is kept there
	done    atomic.Bool

	mu     sync.Mutex
	status Status
}

// Open opens the index in dir and brings it up to date with source. What is
// missing, damaged or made by another version is rebuilt beside and then
// swapped in; when another process holds dir, or it cannot be written, the
// index is built in memory. Only an error of source, or of ctx, is an error.
// An empty dir asks for an index in memory.
func Open(ctx context.Context, dir string, source Source, opts Options) (*Index, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x := &Index{dir: dir, source: source, opts: opts, lex: opts.Lexicon, cache: newDocCache(opts.CacheDocs)}
	if x.schema, err = schemaOf(x.lex); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x.status = Status{Dir: dir, Schema: x.schema}
	if err := x.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open index: %w", err), x.Close())
	}
	return x, nil
}

// schemaOf returns the 12 hex digits that name everything which decides over
// the content of an index.
func schemaOf(l *Lexicon) (string, error) {
	m, err := json.Marshal(newMapping())
	if err != nil {
		return "", fmt.Errorf("encode mapping: %w", err)
	}
	h := sha256.New()
	for _, part := range []string{strconv.Itoa(formatVersion), strconv.Itoa(analyzerVersion), bleveVersion, l.text, string(m)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

// start gets the first generation in place and up to date.
func (x *Index) start(ctx context.Context) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.dir == "" {
		return x.rebuild(ctx, ReasonTemp, nil)
	}
	if reason, err := x.lock(); err != nil {
		return x.rebuild(ctx, reason, err)
	}
	reason, err := x.openNewest(ctx)
	if reason != ReasonNone {
		return x.rebuild(ctx, reason, err)
	}
	if err != nil {
		return err
	}
	x.removeOthers(x.gen.Load().path)
	return x.sync(ctx)
}

// lockFile is held in the directory by the process that writes there.
const lockFile = "owner.lock"

// lock takes the directory for this process.
func (x *Index) lock() (Reason, error) {
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return ReasonUnusable, fmt.Errorf("make index directory: %w", err)
	}
	path := filepath.Join(x.dir, lockFile)
	open := func() error {
		return guard(func() (err error) {
			x.owner, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: x.opts.LockTimeout, NoSync: true})
			return err
		})
	}
	err := open()
	if err != nil && !errors.Is(err, bolterrors.ErrTimeout) && !errors.Is(err, os.ErrPermission) {
		if os.Remove(path) == nil { // nobody's lock: it is torn
			err = open()
		}
	}
	switch {
	case err == nil:
		return ReasonNone, nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return ReasonHeld, errors.New("another process holds the index directory")
	}
	return ReasonUnusable, fmt.Errorf("lock index directory: %w", err)
}

// openNewest opens the newest generation of this schema, if it is sound and
// belongs to the source.
func (x *Index) openNewest(ctx context.Context) (Reason, error) {
	all, own, err := x.generations()
	if err != nil {
		return ReasonUnusable, err
	}
	if len(own) == 0 {
		if len(all) > 0 {
			return ReasonVersion, nil
		}
		return ReasonMissing, nil
	}
	g, err := openGeneration(own[len(own)-1], x.schema, x.opts.LockTimeout)
	if err != nil {
		return ReasonDamaged, err
	}
	last, err := x.source.LastChange(ctx)
	if err != nil {
		return ReasonNone, errors.Join(err, g.close())
	}
	if g.seq.Load() > last {
		err = fmt.Errorf("index is at change %d, the store at %d", g.seq.Load(), last)
		return ReasonAhead, errors.Join(err, g.close())
	}
	x.gen.Store(g)
	return ReasonNone, nil
}

// generations lists the generations in the directory: all, and those of this
// schema, oldest first.
func (x *Index) generations() (all, own []string, err error) {
	list, err := os.ReadDir(x.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("list index directory: %w", err)
	}
	numbers := map[string]int{}
	for _, e := range list {
		schema, n, ok := strings.Cut(e.Name(), "-")
		number, err := strconv.Atoi(n)
		if !ok || err != nil || !e.IsDir() || len(schema) != len(x.schema) || strings.Trim(schema, "0123456789abcdef") != "" {
			continue
		}
		path := filepath.Join(x.dir, e.Name())
		numbers[path] = number
		all = append(all, path)
		if schema == x.schema {
			own = append(own, path)
		}
	}
	slices.SortFunc(own, func(a, b string) int { return numbers[a] - numbers[b] })
	return all, own, nil
}

// removeOthers deletes every generation but the one at keep. What cannot be
// deleted is tried again at the next start.
func (x *Index) removeOthers(keep string) {
	all, _, err := x.generations()
	if err != nil {
		return
	}
	for _, path := range all {
		if path == keep {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			x.opts.Log.Warn("old index generation stays", "generation", filepath.Base(path), "error", err)
		}
	}
}

// rebuild builds a generation from nothing beside the one in use, swaps it
// in and deletes the old. If the directory does not take it, it is built in
// memory. The caller holds x.write.
func (x *Index) rebuild(ctx context.Context, reason Reason, cause error) error {
	began := time.Now()
	g, err := x.build(ctx, x.nextPath())
	if errors.Is(err, errDamaged) { // it is the directory, not the source
		x.opts.Log.Error("search index cannot be written, it is kept in memory", "error", err)
		reason, cause = ReasonUnusable, errors.Join(cause, err)
		g, err = x.build(ctx, "")
	}
	if err != nil {
		return fmt.Errorf("rebuild index (%s): %w", reason, err)
	}
	if old := x.gen.Swap(g); old != nil {
		_ = old.close() // damaged or not, it is of no use any more
	}
	if x.owner != nil {
		x.removeOthers(g.path)
	}
	x.mu.Lock()
	x.status.Rebuilds++
	x.status.Reason, x.status.Detail = reason, ""
	if cause != nil {
		x.status.Detail = cause.Error()
	}
	x.mu.Unlock()
	x.opts.Log.Info("search index rebuilt", "reason", string(reason), "cause", cause, "passages", g.docs(), "in_memory", g.path == "", "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// nextPath returns where the next generation goes, "" for memory.
func (x *Index) nextPath() string {
	if x.owner == nil {
		return ""
	}
	n := 1
	if _, own, err := x.generations(); err == nil && len(own) > 0 {
		_, s, _ := strings.Cut(filepath.Base(own[len(own)-1]), "-")
		if last, err := strconv.Atoi(s); err == nil {
			n = last + 1
		}
	}
	return filepath.Join(x.dir, x.schema+"-"+strconv.Itoa(n))
}

// build makes a generation and fills it.
func (x *Index) build(ctx context.Context, path string) (*generation, error) {
	g, err := createGeneration(path, x.schema, x.opts.LockTimeout)
	if err != nil {
		if path != "" {
			_ = os.RemoveAll(path)
		}
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err := x.follow(ctx, g); err != nil {
		_ = g.close()
		if path != "" {
			_ = os.RemoveAll(path)
		}
		return nil, err
	}
	g.batches.Store(0)
	return g, nil
}

// Sync applies what changed in the source since the last time, in batches of
// 1,000; each is visible to Retrieve as soon as it is applied. An error leaves
// what was applied until then, and the next Sync goes on from there. After it,
// whatever was in the source when it was called is found; where terms are
// shared, by every process that shares them.
func (x *Index) Sync(ctx context.Context) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.done.Load() {
		return ErrClosed
	}
	if x.shared != nil {
		if err := x.syncShared(ctx); err != nil {
			return fmt.Errorf("sync index: %w", err)
		}
		return nil
	}
	return x.sync(ctx)
}

// Follow calls Sync every now and then until ctx ends or the index is closed, so
// that what other processes change is found too. An error of Sync is logged and
// tried again. Whoever needs a change to be found at once calls Sync itself.
func (x *Index) Follow(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		err := x.Sync(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrClosed):
			return err
		case err != nil && !failing:
			x.opts.Log.Warn("the search index does not follow the database; what changed since is not found yet", "error", err)
		case err == nil && failing:
			x.opts.Log.Warn("the search index follows the database again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (x *Index) sync(ctx context.Context) error {
	g := x.gen.Load()
	err := x.follow(ctx, g)
	switch {
	case errors.Is(err, errDamaged):
		return x.rebuild(ctx, ReasonDamaged, err)
	case err != nil:
		return fmt.Errorf("sync index: %w", err)
	case g.path == "" && g.batches.Load() > maxMemoryBatches:
		x.mu.Lock()
		reason := x.status.Reason // why it is in memory does not change
		x.mu.Unlock()
		return x.rebuild(ctx, reason, errors.New("compaction after many small batches"))
	}
	return nil
}

// repair rebuilds if g, which turned out damaged, is still in use.
func (x *Index) repair(ctx context.Context, g *generation, cause error) error {
	x.write.Lock()
	defer x.write.Unlock()
	switch {
	case x.done.Load():
		return ErrClosed
	case x.gen.Load() != g:
		return nil
	}
	return x.rebuild(ctx, ReasonDamaged, cause)
}

// follow applies changes to g until there are no more.
func (x *Index) follow(ctx context.Context, g *generation) error {
	for {
		changes, err := x.source.Changes(ctx, g.seq.Load(), batchSize)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			return nil
		}
		if err := x.applyChanges(ctx, g, changes); err != nil {
			return err
		}
	}
}

// group is the passages of one workspace and kind.
type group struct {
	workspace string
	kind      engine.PassageKind
}

func (x *Index) applyChanges(ctx context.Context, g *generation, changes []engine.Change) error {
	ids := map[group][]string{}
	gone := map[string]bool{} // every passage that changed, until it is found
	w := write{put: map[string]indexed{}}
	for _, c := range changes {
		w.seq = c.Seq
		if c.Kind == engine.ChangeTuning {
			x.tunings.changed(c.Workspace)
			continue
		}
		id := passageID(c.Workspace, c.Kind, c.ID)
		if !gone[id] && !strings.Contains(c.Workspace, separator) { // no store makes such a workspace
			gone[id] = true
			k := group{c.Workspace, c.Kind}
			ids[k] = append(ids[k], c.ID)
		}
	}
	docs := map[string]*document{}
	for k, list := range ids {
		if err := x.analyseGroup(ctx, k, list, &w, docs); err != nil {
			return err
		}
	}
	changed := make([]string, 0, len(gone))
	for id := range gone {
		changed = append(changed, id)
		if _, ok := w.put[id]; !ok {
			w.delete = append(w.delete, id)
		}
	}
	if err := g.apply(w); err != nil {
		return err
	}
	x.cache.forget(changed)
	epoch := x.cache.now()
	for id, d := range docs {
		x.cache.put(epoch, id, d)
	}
	return nil
}

// analyseGroup reads and analyses passages as they are now. One that is not
// in the source any more is not put.
func (x *Index) analyseGroup(ctx context.Context, k group, ids []string, w *write, docs map[string]*document) error {
	found, err := x.analysedGroup(ctx, k, ids)
	if err != nil {
		return err
	}
	for id, a := range found {
		doc := indexed{Key: append(a.keys, everyKey)}
		for i, key := range doc.Key {
			doc.Key[i] = scope(k.workspace) + key
		}
		terms := a.terms()
		for i, t := range terms {
			terms[i] = scope(k.workspace) + t
		}
		if k.kind == engine.PassageControl {
			doc.Control = terms
		} else {
			doc.Entry = terms
		}
		full := passageID(k.workspace, k.kind, id)
		w.put[full], docs[full] = doc, a.doc
	}
	return nil
}

// keyed is an analysed passage, and what it is found by exactly.
type keyed struct {
	analysed
	keys []string
}

// analysedGroup reads and analyses passages as they are now, by id. One that is
// not in the source any more is left out.
func (x *Index) analysedGroup(ctx context.Context, k group, ids []string) (map[string]keyed, error) {
	t, err := x.tuning(ctx, k.workspace)
	if err != nil {
		return nil, err
	}
	out := make(map[string]keyed, len(ids))
	switch k.kind {
	case engine.PassageEntry:
		list, err := x.source.Entries(ctx, k.workspace, ids)
		if err != nil {
			return nil, err
		}
		for i := range list {
			a := t.lex.analyseEntry(&list[i])
			out[list[i].ID] = keyed{a, []string{questionKey(a.doc.key)}}
		}
	case engine.PassageControl:
		list, err := x.source.Controls(ctx, k.workspace, ids)
		if err != nil {
			return nil, err
		}
		for i := range list {
			out[list[i].ID] = keyed{t.lex.analyseControl(&list[i]), controlKeys(&list[i])}
		}
	}
	return out, nil
}

func controlKeys(c *engine.Control) []string {
	keys := []string{refKey(c.Ref)}
	for _, cr := range c.Criteria {
		keys = append(keys, criterionKey(cr))
	}
	return keys
}

// Status returns how the index is.
func (x *Index) Status() Status {
	x.mu.Lock()
	s := x.status
	x.mu.Unlock()
	if x.shared != nil {
		s.Shared = true
		if set, err := x.shared.terms.Set(context.Background(), x.schema); err == nil {
			s.Seq, s.Docs = set.Seq, uint64(set.Passages)
		}
	}
	if g := x.gen.Load(); g != nil {
		s.Generation, s.InMemory, s.Seq, s.Docs = g.path, g.path == "", g.seq.Load(), g.docs()
	}
	return s
}

// Close closes the index and lets go of its directory. Searches that run are
// waited for; later ones get [ErrClosed].
func (x *Index) Close() error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.done.Swap(true) {
		return nil
	}
	var err error
	if g := x.gen.Load(); g != nil {
		err = g.close()
	}
	if x.owner != nil {
		err = errors.Join(err, x.owner.Close())
	}
	if err != nil {
		return fmt.Errorf("close index: %w", err)
	}
	return nil
}
