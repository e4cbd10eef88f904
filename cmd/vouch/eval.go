package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"

	"vouch/engine"
	"vouch/importers"
	"vouch/importers/atomicfile"
	"vouch/importers/list"
	"vouch/index"
)

// evalCmd measures vouch on somebody's own files and library. It works in
// memory and changes nothing in the data directory.
type evalCmd struct {
	Retrieval evalRetrievalCmd `cmd:"" help:"Measure how well evidence is found, against judgments of your own and beside plain full-text search."`
	Transfer  evalTransferCmd  `cmd:"" help:"Answer a questionnaire that you have answered, from others that you have answered, and compare the verdicts."`
	Workspace evalWorkspaceCmd `cmd:"" help:"Answer each approved questionnaire of the library from the others, and compare: how well vouch would do for you."`
}

// evalRetrievalCmd measures retrieval.
type evalRetrievalCmd struct {
	Corpus  string `required:"" help:"List of past answers, or of controls with --kind controls; each with an id." type:"path" placeholder:"FILE"`
	Queries string `required:"" help:"List of questions, each with an id; answers do not count." type:"path" placeholder:"FILE"`
	Qrels   string `required:"" help:"Judgments, one a line: question id, id in the corpus, grade (1 answers partly, 2 answers), parted by tabs; NONE and 0 where nothing in the corpus answers." type:"path" placeholder:"FILE"`
	Kind    string `help:"What the corpus is: entries (past answers) or controls." enum:"entries,controls" default:"entries"`
	RunOut  string `help:"Write the ranking to this file: question id, id in the corpus, rank, score, parted by tabs." type:"path" placeholder:"FILE"`
	Format  string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// evalDepth is how long a ranking is at most, and so how deep the MRR looks.
const evalDepth = 50

// evalQuestion is a question to measure with, and the verdict its file gives.
type evalQuestion struct {
	ref, place string
	query      engine.Query
	verdict    engine.Verdict
	entry      *engine.Entry // it was read from, nil for one without an answer
}

// retrievalReport is what eval retrieval prints.
type retrievalReport struct {
	Corpus    string         `json:"corpus"`
	Queries   string         `json:"queries"`
	Kind      string         `json:"kind"`
	Documents int            `json:"documents"`
	Questions int            `json:"questions"`
	Nothing   int            `json:"judged_without_relevant"` // left out of the figures
	Unjudged  int            `json:"not_judged"`              // left out of the figures
	Depth     int            `json:"depth"`
	Resamples int            `json:"resamples"`
	Systems   []systemReport `json:"systems"`
	Warnings  []string       `json:"warnings,omitempty"`

	run       bytes.Buffer    // the ranking of the index, as a run file
	wanted    map[string]bool // ids of questions
	known     map[string]bool // ids of documents
	judgments index.Judgments
	grades    map[string]map[string]int // by question and document
}

// systemReport is how one search did.
type systemReport struct {
	Name string `json:"name"`
	index.RetrievalFigures
}

// Run is called by kong.
func (c *evalRetrievalCmd) Run(ctx context.Context, g *global, t *terminal) error {
	if isOneOf(c.RunOut, []string{c.Corpus, c.Queries, c.Qrels}) {
		return usageError("--run-out is one of the files to read; give it another name")
	}
	corpus, err := c.readCorpus(ctx)
	if err != nil {
		return err
	}
	questions, err := readQuestions(ctx, c.Queries)
	if err != nil {
		return err
	}
	r, err := c.prepare(corpus, questions)
	if err != nil {
		return err
	}
	if !g.Quiet {
		warn(t, r.Warnings)
	}
	if err := c.measure(ctx, g, t, r, corpus, questions); err != nil {
		return err
	}
	if c.RunOut != "" {
		if err := atomicfile.WriteBytes(ctx, c.RunOut, r.run.Bytes()); err != nil {
			return err
		}
	}
	if c.Format == "json" {
		return writeJSON(t.out, r)
	}
	writeRetrieval(t, r)
	return nil
}

// isOneOf reports whether path names one of files.
func isOneOf(path string, files []string) bool {
	for _, f := range files {
		if same, err := sameFile(f, path); err == nil && same {
			return true
		}
	}
	return false
}

// warn prints one line for each warning.
func warn(t *terminal, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintln(t.err, "warning:", w)
	}
}

