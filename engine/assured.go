package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vouch/engine/assurance"
)

// Assured holds drafts against the register, answers questions about reports
// from it, and cites controls. It may be used by several goroutines.
type Assured struct {
	Register *assurance.Register
	Checker  *assurance.Checker // over Register
	Today    assurance.Day
	Reader   assurance.Reader
	Before   []assurance.Said // what customers were told

	// Style is how much of the citations is written into explanation cells;
	// none leaves them to the review page.
	Style assurance.Style
}

// NewAssured returns what holds drafts for a reader against r as of a day.
func NewAssured(r *assurance.Register, today assurance.Day, reader assurance.Reader) *Assured {
	return &Assured{Register: r, Checker: assurance.NewChecker(r, today), Today: today, Reader: reader}
}

// registerConfidence is the confidence of an answer from the register. It is
// not fitted: in the three sets that came last, 1,425 questions by other hands,
// 0.960 to 0.976 of the replies were right as first run (the documentation of
// package assurance has the table).
const registerConfidence = 0.96

// fromRegister answers a question about reports from the register; taken is
// false for every other question.
func (r *run) fromRegister(ctx context.Context, q *Question, ans *Answer) (taken bool, err error) {
	a := r.a.Assured
	if a == nil || len(a.Register.Reports) == 0 {
		return false, nil
	}
	reply, ok := a.Register.Reply(q.Text, a.Reader, a.Today)
	if !ok {
		return false, nil
	}
	said := Entry{ID: "register", Version: 1, Question: q.Text, Verdict: verdictOf(reply.Verdict), Text: withoutVerdict(reply.Text), Source: Source{File: "register"}}
	if err := r.fit(ctx, q, []Passage{{Kind: PassageEntry, Entry: &said, Score: 1, Confidence: registerConfidence}}, ans); err != nil {
		return false, err
	}
	rev := ans.Revision
	if ans.Gap != nil {
		rev = ans.Gap.Proposal
	}
	if rev != nil {
		rev.Origin, rev.Citations, rev.Cites = OriginRegister, nil, reply.Cites
	}
	return true, nil
}

// withoutVerdict returns a reply's text without the word that states its
// verdict: the drafter puts that where the cell wants it.
func withoutVerdict(text string) string {
	for _, w := range []string{"Yes. ", "No. ", "In part. "} {
		if rest, ok := strings.CutPrefix(text, w); ok {
			return rest
		}
	}
	return text
}

func verdictOf(s string) Verdict {
	if v := Verdict(s); v.IsValid() {
		return v
	}
	return VerdictNone
}

// minControlScore is the rank score from which the first control of a question
// is cited, if the past answer comes to it as well ([run.restsOn]). On VSA Full
// over 317 controls that cites a control for 17 of 112 questions, and all are
// relevant (go test ./cmd/vouch -run TestCitedControls -v); without the look at
// the answer's text it is 0.885 of 26, without that at its question either 0.71
// at the same score.
const minControlScore = 0.73

// cite cites the control that a drafted answer rests on, where the question
// and the past answer's question both come to the same one.
func (r *run) cite(ctx context.Context, ans *Answer) error {
	a, rev := r.a.Assured, ans.Revision
	if a == nil || rev == nil || rev.Origin != OriginReuse {
		return nil
	}
	first := firstControl(ans.Evidence)
	if first == nil || first.Score < minControlScore {
		return nil
	}
	for i := range ans.Evidence {
		p := &ans.Evidence[i]
		if p.Entry == nil || !cites(rev, *p) {
			continue
		}
		if ok, err := r.restsOn(ctx, ans.Question.Text, p.Entry, first.Control); !ok || err != nil {
			return err
		}
		if x, ok := a.Checker.CiteControl(first.Control.Ref); ok {
			if a.Checker.MayTell(x, a.Reader) {
				rev.Cites = append(rev.Cites, x)
			} else if _, ok := a.Checker.Exception(x); ok {
				rev.Notes = append(rev.Notes, fmt.Sprintf("a report that may not be told of notes an exception at control %s", first.Control.Ref))
			}
			rev.Citations = append(rev.Citations, Citation{
				Kind: PassageControl, ID: first.Control.ID, Version: first.Control.Version, Label: controlLabel(first.Control), Where: first.Control.Source.File,
			})
		}
		return nil
	}
	return nil
}

// nearControls is among how many controls the cited one must be that the past
// question together with its answer comes to. With three it were 20 of 21
// relevant on VSA Full, and in the sample company's answers a wrong one more.
const nearControls = 2

// restsOn reports whether a past answer comes to a control as the question
// does: the control is the first of the past question, and near the first of
// that together with its answer; the very first if the two questions are the
// same, for then the past one says nothing new.
func (r *run) restsOn(ctx context.Context, question string, e *Entry, c *Control) (bool, error) {
	near := nearControls
	if FoldWords(e.Question) == FoldWords(question) {
		near = 1
	}
	for _, look := range []Query{{Text: e.Question, Limit: 1}, {Text: e.Question + "\n" + e.Text, Limit: near}} {
		look.Section, look.Language = e.Section, r.q.Language
		found, err := r.a.Retriever.Retrieve(ctx, r.workspace, look)
		if err != nil {
			return false, fmt.Errorf("retrieve controls of a past answer: %w", err)
		}
		if !slices.ContainsFunc(found, func(p Passage) bool { return p.Control != nil && p.Control.ID == c.ID }) {
			return false, nil
		}
	}
	return true, nil
}

