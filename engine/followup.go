package engine

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// Condition says for which answer of its parent a follow-up is asked.
type Condition string

// The conditions.
const (
	ConditionNone     Condition = ""         // the question stands alone
	ConditionYes      Condition = "yes"      // "If yes, describe …"
	ConditionNo       Condition = "no"       // "If not, when …"
	ConditionAnswered Condition = "answered" // "Please explain.": whatever the answer is
)

// isMet reports whether a parent with verdict v asks for the follow-up. A
// partial answer is some of both.
func (c Condition) isMet(v Verdict) bool {
	switch c {
	case ConditionYes:
		return v == VerdictYes || v == VerdictPartial
	case ConditionNo:
		return v == VerdictNo || v == VerdictPartial
	}
	return true
}

// FollowUp says that a question depends on the answer to another.
type FollowUp struct {
	Parent    int // the parent's place in the questionnaire, always before the follow-up's own
	Condition Condition
}

// How follow-ups begin, folded, in the languages of questionnaires. "No" forms
// come first: "if not" begins like "if no".
var (
	opensNo = regexp.MustCompile(`^(if not|if no|if the answer is no|if you answered no|if negative|falls nein|falls nicht|wenn nein|wenn nicht|si non|dans le cas contraire|en caso negativo|si no|se não|em caso negativo|se no|in caso negativo|zo nee|zo niet|indien nee|indien niet)\b`)
	opensOn = regexp.MustCompile(`^(if yes|if so|if the answer is yes|if you answered yes|if you answered|if applicable|if affirmative|if positive|if any|where applicable|falls ja|falls zutreffend|wenn ja|si oui|le cas échéant|en caso afirmativo|si es así|en caso de que sí|se sim|em caso afirmativo|se sì|in caso affermativo|in caso positivo|zo ja|indien ja|indien van toepassing)\b`)

	// bare are the whole texts of questions that only make sense below another.
	bare = regexp.MustCompile(`^(please )?(describe|explain|elaborate|specify|comment|comments|provide details|give details|provide further details|details|provide evidence|describe how|explain how|explain why|erläutern sie|bitte erläutern|beschreiben sie|précisez|veuillez préciser|descríbalo|especifique|descreva|descrivere|licht toe)( briefly| please| below)?$`)

	// asksMore are the words that want the narrative behind a yes or no, and not
	// something of its own ("how often").
	asksMore = regexp.MustCompile(`\b(describe|explain|elaborate|specify|details?|comments?|summari[sz]e|erläuter\w*|beschreib\w*|begründ\w*|préciser?|précisez|décri\w*|expliqu\w*|descr[ií]b\w*|especifi\w*|expliq\w*|descrev\w*|descriv\w*|spieg\w*|licht toe|beschrijf)\b`)

	namesParent = regexp.MustCompile(`(?i)\b(?:to|in|zu|auf|à|a|bij|op|question|frage|vraag|pregunta|domanda|questão|nr|no)\.?\s+(?:question\s+|frage\s+|vraag\s+|nr\.?\s*|#)?([a-z]{0,6}[-.]?\d+(?:[.-]\d+)*[a-z]?)\b`)
)

// conditionOf returns the condition with which a question opens.
func conditionOf(text string) Condition {
	folded := FoldWords(text)
	switch {
	case opensNo.MatchString(folded):
		return ConditionNo
	case opensOn.MatchString(folded):
		return ConditionYes
	case bare.MatchString(folded):
		return ConditionAnswered
	}
	return ConditionNone
}

// FollowUps returns, for each question of q, what it depends on, nil where it
// stands alone. The parent is the question that the text names by its ref,
// else the one whose ref the follow-up's own continues (4.2 for 4.2a and
// 4.2.1), else the nearest one before it under the same heading that is no
// follow-up itself. One without a parent stands alone.
func FollowUps(q *Questionnaire) []*FollowUp {
	out := make([]*FollowUp, len(q.Questions))
	byRef := map[string]int{}
	for i := range q.Questions {
		x := &q.Questions[i]
		if c := conditionOf(x.Text); c != ConditionNone {
			if p, ok := parentOf(q, out, byRef, i); ok {
				out[i] = &FollowUp{p, c}
			}
		}
		if ref := foldRef(x.Ref); ref != "" {
			byRef[ref] = i
		}
	}
	return out
}

func foldRef(ref string) string { return strings.ToLower(CleanRef(ref)) }

func parentOf(q *Questionnaire, found []*FollowUp, byRef map[string]int, i int) (int, bool) {
	x := &q.Questions[i]
	for _, m := range namesParent.FindAllStringSubmatch(x.Text, -1) {
		if p, ok := byRef[foldRef(m[1])]; ok {
			return p, true
		}
	}
	for ref := foldRef(x.Ref); ref != ""; {
		ref = shorterRef(ref)
		if p, ok := byRef[ref]; ok && ref != "" {
			return p, true
		}
	}
	for p := i - 1; p >= 0; p-- {
		o := &q.Questions[p]
		if o.Section != x.Section || o.Locator.Sheet != x.Locator.Sheet {
			break
		}
		if found[p] == nil {
			return p, true
		}
	}
	return 0, false
}

