package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"vouch/engine"
)

// Terms keeps the terms of passages in a database that many processes share.
// Its sets are named by schema: processes that make other terms have another
// one. What is read with a state that is no more is returned all the same, with
// [engine.ErrTermsMoved].
type Terms interface {
	// Set returns how the set of a schema is, [engine.ErrNotFound] without one.
	Set(ctx context.Context, schema string) (engine.TermSet, error)

	// Update stores what fn returns as one, and returns the last change that is
	// in the set then. Of all processes one is in fn at a time; it is given the
	// last change that is in the set. It makes the set if there is none.
	Update(ctx context.Context, schema string, fn func(after int64) (engine.TermBatch, error)) (int64, error)

	// State returns how the terms of a workspace are, the zero value if it has
	// none; [engine.ErrNotFound] if there is no set.
	State(ctx context.Context, workspace, schema string) (engine.TermState, error)

	// Counts returns how many passages have each term.
	Counts(ctx context.Context, s engine.TermState) ([]engine.TermCount, error)

	// Lists returns the numbers of the passages in each list, rising.
	Lists(ctx context.Context, s engine.TermState, lists []engine.TermList) ([][]uint32, error)

	// Passages returns who the numbers are, the first by id if there are more
	// than most. Those that are gone are left out.
	Passages(ctx context.Context, s engine.TermState, numbers []uint32, most int) ([]engine.TermPassage, error)
}

const (
	// sharedBatch is how many changes are applied at once. Most of what a batch
	// costs are the rows of its lists, which 4,000 passages share better.
	sharedBatch = 4000

	// setTouch is how long a set may go unnoticed while it is in use; who has it
	// keeps it for a day.
	setTouch = time.Hour

	// maxKnown bounds the passages of a shelf that are known by name, some 150
	// bytes each.
	maxKnown = 200_000

	// maxShelves bounds the workspaces whose lists are kept in memory.
	maxShelves = 64
)

// shared is where candidates come from when a database holds the terms.
type shared struct {
	terms  Terms
	schema string

	mu      sync.Mutex
	shelves map[string]*shelf // by workspace, as it was seen last
	tuned   map[string]int64  // by workspace, the change of its tuning that was seen last
}

// OpenShared opens the index whose terms are kept in a database, and brings them
// up to date with source. Nothing is kept on disk. Any number of processes may
// do so; what one of them has applied the others find.
func OpenShared(ctx context.Context, terms Terms, source Source, opts Options) (*Index, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x := &Index{source: source, opts: opts, lex: opts.Lexicon, cache: newDocCache(opts.CacheDocs)}
	if x.schema, err = schemaOf(x.lex); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x.status = Status{Schema: x.schema}
	x.shared = &shared{terms: terms, schema: x.schema, shelves: map[string]*shelf{}, tuned: map[string]int64{}}
	if err := x.Sync(ctx); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return x, nil
}

// Schema returns the name of what this program makes of passages. Terms of
// another schema are not read.
func Schema() (string, error) {
	lex, err := DefaultLexicon()
	if err != nil {
		return "", err
	}
	return schemaOf(lex)
}

// syncShared applies all changes up to the newest there is now. Where another
// process is at it, they take turns.
func (x *Index) syncShared(ctx context.Context) error {
	last, err := x.source.LastChange(ctx)
	if err != nil {
		return err
	}
	set, err := x.shared.terms.Set(ctx, x.schema)
	switch {
	case errors.Is(err, engine.ErrNotFound):
		x.opts.Log.Info("terms are made anew", "schema", x.schema)
	case err != nil:
		return err
	case set.Seq == last && time.Since(time.UnixMilli(set.UsedAt)) < setTouch:
		return nil
	}
	for {
		seq, err := x.shared.terms.Update(ctx, x.schema, func(after int64) (engine.TermBatch, error) { return x.nextBatch(ctx, after) })
		switch {
		case errors.Is(err, engine.ErrTermsMoved): // another version deleted the set just now
			continue
		case err != nil:
			return err
		case seq >= last:
			return nil
		}
	}
}

