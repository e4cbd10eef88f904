package index

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	blevequery "github.com/blevesearch/bleve/v2/search/query"
	bleveindex "github.com/blevesearch/bleve_index_api"

	"vouch/engine"
)

// noDocument stands for the document in the one line of a query without a
// relevant document.
const noDocument = "NONE"

// maxGrade bounds grades, so that gains stay finite and files that hold
// something else are noticed.
const maxGrade = 10

// Judgment says how well a document answers a query.
type Judgment struct {
	Query    string
	Document string // "" says that no document is relevant
	Grade    int    // 0 is not relevant, 1 answers partly, 2 answers; 10 at most
}

// Judgments are what people judged, in the order of their file. No document
// is judged twice for one query.
type Judgments []Judgment

// ReadJudgments reads one judgment a line: query id, document id and grade,
// parted by tabs, without headings. A query for which nothing is relevant has
// the one line "NONE 0". An error names the line and none of its content.
func ReadJudgments(r io.Reader) (Judgments, error) {
	var out Judgments
	seen := map[[2]string]bool{}
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimRight(sc.Text(), "\r\n")
		if n == 1 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		j, why := parseJudgment(line)
		if why == "" && seen[[2]string{j.Query, j.Document}] {
			why = "judges what a line above has judged"
		}
		if why != "" {
			return nil, fmt.Errorf("line %d %s", n, why)
		}
		seen[[2]string{j.Query, j.Document}] = true
		out = append(out, j)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read judgments: %w", err)
	}
	return out, nil
}

// parseJudgment reads one line, or returns what is wrong with it.
func parseJudgment(line string) (j Judgment, why string) {
	parts := strings.Split(line, "\t")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return j, "is not a query id, a document id and a grade parted by tabs"
	}
	grade, err := strconv.Atoi(strings.TrimSpace(parts[2]))
	if err != nil || grade < 0 || grade > maxGrade {
		return j, fmt.Sprintf("has a grade that is no whole number from 0 to %d", maxGrade)
	}
	if parts[1] == noDocument {
		return Judgment{Query: parts[0]}, ""
	}
	return Judgment{parts[0], parts[1], grade}, ""
}

// Grades returns the grades above 0 by query and document. Every query that
// was judged is there, with an empty map if nothing is relevant.
func (js Judgments) Grades() map[string]map[string]int {
	out := map[string]map[string]int{}
	for _, j := range js {
		if out[j.Query] == nil {
			out[j.Query] = map[string]int{}
		}
		if j.Document != "" && j.Grade > 0 {
			out[j.Query][j.Document] = j.Grade
		}
	}
	return out
}

// Unknown returns the ids of queries and of documents that were judged and
// are not among those given, each once, in the order of the judgments.
func (js Judgments) Unknown(queries, documents map[string]bool) (q, d []string) {
	seenQ, seenD := map[string]bool{}, map[string]bool{}
	for _, j := range js {
		if !queries[j.Query] && !seenQ[j.Query] {
			seenQ[j.Query] = true
			q = append(q, j.Query)
		}
		if j.Document != "" && !documents[j.Document] && !seenD[j.Document] {
			seenD[j.Document] = true
			d = append(d, j.Document)
		}
	}
	return q, d
}

// NDCG is the normalised discounted cumulative gain of the first k documents,
// 0 to 1:
//
//	DCG@k  = Σ (2^grade(i) − 1) / log₂(i+1)   over ranks i = 1 … k
//	nDCG@k = DCG@k / DCG@k of the best order there is
//
// with the exponential gain of Burges et al., Learning to Rank using Gradient
// Descent (2005), on the measure of Järvelin and Kekäläinen, Cumulated
// Gain-based Evaluation of IR Techniques (2002). grades holds the grade of
// each relevant document; ranked names no document twice. It is 0 if nothing
// is relevant.
func NDCG(ranked []string, grades map[string]int, k int) float64 {
	best := make([]int, 0, len(grades))
	for _, g := range grades {
		best = append(best, g)
	}
	slices.SortFunc(best, func(a, b int) int { return cmp.Compare(b, a) })
	got := make([]int, 0, k)
	for _, id := range ranked[:min(k, len(ranked))] {
		got = append(got, grades[id])
	}
	ideal := discounted(best[:min(k, len(best))])
	if ideal == 0 {
		return 0
	}
	return discounted(got) / ideal
}