// shorterRef returns the ref without its last part: 4.2.1 and 4.2a become 4.2.
func shorterRef(ref string) string {
	n := len(ref)
	last := func(is func(byte) bool) {
		for n > 0 && is(ref[n-1]) {
			n--
		}
	}
	isDigit := func(b byte) bool { return b >= '0' && b <= '9' }
	if n > 0 && isDigit(ref[n-1]) {
		last(isDigit)
	} else {
		last(func(b byte) bool { return b >= 'a' && b <= 'z' })
	}
	return strings.TrimRight(ref[:n], ".-_ ")
}

// depend holds a follow-up to the answer of its parent, which is there already:
// while that is a gap, and where it is not the one that the follow-up is asked
// for, the follow-up is a gap too. A follow-up that wants a text and has no
// sure match of its own takes that of the entry which answered its parent.
func (r *run) depend(ctx context.Context, i int, ans *Answer) error {
	f := r.follows[i]
	if f == nil {
		return nil
	}
	parent := &r.out[f.Parent]
	verdict, known := parent.verdict()
	name := parent.Question.Ref
	if name == "" {
		name = parent.Question.Locator.String()
	}
	switch {
	case !known:
		ans.hold(GapDependsOn, fmt.Sprintf("it depends on %s, which has no answer yet", name))
	case !f.Condition.isMet(verdict):
		ans.hold(GapDependsOn, fmt.Sprintf("it is asked only if %s is answered %s, and that is answered %s", name, f.Condition, verdictWord(verdict)))
	case ans.Gap != nil && ans.Question.wantsText():
		return r.tellMore(ctx, parent, ans)
	}
	return nil
}

// verdict returns the verdict that an answer states, and whether there is an
// answer at all.
func (a *Answer) verdict() (Verdict, bool) {
	if a.Revision != nil {
		return a.Revision.Verdict, true
	}
	if !a.Kept {
		return VerdictNone, false
	}
	for i := range a.Question.Parts {
		if p := &a.Question.Parts[i]; p.IsAnswer() && p.Value != "" {
			if v, ok := ParseVerdict(p.Value); ok {
				return v, true
			}
			if v, _, ok := LeadingVerdict(p.Value); ok {
				return v, true
			}
		}
	}
	return VerdictNone, true
}

// verdictWord is a verdict for people.
func verdictWord(v Verdict) string {
	if v == VerdictNone {
		return "neither yes nor no"
	}
	return strings.ReplaceAll(string(v), "_", " ")
}

// hold makes a gap of an answer, with what there was as its proposal.
func (a *Answer) hold(reason GapReason, detail string) {
	proposal := a.Revision
	if a.Gap != nil {
		proposal = a.Gap.Proposal
	}
	a.Revision, a.Gap = nil, &Gap{Reason: reason, Detail: detail, Proposal: proposal}
}

// wantsText reports whether all that q wants is text.
func (q *Question) wantsText() bool {
	for i := range q.Parts {
		if k := q.Parts[i].Kind; k != PartText && k != PartExplanation {
			return false
		}
	}
	return len(q.Parts) > 0
}

// tellMore answers a follow-up from the entry that answered its parent.
func (r *run) tellMore(ctx context.Context, parent, ans *Answer) error {
	if parent.Revision == nil || !asksMore.MatchString(FoldWords(ans.Question.Text)) {
		return nil
	}
	for _, p := range parent.Evidence {
		if p.Entry == nil || p.Entry.Text == "" || !cites(parent.Revision, p) {
			continue
		}
		entry := *p.Entry
		entry.Verdict, entry.Answer = VerdictNone, "" // the parent has taken it
		taken := Answer{Question: ans.Question, Evidence: ans.Evidence, Withheld: ans.Withheld}
		p.Entry, p.Confidence = &entry, min(p.Confidence, parent.Revision.Confidence)
		if err := r.fit(ctx, ans.Question, []Passage{p}, &taken); err != nil {
			return err
		}
		r.a.holdBack(&taken)
		r.a.age(&taken)
		if taken.Revision != nil {
			taken.Revision.Notes = append(taken.Revision.Notes, "taken from the answer to the question it depends on")
			*ans = taken
		}
		return nil
	}
	return nil
}

// cites reports whether a revision rests on a passage.
func cites(r *Revision, p Passage) bool {
	for _, c := range r.Citations {
		if c.Kind == p.Kind && c.ID == passageID(p) {
			return true
		}
	}
	return false
}
