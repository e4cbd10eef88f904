package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"vouch/engine/assurance"
)

// proposeApproved proposes an answer that was just approved to the library, in
// the transaction of the approval, if the workspace wants that. What was taken
// from the library, from the register or from the customer's own file is there
// already: only what a person or a language model wrote is proposed. An answer
// that can be no entry is approved all the same.
func proposeApproved(ctx context.Context, tx Tx, workspace string, head *AnswerHead, seen *reviewed) error {
	if !head.isWritten() {
		return nil
	}
	s, err := tx.Settings(ctx, workspace)
	if err != nil || !s.Propose {
		return err
	}
	if !seen.is(head) {
		if seen, err = lookAt(ctx, tx, workspace, head.Questionnaire, head.N); err != nil {
			return err
		}
	}
	a := &seen.answer
	e := a.entry(&seen.questionnaire, s.Citations)
	if !e.isSound() {
		return nil
	}
	_, _, err = ProposeEntry(ctx, tx, workspace, ApprovedAnswer{Entry: e, Near: a.near(), Questionnaire: a.Questionnaire, Question: strconv.Itoa(a.N)})
	return err
}

// isWritten says that a person or a language model wrote the current revision.
func (h *AnswerHead) isWritten() bool {
	return h.Origin == OriginPerson || h.Origin == OriginLLM
}

// reviewed is an answer with its questionnaire, which is read only for one that
// can be proposed.
type reviewed struct {
	answer        StoredAnswer
	questionnaire StoredQuestionnaire
}

// lookAt reads an answer, and its questionnaire if need be.
func lookAt(ctx context.Context, tx Tx, workspace, questionnaire string, n int) (seen *reviewed, err error) {
	a, err := AnswerOf(ctx, tx, workspace, questionnaire, n)
	if err != nil {
		return nil, err
	}
	seen = &reviewed{answer: a}
	if a.isWritten() {
		seen.questionnaire, err = QuestionnaireOf(ctx, tx, workspace, questionnaire)
	}
	return seen, err
}

// is says that what was read of an answer is what there is now. A revision is
// never changed, so its hash tells; questions are changed only with a new
// version of the questionnaire.
func (seen *reviewed) is(h *AnswerHead) bool {
	return seen != nil && h.Hash != "" && seen.answer.Hash == h.Hash && seen.questionnaire.Version == h.Version
}

// entry returns what an answer says as the library would, without the citations
// that were written into it.
func (a *StoredAnswer) entry(q *StoredQuestionnaire, style assurance.Style) Entry {
	rev := a.Current.Revision
	filled := told(&Answer{Question: &a.Question, Revision: rev})
	verdict, answer, text := filled.held()
	if rev.Verdict != VerdictNone {
		verdict = rev.Verdict
	}
	if text == "" {
		text = rev.Text
	}
	if cited := assurance.Text(rev.Evidence, style); cited != "" {
		text = strings.TrimSpace(strings.ReplaceAll(text, cited, ""))
	}
	if v, ok := ParseVerdict(answer); ok && v == verdict {
		answer = "" // a plain verdict is said by the verdict
	}
	if text == answer {
		text = ""
	}
	e := Entry{
		Question: a.Question.Text, Verdict: verdict, Answer: answer, Text: text, Section: a.Question.Section, Language: q.Language,
		Source: Source{File: q.Name, Ref: a.Question.Ref, Place: a.Question.Locator.String()},
	}
	if p := filled.Part(PartOwnership); p != nil {
		e.Ownership = p.Value
	}
	if !noProduct(q.Product) {
		e.Products = []string{q.Product}
	}
	if !IsLanguage(e.Language) {
		e.Language = ""
	}
	if q.NDA {
		e.Visibility = VisibilityNDA
	}
	return e
}

func (e *Entry) isSound() bool { return e.Validate() == nil }

// near returns the entries that an answer cites, and those that were found for
// its question.
func (a *StoredAnswer) near() (ids []string) {
	add := func(kind PassageKind, id string) {
		if kind == PassageEntry && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, c := range a.Current.Revision.Citations {
		add(c.Kind, c.ID)
	}
	for _, r := range a.Current.Evidence {
		add(r.Kind, r.ID)
	}
	return ids
}