// readCorpus reads the corpus; every row has an id of its own.
func (c *evalRetrievalCmd) readCorpus(ctx context.Context) (importers.Library, error) {
	read := importers.ReadEntries
	if c.Kind == "controls" {
		read = importers.ReadControls
	}
	l, err := read(ctx, c.Corpus)
	if err != nil {
		return l, err
	}
	refs, places := refsOf(l)
	return l, checkRefs(c.Corpus, refs, places)
}

// refsOf returns the ids in a corpus, and where they stand.
func refsOf(l importers.Library) (refs, places []string) {
	for i := range l.Entries {
		refs, places = append(refs, l.Entries[i].Source.Ref), append(places, l.Entries[i].Source.Place)
	}
	for i := range l.Controls {
		refs, places = append(refs, l.Controls[i].Ref), append(places, l.Controls[i].Source.Place)
	}
	return refs, places
}

// checkRefs refuses a file in which an id is missing or given twice: nobody
// could say which row a judgment means.
func checkRefs(file string, refs, places []string) error {
	const do = "give every row an id of its own in a column named id"
	if len(refs) == 0 {
		return &engine.RefusedError{File: baseName(file), Is: "there are no rows in it that can be used", Do: "look at what is understood with \"vouch inspect\" or \"vouch library import\""}
	}
	seen := map[string]string{}
	for i, ref := range refs {
		if ref == "" {
			return &engine.RefusedError{File: baseName(file), Is: "there is no id at " + places[i], Do: do}
		}
		if at, twice := seen[ref]; twice {
			return &engine.RefusedError{File: baseName(file), Is: places[i] + " has the id of " + at, Do: do}
		}
		seen[ref] = places[i]
	}
	return nil
}

// readQuestions reads the questions of a list of past answers or of a
// questionnaire, filled or not.
func readQuestions(ctx context.Context, file string) ([]evalQuestion, error) {
	l, err := importers.ReadEntries(ctx, file)
	out := questionsOf(l.Entries)
	if err != nil || refusedRows(l.Problems) > 0 { // rows without an answer are questions all the same
		q, readErr := importers.Read(ctx, file, nil)
		switch {
		case readErr != nil && err != nil:
			return nil, err
		case readErr == nil && len(q.Questions) > len(out):
			out = askedIn(q)
		}
	}
	var refs, places []string
	for _, q := range out {
		refs, places = append(refs, q.ref), append(places, q.place)
	}
	return out, checkRefs(file, refs, places)
}

func questionsOf(entries []engine.Entry) (out []evalQuestion) {
	for i := range entries {
		out = append(out, questionOf(&entries[i]))
	}
	return out
}

func questionOf(e *engine.Entry) evalQuestion {
	return evalQuestion{e.Source.Ref, e.Source.Place, engine.Query{Text: e.Question, Section: e.Section}, e.Verdict, e}
}

func askedIn(q *engine.Questionnaire) (out []evalQuestion) {
	for i := range q.Questions {
		x := &q.Questions[i]
		out = append(out, evalQuestion{ref: x.Ref, place: x.Locator.String(), query: engine.Query{Text: x.Text, Section: x.Section, Guidance: x.Guidance}})
	}
	return out
}

// refusedRows counts the rows that were not taken.
func refusedRows(problems []list.Problem) (n int) {
	for _, p := range problems {
		if !p.Taken {
			n++
		}
	}
	return n
}