// nextBatch analyses the passages of the changes after one.
func (x *Index) nextBatch(ctx context.Context, after int64) (engine.TermBatch, error) {
	changes, err := x.source.Changes(ctx, after, sharedBatch)
	if err != nil {
		return engine.TermBatch{}, err
	}
	if len(changes) == 0 {
		last, err := x.source.LastChange(ctx)
		if err == nil && last < after {
			x.opts.Log.Warn("terms belong to another database and are made anew", "terms", after, "changes", last)
		}
		return engine.TermBatch{Again: err == nil && last < after}, err
	}
	x.tunings.changedAll() // another process may have applied the change
	b := engine.TermBatch{Seq: changes[len(changes)-1].Seq}
	at := map[string]int{}
	ids := map[group][]string{}
	seen := map[string]bool{}
	for _, c := range changes {
		i, ok := at[c.Workspace]
		if !ok {
			i, at[c.Workspace] = len(b.Workspaces), len(b.Workspaces)
			b.Workspaces = append(b.Workspaces, engine.WorkspaceTerms{Workspace: c.Workspace})
		}
		if c.Kind == engine.ChangeTuning {
			b.Workspaces[i].Tuned = c.Seq
			continue
		}
		if id := passageID(c.Workspace, c.Kind, c.ID); !seen[id] {
			seen[id] = true
			k := group{c.Workspace, c.Kind}
			ids[k] = append(ids[k], c.ID)
		}
	}
	for i := range b.Workspaces {
		w := &b.Workspaces[i]
		for _, kind := range passageKinds {
			k := group{w.Workspace, kind}
			list, err := x.analyseShared(ctx, k, ids[k])
			if err != nil {
				return b, err
			}
			w.Passages = append(w.Passages, list...)
		}
	}
	return b, nil
}

// analyseShared reads and analyses passages as they are now. One that is not in
// the source any more has no terms.
func (x *Index) analyseShared(ctx context.Context, k group, ids []string) ([]engine.PassageTerms, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := x.analysedGroup(ctx, k, ids)
	if err != nil {
		return nil, err
	}
	list := make([]engine.PassageTerms, 0, len(ids))
	for _, id := range ids {
		p := engine.PassageTerms{Kind: k.kind, ID: id}
		if a, ok := found[id]; ok {
			p.Version, p.Terms, p.Keys = a.doc.version, hashes(a.terms()), hashes(append(a.keys, everyKey))
		}
		list = append(list, p)
	}
	return list, nil
}

