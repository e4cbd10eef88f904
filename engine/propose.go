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
func proposeApproved(ctx context.Context, tx Tx, workspace string, head *AnswerHead) error {
	if head.Origin != OriginPerson && head.Origin != OriginLLM {
		return nil
	}
	s, err := tx.Settings(ctx, workspace)
	if err != nil || !s.Propose {
		return err
	}
	q, err := tx.Questionnaire(ctx, workspace, head.Questionnaire)
	if err != nil {
		return err
	}
	list, err := tx.Answers(ctx, workspace, head.Questionnaire, AnswerFilter{After: head.N - 1, Limit: 1})
	if err != nil || len(list) == 0 {
		return err
	}
	a := &list[0]
	e := a.entry(&q, s.Citations)
	if !e.isSound() {
		return nil
	}
	_, _, err = ProposeEntry(ctx, tx, workspace, ApprovedAnswer{Entry: e, Near: a.near(), Questionnaire: q.ID, Question: strconv.Itoa(a.N)})
	return err
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