// prepare reads the judgments and sees what they are about.
func (c *evalRetrievalCmd) prepare(corpus importers.Library, questions []evalQuestion) (*retrievalReport, error) {
	r := &retrievalReport{Corpus: baseName(c.Corpus), Queries: baseName(c.Queries), Kind: c.Kind, Documents: len(corpus.Entries) + len(corpus.Controls),
		Questions: len(questions), Depth: evalDepth, Resamples: index.Resamples, wanted: map[string]bool{}, known: map[string]bool{}}
	for _, q := range questions {
		r.wanted[q.ref] = true
	}
	refs, _ := refsOf(corpus)
	for _, ref := range refs {
		r.known[ref] = true
	}
	var err error
	if r.judgments, err = readQrels(c.Qrels); err != nil {
		return nil, err
	}
	r.grades = r.judgments.Grades()
	relevant := 0
	for _, rel := range r.grades {
		if len(rel) > 0 {
			relevant++
		}
	}
	if relevant == 0 {
		return nil, &engine.RefusedError{File: baseName(c.Qrels), Is: "it names no relevant document for any question", Do: "write one line for each: question id, id in the corpus, grade 1 or 2, parted by tabs"}
	}
	r.Nothing = len(r.grades) - relevant
	for ref := range r.wanted {
		if r.grades[ref] == nil {
			r.Unjudged++
		}
	}
	r.Warnings = c.warnings(corpus, r)
	return r, nil
}

// readQrels reads the judgments at path.
func readQrels(path string) (index.Judgments, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file and what is wrong already
	}
	defer f.Close()
	js, err := index.ReadJudgments(f)
	if err != nil {
		return nil, &engine.RefusedError{File: baseName(path), Is: err.Error(), Do: "write one judgment a line: question id, id in the corpus, grade, parted by tabs", Err: err}
	}
	return js, nil
}

// warnings says what of the files does not count, or counts otherwise than
// somebody may think.
func (c *evalRetrievalCmd) warnings(corpus importers.Library, r *retrievalReport) (out []string) {
	if n := refusedRows(corpus.Problems); n > 0 {
		out = append(out, fmt.Sprintf("%s of %s not taken; see them with \"vouch library import\"", count(n, "row", "rows"), r.Corpus))
	}
	q, d := r.judgments.Unknown(r.wanted, r.known)
	if len(q) > 0 {
		out = append(out, fmt.Sprintf("%s in %s not in %s, the first is %q; what is relevant for them counts as not found", count(len(q), "question id", "question ids"), baseName(c.Qrels), r.Queries, q[0]))
	}
	if len(d) > 0 {
		out = append(out, fmt.Sprintf("%s in %s not in %s, the first is %q; they count as not found", count(len(d), "document id", "document ids"), baseName(c.Qrels), r.Corpus, d[0]))
	}
	return out
}

// ranker ranks the corpus for a question.
type ranker func(ctx context.Context, q engine.Query) ([]index.Ranked, error)

// measure runs the index and the baselines over all questions.
func (c *evalRetrievalCmd) measure(ctx context.Context, g *global, t *terminal, r *retrievalReport, corpus importers.Library, questions []evalQuestion) error {
	x, err := openCollection(ctx, t, index.NewCollection(corpus.Entries, corpus.Controls))
	if err != nil {
		return err
	}
	defer x.Close()
	bar := newProgress(t.err, g.Quiet, "Searching", 3*len(questions))
	defer bar.done()
	done := 0
	step := func() { done++; bar.set(done) }
	rankings, err := rankAll(ctx, rankedBy(x), questions, step)
	if err != nil {
		return err
	}
	writeRun(&r.run, questions, rankings)
	r.add("vouch", rankings)
	for _, kind := range []index.BaselineKind{index.BaselineDefault, index.BaselineTuned} {
		b, err := index.OpenBaseline(kind, corpus.Entries, corpus.Controls)
		if err != nil {
			return err
		}
		rankings, err := rankAll(ctx, func(ctx context.Context, q engine.Query) ([]index.Ranked, error) {
			return b.Rank(ctx, q.Text, evalDepth)
		}, questions, step)
		_ = b.Close() // memory only
		if err != nil {
			return err
		}
		r.add(string(kind), rankings)
	}
	return nil
}

// openCollection makes an index in memory.
func openCollection(ctx context.Context, t *terminal, c *index.Collection) (*index.Index, error) {
	return index.Open(ctx, "", c, index.Options{Log: logger(t)})
}

