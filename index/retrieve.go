package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vouch/engine"
)

// defaultLimit is how many passages of each kind are returned when the query
// does not say.
const defaultLimit = 10

// scored is a candidate that was compared with the query.
type scored struct {
	id                string // of the passage among all workspaces
	doc               *document
	features          features
	score             float64
	confidence        float64
	verdictConfidence float64
	notes             []string

	entry   *engine.Entry // the text as it is now; one of the two
	control *engine.Control
}

// exact reports whether s is an entry that asks q word for word.
func (s *scored) exact(q *query) bool {
	return s.entry != nil && q.text != "" && s.doc.key == q.key && s.entry.Key() == q.text
}

// Retrieve returns the passages of a workspace for q, entries before
// controls, each kind best first. It implements [engine.Retriever]. What it
// returns is as the source has it now: a passage that was changed since the
// last Sync is compared anew, one that was removed is not returned. A damaged
// index is rebuilt, and the query answered from the new one.
func (x *Index) Retrieve(ctx context.Context, workspace string, q engine.Query) ([]engine.Passage, error) {
	const attempts = 3 // one rebuild, and one swap by another goroutine
	var err error
	if x.shared != nil {
		if x.done.Load() {
			return nil, ErrClosed
		}
		list, err := x.retrieveShared(ctx, workspace, q)
		if err != nil {
			return nil, fmt.Errorf("retrieve passages: %w", err)
		}
		return list, nil
	}
	for range attempts {
		if x.done.Load() {
			return nil, ErrClosed
		}
		g := x.gen.Load()
		var list []engine.Passage
		if list, err = x.retrieve(ctx, g, workspace, q); err == nil {
			return list, nil
		}
		if errors.Is(err, errDamaged) {
			if err := x.repair(ctx, g, err); err != nil {
				return nil, fmt.Errorf("retrieve passages: %w", err)
			}
			continue
		}
		if !errors.Is(err, errReplaced) {
			break
		}
	}
	if x.done.Load() {
		return nil, ErrClosed
	}
	return nil, fmt.Errorf("retrieve passages: %w", err)
}

// finder knows which passages have which terms: a generation, or a shelf.
type finder interface {
	// statistics returns how often terms occur in a workspace.
	statistics(ctx context.Context, l *Lexicon, workspace string) (*statistics, error)

	// search returns the candidates of both kinds for a query.
	search(ctx context.Context, l *Lexicon, workspace string, q *query, s *statistics) (map[engine.PassageKind][]hit, error)
}

func (x *Index) retrieve(ctx context.Context, g finder, workspace string, eq engine.Query) ([]engine.Passage, error) {
	if workspace == "" || strings.Contains(workspace, separator) {
		return nil, nil
	}
	limit := eq.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	t, err := x.tuning(ctx, workspace)
	if err != nil {
		return nil, err
	}
	s, err := g.statistics(ctx, t.lex, workspace)
	if err != nil || s.docs == 0 {
		return nil, err
	}
	q := t.lex.newQuery(eq, s)
	found, err := g.search(ctx, t.lex, workspace, q, s)
	if err != nil {
		return nil, err
	}
	var out []engine.Passage
	for _, kind := range passageKinds {
		r := ranking{x: x, tuned: t, q: q, s: s, group: group{workspace, kind}, limit: limit}
		if err := r.run(ctx, found[kind]); err != nil {
			return nil, err
		}
		out = append(out, r.passages()...)
	}
	return out, nil
}

// ranking orders the candidates of one kind for one query.
type ranking struct {
	x     *Index
	tuned *tuned
	q     *query
	s     *statistics
	group group
	limit int
	list  []scored
}

// run compares the candidates, and keeps the best with their texts.
func (r *ranking) run(ctx context.Context, found []hit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	docs, texts, err := r.documents(ctx, found)
	if err != nil {
		return err
	}
	r.compare(found, docs)
	return r.settle(ctx, texts)
}

// spare is how many passages more than asked for are kept until their texts
// are read: some may have changed since the last Sync.
const spare = 4

// compare keeps the best candidates, best first. A candidate whose cheap
// features leave it behind them whatever the others are is not compared
// further.
func (r *ranking) compare(found []hit, docs []*document) {
	type bounded struct {
		scored
		most float64 // the logit at best
	}
	all := make([]bounded, 0, len(found))
	for i, d := range docs {
		if d == nil {
			continue
		}
		c := bounded{scored: scored{id: found[i].id, doc: d, features: compareCheap(r.q, d, r.s)}}
		c.most = rankLogit(&c.features) + rankWeights[featGrams]
		if d.key == r.q.key {
			c.most = math.Inf(1)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b bounded) int {
		if d := cmp.Compare(b.most, a.most); d != 0 {
			return d
		}
		return strings.Compare(a.id, b.id)
	})
	keep := max(r.limit, voters) + spare
	r.list = make([]scored, 0, keep+1)
	for _, c := range all {
		if len(r.list) == keep && logistic(c.most) < r.list[keep-1].score {
			break
		}
		s := r.score(c.scored)
		at, _ := slices.BinarySearchFunc(r.list, s, better)
		r.list = slices.Insert(r.list, at, s)
		r.list = r.list[:min(len(r.list), keep)]
	}
}

