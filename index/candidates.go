package index

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"vouch/engine"
)

// How many terms, phrases and passages the search for candidates takes.
const (
	maxCandidates  = 100 // of each kind
	maxQueryTerms  = 8   // the rarest of the query
	maxExpansions  = 40  // phrases of the query's concepts
	expandedWeight = 0.6 // of a concept's idf, against 1 for a term of the query itself

	minQueryTerms = 3       // are read however common they are
	maxRead       = 150_000 // passages in the lists of a query's terms, and again of its concepts; the rarest come first

	sparseShare       = 4  // a term so many times as common as what is left is looked up, not read
	maxExpansionShare = 20 // a phrase that more than one in so many passages may have is not searched for
)

// candidates finds the passages of one kind worth comparing.
type candidates struct {
	ctx   context.Context
	from  lists
	field string
	lists map[string][]uint32 // postings by term
	exact []uint32            // found by a key
	tally *tally
}

// lists are the passages of each term in one workspace, as they are at one
// moment. Passages are numbers there, which mean nothing elsewhere; what is
// found depends on them in no way. All there is to the two places that
// passages are found in, bleve and a database, is behind it.
type lists interface {
	// prepare says what is read next, for those who can read it in one go.
	prepare(ctx context.Context, wanted []listName) error

	// passages returns the numbers of those that have a term, rising. Nobody
	// may change the list.
	passages(ctx context.Context, l listName) ([]uint32, error)

	// having returns those of numbers, which rise, that have a term.
	having(ctx context.Context, l listName, numbers []uint32) ([]uint32, error)

	// names returns who numbers are, in any order, the first by id if there
	// are more than most. Who is gone is left out.
	names(ctx context.Context, numbers []uint32, most int) ([]hit, error)
}

// listName names a list.
type listName struct{ field, term string }

// hit is a passage that was found.
type hit struct {
	number  uint32
	id      string // among all workspaces
	version int    // that was analysed, 0 if that is not known
}

// tally adds up weights by passage number.
type tally struct {
	weight []float32
	round  []int32 // the last round in which the passage got something
	now    int32
	seen   []uint32 // numbers with a weight
}

// tallies are used again: their length is that of the index.
var tallies = sync.Pool{New: func() any { return &tally{} }}

// add gives w to each passage of list, once between two calls of next.
func (t *tally) add(list []uint32, w float32) {
	for _, n := range list {
		if int(n) >= len(t.weight) {
			grown := int(n) + int(n)/2 + 64
			t.weight = append(t.weight, make([]float32, grown-len(t.weight))...)
			t.round = append(t.round, make([]int32, grown-len(t.round))...)
		}
		if t.round[n] == t.now {
			continue
		}
		t.round[n] = t.now
		if t.weight[n] == 0 {
			t.seen = append(t.seen, n)
		}
		t.weight[n] += w
	}
}

func (t *tally) next() { t.now++ }

// reset makes t as new, in time that depends on what was seen only.
func (t *tally) reset() {
	for _, n := range t.seen {
		t.weight[n], t.round[n] = 0, 0
	}
	t.seen, t.now = t.seen[:0], 1
}

// threshold returns the weight of the k-th heaviest passage, 0 if there are
// not more than k.
func (t *tally) threshold(k int) float32 {
	if len(t.seen) <= k {
		return 0
	}
	heap := make([]float32, k) // a binary heap, the lightest on top
	for i, n := range t.seen {
		w := t.weight[n]
		switch {
		case i < k-1:
			heap[i] = w
		case i == k-1:
			heap[i] = w
			slices.Sort(heap)
		case w > heap[0]:
			heap[0] = w
			siftDown(heap)
		}
	}
	return heap[0]
}

func siftDown(heap []float32) {
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(heap) {
			return
		}
		if c+1 < len(heap) && heap[c+1] < heap[c] {
			c++
		}
		if heap[i] <= heap[c] {
			return
		}
		heap[i], heap[c] = heap[c], heap[i]
		i = c
	}
}