// hashes returns the distinct hashes of terms.
func hashes(terms []string) []uint64 {
	list := make([]uint64, len(terms))
	for i, t := range terms {
		list[i] = hash64(t)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// retrieveShared answers a query from the terms as they are now. A change in
// the midst of it is begun again for once; the second time a passage is taken
// as either its old or its new terms have it.
func (x *Index) retrieveShared(ctx context.Context, workspace string, q engine.Query) ([]engine.Passage, error) {
	for again := false; ; again = true {
		s, err := x.shelf(ctx, workspace)
		if err != nil {
			return nil, err
		}
		s.lenient = again
		list, err := x.retrieve(ctx, s, workspace, q)
		if errors.Is(err, engine.ErrTermsMoved) && !again {
			continue
		}
		return list, err
	}
}

// shelf returns the terms of a workspace as they are now, with what is known of
// them already.
func (x *Index) shelf(ctx context.Context, workspace string) (*reading, error) {
	h := x.shared
	state, err := h.terms.State(ctx, workspace, h.schema)
	if errors.Is(err, engine.ErrNotFound) { // another version took this one's set for unused
		if err := x.Sync(ctx); err != nil {
			return nil, err
		}
		state, err = h.terms.State(ctx, workspace, h.schema)
	}
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if state.Tuned > h.tuned[workspace] {
		h.tuned[workspace] = state.Tuned
		x.tunings.changed(workspace)
	}
	old := h.shelves[workspace]
	if old == nil || old.state.ID != state.ID || old.state.Seq < state.Seq {
		if len(h.shelves) >= maxShelves {
			clear(h.shelves)
		}
		old = &shelf{terms: h.terms, state: state, known: map[uint32]hit{}}
		h.shelves[workspace] = old
	}
	return &reading{shelf: old, workspace: workspace}, nil
}

// shelf is the terms of one workspace at one moment, as far as they were read.
type shelf struct {
	terms Terms
	state engine.TermState
	kept  postingCache

	mu    sync.Mutex
	stats *statistics
	known map[uint32]hit // by number
}

// reading is one query's use of a shelf.
type reading struct {
	*shelf
	workspace string
	lenient   bool // terms that have moved are taken as they are
}

var (
	_ finder = (*reading)(nil)
	_ lists  = (*reading)(nil)
)

// read returns err unless it is one that does not matter.
func (r *reading) read(err error) error {
	if r.lenient && errors.Is(err, engine.ErrTermsMoved) {
		return nil
	}
	return err
}

func (r *reading) statistics(ctx context.Context, l *Lexicon, _ string) (*statistics, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stats != nil && r.stats.lex == l {
		return r.stats, nil
	}
	s := &statistics{docs: r.state.Passages, terms: map[uint64]termStats{}, weak: l.weakHashes, lex: l}
	if s.docs > 0 {
		counts, err := r.terms.Counts(ctx, r.state)
		if err := r.read(err); err != nil {
			return nil, err
		}
		s.terms = make(map[uint64]termStats, len(counts))
		for _, c := range counts {
			s.terms[c.Term] = termStats{df: int32(c.Passages)}
		}
		s.finish(l)
	}
	r.stats = s
	return s, nil
}

func (r *reading) search(ctx context.Context, l *Lexicon, _ string, q *query, s *statistics) (map[engine.PassageKind][]hit, error) {
	return search(ctx, r, l, q, s)
}

func (r *reading) prepare(ctx context.Context, wanted []listName) error {
	var names []listName
	var lists []engine.TermList
	for _, l := range wanted {
		if _, ok := r.kept.get(r.shelf, l); !ok {
			names = append(names, l)
			lists = append(lists, l.stored())
		}
	}
	if len(lists) == 0 {
		return nil
	}
	found, err := r.terms.Lists(ctx, r.state, lists)
	if err := r.read(err); err != nil {
		return err
	}
	for i, list := range found {
		r.kept.put(r.shelf, names[i], list)
	}
	return nil
}

// stored names the list as the database knows it.
func (l listName) stored() engine.TermList {
	fields := map[string]int{fieldKey: engine.TermsOfKeys, fieldEntry: engine.TermsOfEntries, fieldControl: engine.TermsOfControls}
	return engine.TermList{Field: fields[l.field], Term: hash64(l.term)}
}

func (r *reading) passages(ctx context.Context, l listName) ([]uint32, error) {
	if list, ok := r.kept.get(r.shelf, l); ok {
		return list, nil
	}
	found, err := r.terms.Lists(ctx, r.state, []engine.TermList{l.stored()})
	if err := r.read(err); err != nil {
		return nil, err
	}
	r.kept.put(r.shelf, l, found[0])
	return found[0], nil
}

// having reads the whole list: it is a few hundred bytes for each 4,096 passages.
func (r *reading) having(ctx context.Context, l listName, numbers []uint32) ([]uint32, error) {
	list, err := r.passages(ctx, l)
	if err != nil {
		return nil, err
	}
	return intersect(numbers, list), nil
}

func (r *reading) names(ctx context.Context, numbers []uint32, most int) ([]hit, error) {
	out := make([]hit, 0, min(len(numbers), most))
	missing := numbers
	if len(numbers) <= most {
		missing = make([]uint32, 0, len(numbers))
		r.mu.Lock()
		for _, n := range numbers {
			if h, ok := r.known[n]; ok {
				out = append(out, h)
			} else {
				missing = append(missing, n)
			}
		}
		r.mu.Unlock()
	}
	if len(missing) == 0 {
		return out, nil
	}
	found, err := r.terms.Passages(ctx, r.state, missing, most)
	if err := r.read(err); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known)+len(found) > maxKnown {
		clear(r.known)
	}
	for _, p := range found {
		h := hit{p.Number, passageID(r.workspace, p.Kind, p.ID), p.Version}
		r.known[p.Number] = h
		out = append(out, h)
	}
	return out, nil
}
