package engine

import (
	"context"
	"fmt"
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
		a, err := AnswerOf(ctx, tx, workspace, head.Questionnaire, head.N)
		if err != nil {
			return err
		}
		if seen, err = review(ctx, tx, workspace, &a); err != nil {
			return err
		}
	}
	if seen.proposal == nil {
		return nil
	}
	if _, _, err = tx.AddEntryProposal(ctx, workspace, *seen.proposal); err != nil {
		err = fmt.Errorf("propose an entry: %w", err)
	}
	return err
}

// isWritten says that a person or a language model wrote the current revision.
func (h *AnswerHead) isWritten() bool {
	return h.Origin == OriginPerson || h.Origin == OriginLLM
}

// reviewed is an answer as it was read before it is decided on.
type reviewed struct {
	AnswerHead
	proposal *EntryProposal // what it is to the library, once it is approved; nil for nothing
}

// review holds an answer that is to be approved against the library.
func review(ctx context.Context, tx Tx, workspace string, a *StoredAnswer) (seen *reviewed, err error) {
	seen = &reviewed{AnswerHead: a.AnswerHead}
	if a.isWritten() {
		seen.proposal, err = a.proposal(ctx, tx, workspace)
	}
	return seen, err
}

// is says that what was read of an answer is what there is now. A revision is
// never changed, so its hash tells; questions are changed only with a new
// version of the questionnaire. The library may have changed since, and whoever
// accepts the proposal will be told.
func (seen *reviewed) is(h *AnswerHead) bool {
	return seen != nil && h.Hash != "" && seen.Hash == h.Hash && seen.Version == h.Version
}

// proposal returns what an answer is to the library, nil for nothing.
func (a *StoredAnswer) proposal(ctx context.Context, tx Tx, workspace string) (*EntryProposal, error) {
	s, err := tx.Settings(ctx, workspace)
	if err != nil || !s.Propose {
		return nil, err
	}
	q, err := QuestionnaireOf(ctx, tx, workspace, a.Questionnaire)
	if err != nil {
		return nil, err
	}
	e := a.entry(&q, s.Citations)
	if !e.isSound() {
		return nil, nil //nolint:nilnil // no proposal is no error
	}
	p, err := newProposal(ctx, tx, workspace, ApprovedAnswer{Entry: e, Near: a.near(), Questionnaire: a.Questionnaire, Question: strconv.Itoa(a.N)})
	if err != nil {
		return nil, fmt.Errorf("propose an entry: %w", err)
	}
	return p, nil
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