// score compares one candidate with the query, but for the cheap features.
func (r *ranking) score(c scored) scored {
	c.notes = r.tuned.lex.compareRest(&c.features, r.q, c.doc)
	c.score = logistic(rankLogit(&c.features))
	if c.doc.key == r.q.key && c.doc.kind == engine.PassageEntry {
		c.score = 1
	}
	return c
}

// better orders by score, the highest first, equal ones by id.
func better(a, b scored) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return strings.Compare(a.id, b.id)
}

// texts are passages as the source has them, by the id within the workspace.
type texts struct {
	entries  map[string]*engine.Entry
	controls map[string]*engine.Control
}

func (t *texts) has(id string) bool { return t.entries[id] != nil || t.controls[id] != nil }

// load reads what t does not have yet of ids.
func (r *ranking) load(ctx context.Context, t *texts, ids []string) error {
	var missing []string
	for _, id := range ids {
		if !t.has(id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if r.group.kind == engine.PassageControl {
		list, err := r.x.source.Controls(ctx, r.group.workspace, missing)
		for i := range list {
			t.controls[list[i].ID] = &list[i]
		}
		return err
	}
	list, err := r.x.source.Entries(ctx, r.group.workspace, missing)
	for i := range list {
		t.entries[list[i].ID] = &list[i]
	}
	return err
}

// documents returns the analysed candidates, from the cache or else from the
// source, nil for those that are gone; and the texts it read for that.
func (r *ranking) documents(ctx context.Context, found []hit) ([]*document, *texts, error) {
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = p.id
	}
	t := &texts{map[string]*engine.Entry{}, map[string]*engine.Control{}}
	epoch := r.x.cache.now()
	docs := r.x.cache.get(ids)
	var missing []string
	for i, d := range docs {
		if d != nil && (d.lex != r.tuned.lex || d.version < found[i].version) { // from before the lexicon or the text changed
			docs[i] = nil
		}
		if docs[i] == nil {
			_, id := splitPassageID(ids[i])
			missing = append(missing, id)
		}
	}
	if err := r.load(ctx, t, missing); err != nil {
		return nil, nil, err
	}
	for i, d := range docs {
		if d != nil {
			continue
		}
		_, id := splitPassageID(ids[i])
		if docs[i] = r.analyse(t, id); docs[i] != nil {
			r.x.cache.put(epoch, ids[i], docs[i])
		}
	}
	return docs, t, nil
}

// analyse analyses a text that was read, nil if there is none.
func (r *ranking) analyse(t *texts, id string) *document {
	switch {
	case t.entries[id] != nil:
		return r.tuned.lex.analyseEntry(t.entries[id]).doc
	case t.controls[id] != nil:
		return r.tuned.lex.analyseControl(t.controls[id]).doc
	}
	return nil
}

// settle gives the best candidates their texts as they are now, compares
// those anew that have changed, and cuts the list to the limit.
func (r *ranking) settle(ctx context.Context, t *texts) error {
	ids := make([]string, len(r.list))
	for i := range r.list {
		_, ids[i] = splitPassageID(r.list[i].id)
	}
	if err := r.load(ctx, t, ids); err != nil {
		return err
	}
	kept := r.list[:0]
	for i, c := range r.list {
		if !t.has(ids[i]) {
			continue
		}
		e, k := t.entries[ids[i]], t.controls[ids[i]]
		if e != nil && e.Version != c.doc.version || k != nil && k.Version != c.doc.version {
			d := r.analyse(t, ids[i])
			c = r.score(scored{id: c.id, doc: d, features: compareCheap(r.q, d, r.s)})
		}
		c.entry, c.control = e, k
		kept = append(kept, c)
	}
	slices.SortFunc(kept, better)
	r.list = kept
	if r.group.kind == engine.PassageEntry {
		for i := range min(len(r.list), r.limit) {
			r.believe(i)
		}
		settleExact(r.q, r.list)
		slices.SortFunc(r.list, better)
	}
	r.list = r.list[:min(len(r.list), r.limit)]
	return nil
}

// passages returns the list as the engine has it.
func (r *ranking) passages() []engine.Passage {
	out := make([]engine.Passage, len(r.list))
	for i, c := range r.list {
		out[i] = engine.Passage{Kind: r.group.kind, Entry: c.entry, Control: c.control, Score: c.score, Confidence: c.confidence, VerdictConfidence: c.verdictConfidence, Notes: c.notes}
	}
	return out
}