// rankedBy ranks with the index.
func rankedBy(x *index.Index) ranker {
	return func(ctx context.Context, q engine.Query) ([]index.Ranked, error) {
		q.Limit = evalDepth
		found, err := x.Retrieve(ctx, index.CollectionWorkspace, q)
		var out []index.Ranked
		for _, p := range found {
			x := index.Ranked{Score: p.Score}
			if p.Kind == engine.PassageControl {
				x.ID = p.Control.Ref
			} else {
				x.ID = p.Entry.Source.Ref
			}
			out = append(out, x)
		}
		return out, err
	}
}

// rankAll returns the ranking of every question, by its id.
func rankAll(ctx context.Context, rank ranker, questions []evalQuestion, step func()) (map[string][]index.Ranked, error) {
	out := map[string][]index.Ranked{}
	for _, q := range questions {
		list, err := rank(ctx, q.query)
		if err != nil {
			return nil, err
		}
		out[q.ref] = list
		step()
	}
	return out, nil
}

// add measures the rankings of one search.
func (r *retrievalReport) add(name string, rankings map[string][]index.Ranked) {
	ids := map[string][]string{}
	for ref, ranked := range rankings {
		for _, x := range ranked {
			ids[ref] = append(ids[ref], x.ID)
		}
	}
	r.Systems = append(r.Systems, systemReport{name, index.EvaluateRetrieval(r.grades, ids)})
}

// writeRun writes rankings as a run file: question id, document id, rank from
// 1, score; parted by tabs, best first, without headings.
func writeRun(b *bytes.Buffer, questions []evalQuestion, rankings map[string][]index.Ranked) {
	for _, q := range questions {
		for i, x := range rankings[q.ref] {
			fmt.Fprintf(b, "%s\t%s\t%d\t%s\n", q.ref, x.ID, i+1, decimal(x.Score))
		}
	}
}

// decimal is f in as many digits as it needs.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// writeRetrieval prints the figures side by side.
func writeRetrieval(t *terminal, r *retrievalReport) {
	fmt.Fprintf(t.out, "%s with a relevant document of %d in %s, over %s in %s\n\n",
		count(r.Systems[0].Queries, "question", "questions"), r.Questions, r.Queries, count(r.Documents, "document", "documents"), r.Corpus)
	tab := table{head: []string{"measure"}}
	for _, s := range r.Systems {
		tab.head = append(tab.head, s.Name)
	}
	for _, m := range []struct {
		name string
		of   func(*index.RetrievalFigures) index.Interval
	}{
		{"nDCG@10", func(f *index.RetrievalFigures) index.Interval { return f.NDCG10 }},
		{"Recall@5", func(f *index.RetrievalFigures) index.Interval { return f.Recall5 }},
		{"Recall@10", func(f *index.RetrievalFigures) index.Interval { return f.Recall10 }},
		{"MRR", func(f *index.RetrievalFigures) index.Interval { return f.MRR }},
		{"Hit@1", func(f *index.RetrievalFigures) index.Interval { return f.Hit1 }},
		{"Hit@5", func(f *index.RetrievalFigures) index.Interval { return f.Hit5 }},
	} {
		row := []string{m.name}
		for i := range r.Systems {
			v := m.of(&r.Systems[i].RetrievalFigures)
			row = append(row, fmt.Sprintf("%.3f (%.3f–%.3f)", v.Value, v.Low, v.High))
		}
		tab.add(row...)
	}
	tab.write(t.out)
	fmt.Fprintf(t.out, "\nIn brackets 95 %% intervals: bootstrap over the questions, %d resamples, percentiles.\n", r.Resamples)
	if r.Nothing+r.Unjudged > 0 {
		fmt.Fprintf(t.out, "Left out: %d judged to have no relevant document, %d not judged.\n", r.Nothing, r.Unjudged)
	}
}

