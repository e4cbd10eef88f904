package index

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	bleveindex "github.com/blevesearch/bleve_index_api"

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
	ctx    context.Context
	reader bleveindex.IndexReader
	field  string
	prefix string
	lists  map[string][]uint32 // postings by term
	exact  []uint32            // found by a key
	tally  *tally
	cache  *postingCache // of the view that the reader belongs to
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

// find returns the ids of at most maxCandidates passages: those found by a
// key first, then by the weight of the terms and concepts they share with
// the query, equal ones by id.
func (c *candidates) find(l *Lexicon, q *query, s *statistics) ([]string, error) {
	c.lists = map[string][]uint32{}
	c.tally = tallies.Get().(*tally) //nolint:forcetypeassert // the pool holds nothing else
	c.tally.reset()
	defer tallies.Put(c.tally)
	for _, k := range q.keys() {
		list, err := postings(c.ctx, c.reader, fieldKey, c.prefix+k)
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

// addTerms adds the rarest terms that the library has.
func (c *candidates) addTerms(terms []string, s *statistics) error {
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
	read := 0
	for i, t := range known[:min(len(known), maxQueryTerms)] {
		if read += s.df(hash64(t)); i >= minQueryTerms && read > maxRead {
			break
		}
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
	order := make([]string, 0, 4)
	for _, t := range tokens {
		if s.df(hash64(t)) == 0 {
			return nil, nil
		}
		order = append(order, t)
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Compare(s.df(hash64(a)), s.df(hash64(b))) })
	if s.df(hash64(order[0])) > max(maxCandidates, s.docs/maxExpansionShare) {
		return nil, nil
	}
	out, err := c.postings(order[0])
	for _, t := range order[1:] {
		if err != nil || len(out) == 0 {
			return nil, err
		}
		if _, read := c.lists[t]; !read && s.df(hash64(t)) > len(out)*sparseShare {
			out, err = having(c.ctx, c.reader, c.field, c.prefix+t, out)
			continue
		}
		var list []uint32
		list, err = c.postings(t)
		out = intersect(out, list)
	}
	return out, err
}

func (c *candidates) postings(term string) ([]uint32, error) {
	if list, ok := c.lists[term]; ok {
		return list, nil
	}
	key := c.field + separator + c.prefix + term
	list, ok := c.cache.get(c.reader, key)
	if !ok {
		var err error
		if list, err = postings(c.ctx, c.reader, c.field, c.prefix+term); err != nil {
			return nil, err
		}
		c.cache.put(c.reader, key, list)
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
	id     string
}

// best returns the ids of the candidates with the highest weights.
func (c *candidates) best() ([]string, error) {
	ids := make([]string, 0, maxCandidates)
	for _, n := range c.exact {
		id, err := c.id(n)
		if err != nil {
			return nil, err
		}
		// A key is found in both kinds; the other kind has its own turn.
		if kind, _ := splitPassageID(id); fieldOf(kind) == c.field && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = ids[:min(len(ids), maxCandidates)]
	exact := len(ids)
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
		if len(ids) < maxCandidates && !slices.Contains(ids[:exact], x.id) {
			ids = append(ids, x.id)
		}
	}
	return ids, nil
}

// heaviest returns the maxCandidates heaviest passages and those that weigh
// as much as the last of them, as many again at most.
func (c *candidates) heaviest() ([]candidate, error) {
	least := c.tally.threshold(maxCandidates)
	list := make([]candidate, 0, maxCandidates+16)
	ties := 0
	for _, n := range c.tally.seen {
		w := c.tally.weight[n]
		if w < least {
			continue
		}
		if w == least && least > 0 {
			if ties++; ties > maxCandidates {
				continue
			}
		}
		id, err := c.id(n)
		if err != nil {
			return nil, err
		}
		list = append(list, candidate{w, id})
	}
	return list, nil
}

func (c *candidates) id(number uint32) (string, error) {
	return c.reader.ExternalID(bleveindex.NewIndexInternalID(nil, uint64(number)))
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

// search returns the ids of the candidates of both kinds.
func (g *generation) search(ctx context.Context, l *Lexicon, workspace string, q *query, s *statistics) (map[engine.PassageKind][]string, error) {
	out := map[engine.PassageKind][]string{}
	cache := &g.view.Load().lists
	err := g.read(ctx, func(r bleveindex.IndexReader) error {
		for _, kind := range []engine.PassageKind{engine.PassageEntry, engine.PassageControl} {
			if err := ctx.Err(); err != nil {
				return err
			}
			c := candidates{ctx: ctx, reader: r, field: fieldOf(kind), prefix: scope(workspace), cache: cache}
			ids, err := c.find(l, q, s)
			if err != nil {
				return err
			}
			out[kind] = ids
		}
		return nil
	})
	return out, err
}