func controlLabel(c *Control) string {
	if c.Title == "" {
		return c.Ref
	}
	return c.Ref + " " + c.Title
}

func firstControl(list []Passage) *Passage {
	for i := range list {
		if list[i].Control != nil {
			return &list[i]
		}
	}
	return nil
}

// vet holds a draft against the rules: what can be put right is, what cannot
// becomes a gap.
func (r *run) vet(ctx context.Context, q *Question, ans *Answer) error {
	a := r.a.Assured
	if a == nil || ans.Revision == nil {
		return nil
	}
	for range maxCorrections {
		statement := a.statement(q, ans.Revision)
		statement.Restricted = ans.restsOnWithheld(a.Reader)
		findings := a.Checker.Check(statement)
		ans.Revision.Findings = findings
		if len(findings) == 0 {
			break
		}
		if g := blocked(findings); g != nil {
			ans.hold(g.Reason, g.Detail)
			ans.Gap.Findings = findings
			return nil
		}
		changed, err := r.correct(ctx, q, ans, findings)
		if err != nil || ans.Revision == nil {
			return err
		}
		if !changed {
			break
		}
	}
	if left := ans.Revision.Findings; len(left) > 0 {
		if f, ok := uncorrected(left); ok {
			ans.hold(gapReason(f.Gap), f.Why)
			ans.Gap.Findings = left
			return nil
		}
	}
	for _, f := range ans.Revision.Findings {
		if f.Severity == assurance.Warn {
			ans.Revision.Notes = append(ans.Revision.Notes, findingNote(f))
		}
	}
	r.showCitations(ans.Revision)
	return nil
}

// maxCorrections bounds how often a draft is corrected and checked again.
const maxCorrections = 4

// statement is a draft as the rules see it.
func (a *Assured) statement(q *Question, rev *Revision) assurance.Statement {
	text := rev.Text
	if text == "" {
		var parts []string
		for _, v := range rev.Values {
			if v.Part.Kind != PartOwnership && !slices.Contains(parts, v.Value) {
				parts = append(parts, v.Value)
			}
		}
		text = strings.Join(parts, "\n")
	}
	return assurance.Statement{Ref: q.Ref, Question: q.Text, Verdict: string(rev.Verdict), Text: text, Cites: rev.Cites, Reader: a.Reader}
}

// blocked returns the gap that findings make of a draft, nil if none blocks.
func blocked(findings []assurance.Finding) *Gap {
	for _, f := range findings {
		if f.Severity == assurance.Block {
			return &Gap{Reason: gapReason(f.Gap), Detail: "not to be sent as it is: " + f.Why + quoted(f.Words)}
		}
	}
	return nil
}

func gapReason(s string) GapReason {
	if g := GapReason(s); slices.Contains(GapReasons(), g) {
		return g
	}
	return GapNoEvidence
}

func quoted(words string) string {
	if words == "" {
		return ""
	}
	return fmt.Sprintf(" (“%s”)", words)
}

// uncorrected returns a finding that should have been put right and was not.
func uncorrected(findings []assurance.Finding) (assurance.Finding, bool) {
	for _, f := range findings {
		if f.Severity == assurance.Correct {
			return f, true
		}
	}
	return assurance.Finding{}, false
}

func findingNote(f assurance.Finding) string { return f.Why + quoted(f.Words) }

// correct puts right what findings say how to. changed is false if nothing of
// it could be.
func (r *run) correct(ctx context.Context, q *Question, ans *Answer, findings []assurance.Finding) (changed bool, err error) {
	rev := ans.Revision
	for _, f := range findings {
		if f.Severity != assurance.Correct {
			continue
		}
		switch {
		case f.Verdict != "":
			return r.weaken(ctx, q, ans, f)
		case f.Words != "" && f.Proposal != "":
			rev.replace(f.Words, f.Proposal)
			rev.Notes = append(rev.Notes, fmt.Sprintf("reworded: %s; “%s” was “%s”", f.Why, f.Proposal, f.Words))
			changed = true
		case f.Proposal != "":
			rev.add(f.Proposal)
			rev.Notes = append(rev.Notes, "added: "+f.Why)
			changed = true
		case f.Rule == "restricted-content":
			rev.Cites = slices.DeleteFunc(rev.Cites, func(x assurance.Cite) bool { return slices.Contains(f.Cites, x) })
			changed = true
		}
	}
	return changed, nil
}