// find returns at most maxCandidates passages: those found by a key first, then
// by the weight of the terms and concepts they share with the query, equal ones
// by id.
func (c *candidates) find(l *Lexicon, q *query, s *statistics) ([]hit, error) {
	c.lists = map[string][]uint32{}
	c.tally = tallies.Get().(*tally) //nolint:forcetypeassert // the pool holds nothing else
	c.tally.reset()
	defer tallies.Put(c.tally)
	for _, k := range q.keys() {
		list, err := c.from.passages(c.ctx, listName{fieldKey, k})
		if err != nil {
			return nil, err
		}
		c.exact = append(c.exact, list...)
	}
	if err := c.addTerms(q.head, s); err != nil {
		return nil, err
	}
	if err := c.addConcepts(l, q, s); err != nil {
		return nil, err
	}
	return c.best()
}

// rarest returns the terms that candidates are searched by: the rarest that the
// library has, the first ones however common they are.
func rarest(terms []string, s *statistics) []string {
	known := make([]string, 0, len(terms))
	for _, t := range terms {
		if s.df(hash64(t)) > 0 && !slices.Contains(known, t) {
			known = append(known, t)
		}
	}
	slices.SortFunc(known, func(a, b string) int {
		if d := cmp.Compare(s.idf(hash64(b)), s.idf(hash64(a))); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	known = known[:min(len(known), maxQueryTerms)]
	read := 0
	for i, t := range known {
		if read += s.df(hash64(t)); i >= minQueryTerms && read > maxRead {
			return known[:i]
		}
	}
	return known
}

// addTerms adds the rarest terms that the library has.
func (c *candidates) addTerms(terms []string, s *statistics) error {
	for _, t := range rarest(terms, s) {
		list, err := c.postings(t)
		if err != nil {
			return err
		}
		c.tally.next()
		c.tally.add(list, float32(s.idf(hash64(t))))
	}
	return nil
}

// addConcepts adds what the query's concepts are called otherwise. A passage
// gets the weight of a concept once, however many of its phrases it has.
func (c *candidates) addConcepts(l *Lexicon, q *query, s *statistics) error {
	left, read := maxExpansions, 0
	for _, id := range q.doc.concepts {
		c.tally.next()
		for _, p := range l.concepts[id].phrases {
			list, err := c.all(p, s)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				continue
			}
			c.tally.add(list, float32(expandedWeight*s.concept[id]))
			read += len(list)
			if left--; left == 0 || read > maxRead {
				return nil
			}
		}
	}
	return nil
}

// all returns the passages that have every token; none if one is unknown to
// the library or if the rarest is too common to tell anything.
func (c *candidates) all(tokens []string, s *statistics) ([]uint32, error) {
	order := telling(tokens, s)
	if len(order) == 0 {
		return nil, nil
	}
	out, err := c.postings(order[0])
	for _, t := range order[1:] {
		if err != nil || len(out) == 0 {
			return nil, err
		}
		if _, read := c.lists[t]; !read && s.df(hash64(t)) > len(out)*sparseShare {
			out, err = c.from.having(c.ctx, listName{c.field, t}, out)
			continue
		}
		var list []uint32
		list, err = c.postings(t)
		out = intersect(out, list)
	}
	return out, err
}

// telling returns the tokens, the rarest first; none if one is unknown to the
// library or if the rarest is too common to tell anything.
func telling(tokens []string, s *statistics) []string {
	order := make([]string, 0, 4)
	for _, t := range tokens {
		if s.df(hash64(t)) == 0 {
			return nil
		}
		order = append(order, t)
	}
	slices.SortFunc(order, func(a, b string) int {
		if d := cmp.Compare(s.df(hash64(a)), s.df(hash64(b))); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	if len(order) > 0 && s.df(hash64(order[0])) > max(maxCandidates, s.docs/maxExpansionShare) {
		return nil
	}
	return order
}

func (c *candidates) postings(term string) ([]uint32, error) {
	if list, ok := c.lists[term]; ok {
		return list, nil
	}
	list, err := c.from.passages(c.ctx, listName{c.field, term})
	if err != nil {
		return nil, err
	}
	c.lists[term] = list
	return list, nil
}

func intersect(a, b []uint32) []uint32 {
	out := make([]uint32, 0, min(len(a), len(b)))
	for i, k := 0, 0; i < len(a) && k < len(b); {
		switch {
		case a[i] < b[k]:
			i++
		case a[i] > b[k]:
			k++
		default:
			out = append(out, a[i])
			i, k = i+1, k+1
		}
	}
	return out
}

// candidate is a passage with the weight it was found by.
type candidate struct {
	weight float32
	hit
}

// best returns the candidates with the highest weights.
func (c *candidates) best() ([]hit, error) {
	byKey, err := c.from.names(c.ctx, c.exact, len(c.exact))
	if err != nil {
		return nil, err
	}
	out := make([]hit, 0, maxCandidates)
	for _, p := range byKey {
		// A key is found in both kinds; the other kind has its own turn.
		if kind, _ := splitPassageID(p.id); fieldOf(kind) == c.field {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b hit) int { return strings.Compare(a.id, b.id) })
	out = slices.CompactFunc(out, func(a, b hit) bool { return a.id == b.id })
	out = out[:min(len(out), maxCandidates)]
	exact := len(out)
	list, err := c.heaviest()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b candidate) int {
		if d := cmp.Compare(b.weight, a.weight); d != 0 {
			return d
		}
		return strings.Compare(a.id, b.id)
	})
	for _, x := range list {
		if len(out) < maxCandidates && !slices.ContainsFunc(out[:exact], func(p hit) bool { return p.id == x.id }) {
			out = append(out, x.hit)
		}
	}
	return out, nil
}

// heaviest returns the maxCandidates heaviest passages, more if some of those
// that weigh as much as the last of them come before it by id: as many of these
// as could be taken, so that the choice is the same wherever passages are kept.
func (c *candidates) heaviest() ([]candidate, error) {
	least := c.tally.threshold(maxCandidates)
	var above, level []uint32
	for _, n := range c.tally.seen {
		switch w := c.tally.weight[n]; {
		case w > least:
			above = append(above, n)
		case w == least:
			level = append(level, n)
		}
	}
	list := make([]candidate, 0, len(above)+maxCandidates)
	for _, numbers := range [][]uint32{above, level} {
		found, err := c.from.names(c.ctx, numbers, maxCandidates)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			list = append(list, candidate{c.tally.weight[p.number], p})
		}
	}
	return list, nil
}