// discounted is the discounted cumulative gain of grades in their order.
func discounted(grades []int) (sum float64) {
	for i, g := range grades {
		sum += (math.Exp2(float64(g)) - 1) / math.Log2(float64(i)+2)
	}
	return sum
}

// Recall is the share of the relevant documents that are among the first k of
// ranked, 0 to 1; 0 if nothing is relevant. With more than k relevant
// documents it cannot reach 1.
func Recall(ranked []string, grades map[string]int, k int) float64 {
	if len(grades) == 0 {
		return 0
	}
	found := 0
	for _, id := range ranked[:min(k, len(ranked))] {
		if grades[id] > 0 {
			found++
		}
	}
	return float64(found) / float64(len(grades))
}

// ReciprocalRank is 1/i for the first relevant document at rank i, counted
// from 1, over all of ranked; 0 if there is none. Its mean over queries is the
// MRR (Voorhees, The TREC-8 Question Answering Track Report, 1999).
func ReciprocalRank(ranked []string, grades map[string]int) float64 {
	for i, id := range ranked {
		if grades[id] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// Hit is 1 if one of the first k of ranked is relevant, else 0.
func Hit(ranked []string, grades map[string]int, k int) float64 {
	if ReciprocalRank(ranked[:min(k, len(ranked))], grades) > 0 {
		return 1
	}
	return 0
}

// Resamples is how many resamples the intervals of [EvaluateRetrieval] rest
// on, BootstrapSeed what they begin with: figures are the same on every run.
const (
	Resamples     = 1000
	BootstrapSeed = 1
)

// Interval is a mean with the bounds of its 95 % interval, all in the unit of
// what was averaged.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Bootstrap returns the mean of values with its 95 % interval by the
// percentile method (Efron and Tibshirani, An Introduction to the Bootstrap,
// 1993, section 13.3): of the means of B resamples of len(values) each, drawn
// with replacement, in ascending order, the bounds are number B·0.025 and
// number B·0.975. It assumes that the values are independent: questions that
// say nearly the same make the interval too narrow. The same seed and number
// of values draw the same resamples. No values give zeros.
func Bootstrap(values []float64, resamples int, seed uint64) Interval {
	if len(values) == 0 {
		return Interval{}
	}
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // resampling, no secret; the same on every run on purpose
	means := make([]float64, max(resamples, 1))
	for i := range means {
		sum := 0.0
		for range values {
			sum += values[r.IntN(len(values))]
		}
		means[i] = sum / float64(len(values))
	}
	slices.Sort(means)
	at := func(share float64) float64 {
		i := int(math.Round(share*float64(len(means)))) - 1
		return means[min(max(i, 0), len(means)-1)]
	}
	return Interval{mean(values), at(0.025), at(0.975)}
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// RetrievalFigures are the means over the queries that have a relevant
// document; each is 0 to 1.
type RetrievalFigures struct {
	Queries  int      `json:"queries"` // how many those are
	NDCG10   Interval `json:"ndcg_10"`
	Recall5  Interval `json:"recall_5"`
	Recall10 Interval `json:"recall_10"`
	MRR      Interval `json:"mrr"`
	Hit1     Interval `json:"hit_1"`
	Hit5     Interval `json:"hit_5"`
}

// EvaluateRetrieval measures rankings, by query and best first, against
// grades as [Judgments.Grades] returns them. A query without a ranking counts
// as one that found nothing; one without a relevant document is left out.
func EvaluateRetrieval(grades map[string]map[string]int, rankings map[string][]string) RetrievalFigures {
	var judged []string
	for q, rel := range grades {
		if len(rel) > 0 {
			judged = append(judged, q)
		}
	}
	slices.Sort(judged) // the order decides what a seed draws
	figure := func(of func(ranked []string, rel map[string]int) float64) Interval {
		values := make([]float64, len(judged))
		for i, q := range judged {
			values[i] = of(rankings[q], grades[q])
		}
		return Bootstrap(values, Resamples, BootstrapSeed)
	}
	at := func(k int, of func([]string, map[string]int, int) float64) Interval {
		return figure(func(ranked []string, rel map[string]int) float64 { return of(ranked, rel, k) })
	}
	return RetrievalFigures{
		Queries: len(judged), NDCG10: at(10, NDCG), Recall5: at(5, Recall), Recall10: at(10, Recall),
		MRR: figure(ReciprocalRank), Hit1: at(1, Hit), Hit5: at(5, Hit),
	}
}

// Collection is a fixed set of entries and controls as the [Source] of an
// index in memory. Unlike a library it keeps entries that say the same apart.
type Collection struct {
	changes  []engine.Change
	entries  map[string]engine.Entry
	controls map[string]engine.Control
	tuning   engine.Tuning
}

// CollectionWorkspace is the workspace of every [Collection].
const CollectionWorkspace = "collection"

// NewCollection returns a collection of these entries and controls, whose ids
// and versions do not count.
func NewCollection(entries []engine.Entry, controls []engine.Control) *Collection {
	c := &Collection{entries: map[string]engine.Entry{}, controls: map[string]engine.Control{}}
	for _, e := range entries {
		e.ID, e.Version = c.add(engine.PassageEntry), 1
		c.entries[e.ID] = e
	}
	for _, k := range controls {
		k.ID, k.Version = c.add(engine.PassageControl), 1
		c.controls[k.ID] = k
	}
	return c
}

// add makes the change of a new passage and returns the passage's id.
func (c *Collection) add(kind engine.PassageKind) string {
	seq := int64(len(c.changes) + 1)
	id := fmt.Sprintf("%09d", seq)
	c.changes = append(c.changes, engine.Change{Seq: seq, Workspace: CollectionWorkspace, Kind: kind, ID: id})
	return id
}

// Changes implements [Source].
func (c *Collection) Changes(_ context.Context, after int64, limit int) ([]engine.Change, error) {
	first := min(max(int(after), 0), len(c.changes))
	return slices.Clone(c.changes[first:min(first+max(limit, 0), len(c.changes))]), nil
}

// LastChange implements [Source].
func (c *Collection) LastChange(context.Context) (int64, error) { return int64(len(c.changes)), nil }

// Entries implements [Source].
func (c *Collection) Entries(_ context.Context, workspace string, ids []string) ([]engine.Entry, error) {
	return pick(c.entries, workspace, ids), nil
}

// Controls implements [Source].
func (c *Collection) Controls(_ context.Context, workspace string, ids []string) ([]engine.Control, error) {
	return pick(c.controls, workspace, ids), nil
}

// Tuning implements [Source]: what Tune was given.
func (c *Collection) Tuning(context.Context, string) (engine.Tuning, error) {
	return c.tuning, nil
}

// Tune sets the collection's tuning, before it is opened, and returns the
// collection.
func (c *Collection) Tune(t engine.Tuning) *Collection {
	c.tuning = t
	return c
}

func pick[T any](all map[string]T, workspace string, ids []string) (out []T) {
	for _, id := range ids {
		if x, ok := all[id]; ok && workspace == CollectionWorkspace {
			out = append(out, x)
		}
	}
	return out
}

// BaselineKind says which plain search a baseline is.
type BaselineKind string

// The baselines.
const (
	// BaselineDefault is bleve as it comes, over questions, or titles and
	// descriptions of controls: its English analyzer, a match query, its
	// default scoring (tf-idf).
	BaselineDefault BaselineKind = "bleve default"

	// BaselineTuned is bleve over all the texts that the index reads, with the
	// tokens of our [Analyzer] and bleve's BM25, k₁ 1.2 and b 0.75.
	BaselineTuned BaselineKind = "bleve tuned"
)

// Baseline is a plain full-text search to compare the index with. It is in
// memory, one segment, so that scores do not depend on how it was built.
type Baseline struct {
	bleve  bleve.Index
	tokens func(text string) []string // nil: bleve analyses
}

// baselineField is the one field of a document of a baseline.
const baselineField = "text"

// OpenBaseline makes a baseline of entries, known by Source.Ref, and controls,
// known by Ref. No two have the same.
func OpenBaseline(kind BaselineKind, entries []engine.Entry, controls []engine.Control) (*Baseline, error) {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = en.AnalyzerName
	b := &Baseline{}
	if kind == BaselineTuned {
		lex, err := DefaultLexicon()
		if err != nil {
			return nil, err
		}
		b.tokens = lex.analyzer.Tokens
		m.DefaultAnalyzer, m.ScoringModel = keyword.Name, bleveindex.BM25Scoring
	}
	if err := guard(func() error { return b.build(m, entries, controls) }); err != nil {
		_ = b.Close() // the first error is the one to report
		return nil, fmt.Errorf("make the baseline %s: %w", kind, err)
	}
	return b, nil
}

// build indexes everything in one batch.
func (b *Baseline) build(m *mapping.IndexMappingImpl, entries []engine.Entry, controls []engine.Control) (err error) {
	if b.bleve, err = bleve.NewUsing("", m, scorch.Name, scorch.Name, nil); err != nil {
		return err
	}
	batch := b.bleve.NewBatch()
	for i := range entries {
		if err := batch.Index(entries[i].Source.Ref, b.document(entryFields(&entries[i]))); err != nil {
			return err
		}
	}
	for i := range controls {
		if err := batch.Index(controls[i].Ref, b.document(controlFields(&controls[i]))); err != nil {
			return err
		}
	}
	return b.bleve.Batch(batch)
}

// document is what bleve gets of f.
func (b *Baseline) document(f fields) map[string]any {
	if b.tokens == nil {
		return map[string]any{baselineField: f.head}
	}
	return map[string]any{baselineField: b.tokens(joinTexts(f.head, f.body, f.section))}
}

// Ranked is a document in a ranking. Scores fall along one ranking and mean
// nothing across rankings.
type Ranked struct {
	ID    string
	Score float64
}

// Rank returns the documents that share a token with text, best first, ties
// by id, at most limit.
func (b *Baseline) Rank(ctx context.Context, text string, limit int) ([]Ranked, error) {
	req := bleve.NewSearchRequestOptions(b.query(text), limit, 0, false)
	req.SortBy([]string{"-_score", "_id"})
	var out []Ranked
	err := guard(func() error {
		res, err := b.bleve.SearchInContext(ctx, req)
		if err != nil {
			return err
		}
		for _, h := range res.Hits {
			out = append(out, Ranked{h.ID, h.Score})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search the baseline: %w", err)
	}
	return out, nil
}

// query is the query for text: what bleve makes of it, or any of our tokens.
func (b *Baseline) query(text string) blevequery.Query {
	if b.tokens == nil {
		q := bleve.NewMatchQuery(text)
		q.SetField(baselineField)
		return q
	}
	var terms []blevequery.Query
	for _, t := range b.tokens(text) {
		q := bleve.NewTermQuery(t)
		q.SetField(baselineField)
		terms = append(terms, q)
	}
	if len(terms) == 0 {
		return bleve.NewMatchNoneQuery()
	}
	return bleve.NewDisjunctionQuery(terms...)
}

// Close lets go of the baseline's memory.
func (b *Baseline) Close() error {
	if b.bleve == nil {
		return nil
	}
	return b.bleve.Close()
}