// weaken drafts the answer anew with the verdict that the evidence supports.
func (r *run) weaken(ctx context.Context, q *Question, ans *Answer, f assurance.Finding) (bool, error) {
	old := *ans.Revision
	text := old.Text
	if f.Proposal != "" {
		text = strings.TrimSpace(text + " " + f.Proposal)
	}
	said := Entry{ID: "weakened", Version: 1, Question: q.Text, Verdict: verdictOf(f.Verdict), Text: text, Source: Source{File: "weakened"}}
	if err := r.fit(ctx, q, []Passage{{Kind: PassageEntry, Entry: &said, Confidence: old.Confidence}}, ans); err != nil {
		return false, err
	}
	rev := ans.Revision
	if ans.Gap != nil {
		ans.Gap.Detail = f.Why + "; " + ans.Gap.Detail
		rev = ans.Gap.Proposal
	}
	if rev != nil {
		rev.Origin, rev.Citations, rev.Cites = old.Origin, old.Citations, old.Cites
		rev.Notes = append(slices.Clone(old.Notes), "the past answer said "+string(old.Verdict)+": "+f.Why)
	}
	return ans.Revision != nil, nil
}

// replace puts new words for old ones in the text and in every value.
func (rev *Revision) replace(words, with string) {
	rev.Text = strings.Replace(rev.Text, words, with, 1)
	for i := range rev.Values {
		if rev.Values[i].isProse() {
			rev.Values[i].Value = strings.Replace(rev.Values[i].Value, words, with, 1)
		}
	}
}

// add adds a sentence to the text, and to the values that hold it.
func (rev *Revision) add(sentence string) {
	old := rev.Text
	rev.Text = strings.TrimSpace(old + " " + sentence)
	for i := range rev.Values {
		if v := &rev.Values[i]; v.isProse() && (old == "" || strings.Contains(v.Value, old)) {
			v.Value = strings.TrimSpace(v.Value + " " + sentence)
		}
	}
}

// isProse reports whether a value is text of ours and no option of the cell's.
func (v *PartValue) isProse() bool { return v.Part.Kind == PartText || v.Part.Kind == PartExplanation }

// showCitations describes the citations of a revision, and writes them into
// its explanation where that is wanted.
func (r *run) showCitations(rev *Revision) {
	a := r.a.Assured
	rev.Evidence = a.Checker.Describe(rev.Cites, a.Reader)
	text := assurance.Text(rev.Evidence, a.Style)
	if text == "" {
		return
	}
	for i := range rev.Values {
		if v := &rev.Values[i]; v.Part.Kind == PartExplanation {
			v.Value = strings.TrimSpace(v.Value + "\n" + text)
		}
	}
}

// contradict holds back the answers that contradict each other, or what
// customers were told, with both texts in sight.
func (r *run) contradict() {
	a := r.a.Assured
	if a == nil {
		return
	}
	var now []assurance.Said
	at := map[string]*Answer{}
	for i := range r.out {
		ans := &r.out[i]
		if !ans.Kept && (ans.Revision == nil || ans.Revision.Origin == OriginRegister) {
			continue
		}
		ref := ans.Question.Locator.String()
		at[ref] = ans
		now = append(now, said(ref, ans))
	}
	for _, c := range assurance.Contradictions(now, a.Before) {
		at[c.A.Ref].contradicted(&c, &c.B)
		if c.B.Customer == "" {
			at[c.B.Ref].contradicted(&c, &c.A)
		}
	}
}

// contradicted holds a draft back that another answer contradicts. Of a kept
// one it is said.
func (ans *Answer) contradicted(c *assurance.Contradiction, by *assurance.Said) {
	why := fmt.Sprintf("%s: “%s” – “%s”", c.Why, clip(by.Question), clip(by.Text))
	switch {
	case ans == nil:
	case ans.Kept:
		ans.Findings = append(ans.Findings, assurance.Finding{Rule: contradictionRule, Severity: assurance.Warn, Why: why})
	case ans.Revision != nil:
		ans.hold(GapConflict, why)
	}
}

// contradictionRule names a finding that needs two answers to be seen. It is
// none of [assurance.Rules], which look at one.
const contradictionRule = "contradiction"

// vetKept holds an answer that the file came with against the rules.
func (r *run) vetKept(ans *Answer) {
	a := r.a.Assured
	if a == nil {
		return
	}
	verdict, answer, text := ans.Question.held()
	if text == "" {
		text = answer
	}
	ans.Findings = a.Checker.Check(assurance.Statement{Ref: ans.Question.Ref, Question: ans.Question.Text, Verdict: string(verdict), Text: text, Reader: a.Reader})
}

// said is an answer as [assurance.Contradictions] sees it.
func said(ref string, ans *Answer) assurance.Said {
	if ans.Kept {
		verdict, _, text := ans.Question.held()
		return assurance.Said{Ref: ref, Question: ans.Question.Text, Verdict: string(verdict), Text: text}
	}
	s := assurance.Said{Ref: ref, Question: ans.Question.Text, Verdict: string(ans.Revision.Verdict), Text: ans.Revision.Text}
	if c := firstControl(ans.Evidence); c != nil && c.Score >= minControlScore {
		s.Controls = []string{c.Control.Ref}
	}
	return s
}

// clip shortens a text for a sentence of a gap.
func clip(s string) string {
	const longest = 200
	r := []rune(s)
	if len(r) <= longest {
		return s
	}
	return string(r[:longest]) + "…"
}