// evalTransferCmd measures answer transfer: each question of the target gets
// the verdict of the first entry found for it, and the target's own verdict is
// the truth. An entry without a verdict agrees with none. Confidence is meant
// as the probability that the whole answer fits unchanged, which happens less
// often than that the verdicts agree: ECE, which compares it with the latter,
// counts that caution as an error.
type evalTransferCmd struct {
	Library  []string `required:"" help:"Questionnaires or lists with your answers, to answer from; may be given several times." type:"path" placeholder:"FILE" sep:"none"`
	Target   string   `required:"" help:"The questionnaire or list with your answers to compare with." type:"path" placeholder:"FILE"`
	CurveOut string   `help:"Write accuracy against coverage to this file: threshold, coverage, accuracy, parted by tabs." type:"path" placeholder:"FILE"`
	Format   string   `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// calibrationBins is how many bins the calibration error is measured in.
const calibrationBins = 10

// transferReport is what eval transfer prints. Shares are 0 to 1.
type transferReport struct {
	Target      string   `json:"target"`
	Entries     int      `json:"library_entries"`
	Questions   int      `json:"questions"`       // with a verdict in the target
	NoVerdict   int      `json:"without_verdict"` // left out of all figures
	Found       int      `json:"found"`           // for which the library had any entry
	CoverageA95 float64  `json:"coverage_at_accuracy_95"`
	CoverageA90 float64  `json:"coverage_at_accuracy_90"`
	AccuracyC30 *float64 `json:"accuracy_at_coverage_30"` // null if so many are not found
	AccuracyC50 *float64 `json:"accuracy_at_coverage_50"`
	Accuracy    float64  `json:"accuracy_of_found"`
	AURC        float64  `json:"aurc"`
	ECE         float64  `json:"ece"`
	ChanceECE   float64  `json:"ece_by_chance"`       // the mean, were every confidence exactly right
	ChanceECE95 float64  `json:"ece_by_chance_p95"`   // what 95 of 100 such stay below
	AlwaysYes   float64  `json:"always_yes_accuracy"` // the baseline, at full coverage
	Warnings    []string `json:"warnings,omitempty"`
	curve       []index.Step
}

// Run is called by kong.
func (c *evalTransferCmd) Run(ctx context.Context, g *global, t *terminal) error {
	if isOneOf(c.Target, c.Library) {
		return usageError("the target is one of the library files; every question would find its own answer")
	}
	if isOneOf(c.CurveOut, slices.Concat(c.Library, []string{c.Target})) {
		return usageError("--curve-out is one of the files to read; give it another name")
	}
	r := &transferReport{Target: baseName(c.Target)}
	entries, err := c.readLibrary(ctx, r)
	if err != nil {
		return err
	}
	questions, err := c.readTarget(ctx, r)
	if err != nil {
		return err
	}
	if !g.Quiet {
		warn(t, r.Warnings)
	}
	bar := newProgress(t.err, g.Quiet, "Answering", len(questions))
	defer bar.done()
	done := 0
	found, err := transfer(ctx, t, index.NewCollection(entries, nil), questions, func() { done++; bar.set(done) })
	if err != nil {
		return err
	}
	r.fill(predictions(questions, found), questions)
	if c.CurveOut != "" {
		if err := atomicfile.WriteBytes(ctx, c.CurveOut, curveTSV(r.curve)); err != nil {
			return err
		}
	}
	if c.Format == "json" {
		return writeJSON(t.out, r)
	}
	writeTransfer(t, r)
	return nil
}

// readLibrary reads the entries of all library files, in their order.
func (c *evalTransferCmd) readLibrary(ctx context.Context, r *transferReport) (entries []engine.Entry, err error) {
	for _, file := range c.Library {
		l, err := importers.ReadEntries(ctx, file)
		if err != nil {
			return nil, err
		}
		r.note(file, l.Problems)
		entries = append(entries, l.Entries...)
	}
	r.Entries = len(entries)
	return entries, nil
}

// readTarget reads the questions of the target that have a verdict.
func (c *evalTransferCmd) readTarget(ctx context.Context, r *transferReport) ([]evalQuestion, error) {
	l, err := importers.ReadEntries(ctx, c.Target)
	if err != nil {
		return nil, err
	}
	r.note(c.Target, l.Problems)
	all := questionsOf(l.Entries)
	questions := slices.DeleteFunc(slices.Clone(all), func(q evalQuestion) bool { return q.verdict == engine.VerdictNone })
	if len(questions) == 0 {
		return nil, &engine.RefusedError{File: r.Target, Is: "none of its answers is yes, no, partial or not applicable", Do: "choose a questionnaire with such answers"}
	}
	r.Questions, r.NoVerdict = len(questions), len(all)-len(questions)
	return questions, nil
}

// note keeps how many rows of a file were not taken.
func (r *transferReport) note(file string, problems []list.Problem) {
	if n := refusedRows(problems); n > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s of %s not taken; see them with \"vouch library import\"", count(n, "row", "rows"), baseName(file)))
	}
}

// fill works out the figures.
func (r *transferReport) fill(list []index.Prediction, questions []evalQuestion) {
	r.curve = index.RiskCoverage(list)
	r.CoverageA95, r.CoverageA90 = index.CoverageAt(r.curve, 0.95), index.CoverageAt(r.curve, 0.90)
	r.AccuracyC30, r.AccuracyC50 = accuracyAt(r.curve, 0.30), accuracyAt(r.curve, 0.50)
	r.AURC, r.ECE = index.AURC(r.curve), index.ECE(list, calibrationBins)
	r.ChanceECE, r.ChanceECE95 = index.ECEByChance(list, calibrationBins)
	if n := len(r.curve); n > 0 {
		r.Accuracy = r.curve[n-1].Accuracy
	}
	for _, p := range list {
		if p.Found {
			r.Found++
		}
	}
	r.AlwaysYes = alwaysYes(questions)
}

func accuracyAt(curve []index.Step, coverage float64) *float64 {
	if a, ok := index.AccuracyAt(curve, coverage); ok {
		return &a
	}
	return nil
}

// curveTSV is the curve with headings, the most confident first.
func curveTSV(curve []index.Step) []byte {
	var b bytes.Buffer
	b.WriteString("threshold\tcoverage\taccuracy\n")
	for _, s := range curve {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", decimal(s.Threshold), decimal(s.Coverage), decimal(s.Accuracy))
	}
	return b.Bytes()
}

// writeTransfer prints the figures.
func writeTransfer(t *terminal, r *transferReport) {
	fmt.Fprintf(t.out, "%s of %s with a verdict, answered from %s\n\n", count(r.Questions, "question", "questions"), r.Target, count(r.Entries, "entry", "entries"))
	tab := table{head: []string{"measure", "value", "meaning"}}
	share := func(f *float64) string {
		if f == nil {
			return "–"
		}
		return fmt.Sprintf("%.3f", *f)
	}
	tab.add("coverage at 95 % accuracy", share(&r.CoverageA95), "share of the questions that can be answered so")
	tab.add("coverage at 90 % accuracy", share(&r.CoverageA90), "")
	tab.add("accuracy at 30 % coverage", share(r.AccuracyC30), "share of the verdicts that agree, of the most confident 30 %")
	tab.add("accuracy at 50 % coverage", share(r.AccuracyC50), "")
	tab.add("accuracy of all found", share(&r.Accuracy), fmt.Sprintf("an entry was found for %d of %d", r.Found, r.Questions))
	tab.add("always \"yes\"", share(&r.AlwaysYes), "accuracy of saying yes to everything")
	tab.add("AURC", share(&r.AURC), "area under the risk-coverage curve; 0 is best")
	tab.add("ECE", share(&r.ECE), "how far confidence is from how often verdicts agree; 0 is best")
	tab.add("ECE by chance", share(&r.ChanceECE), fmt.Sprintf("of exact confidences on so few questions; 95 of 100 stay below %.3f", r.ChanceECE95))
	tab.write(t.out)
	if r.NoVerdict > 0 {
		fmt.Fprintf(t.out, "\nLeft out: %s of the target without a verdict.\n", count(r.NoVerdict, "answer", "answers"))
	}
}