// keys returns the keys that a query names: its own question, and the
// control ids and criteria in its text.
func (q *query) keys() []string {
	keys := []string{questionKey(q.key)}
	for _, t := range q.ids {
		keys = append(keys, refKey(t), criterionKey(t))
	}
	return keys
}

// passageKinds are searched in this order.
var passageKinds = []engine.PassageKind{engine.PassageEntry, engine.PassageControl}

// search returns the candidates of both kinds.
func search(ctx context.Context, from lists, l *Lexicon, q *query, s *statistics) (map[engine.PassageKind][]hit, error) {
	if err := from.prepare(ctx, wanted(l, q, s)); err != nil {
		return nil, err
	}
	out := map[engine.PassageKind][]hit{}
	for _, kind := range passageKinds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := candidates{ctx: ctx, from: from, field: fieldOf(kind)}
		found, err := c.find(l, q, s)
		if err != nil {
			return nil, err
		}
		out[kind] = found
	}
	return out, nil
}

// wanted names the lists that a search is nearly sure to read: those of the
// keys, of the rarest terms, and of what is rarest in each phrase of its
// concepts. What else a phrase needs is known when that has been read.
func wanted(l *Lexicon, q *query, s *statistics) []listName {
	var names []listName
	for _, k := range q.keys() {
		names = append(names, listName{fieldKey, k})
	}
	terms := slices.Clone(rarest(q.head, s))
	left := maxExpansions
	for _, id := range q.doc.concepts {
		for _, p := range l.concepts[id].phrases {
			order := telling(p, s)
			if len(order) == 0 || left == 0 {
				continue
			}
			left--
			for i, t := range order {
				if i > 0 && s.df(hash64(t)) > sparseShare*s.df(hash64(order[0])) {
					break
				}
				terms = append(terms, t)
			}
		}
	}
	slices.Sort(terms)
	for _, t := range slices.Compact(terms) {
		for _, kind := range passageKinds {
			names = append(names, listName{fieldOf(kind), t})
		}
	}
	return names
}
