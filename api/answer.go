package api

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	"vouch/engine"
)

// answerTag is the version of an answer as a header: the number of its revision
// and its state.
func answerTag(h *engine.AnswerHead) string {
	return `"` + strconv.Itoa(h.Number) + "." + string(h.State) + `"`
}

var answerTagForm = regexp.MustCompile(`^(?:W/)?"([0-9]{1,9})(?:\.[a-z_]{1,20})?"$`)

// seenRevision returns the number of the revision that a caller read. The state
// does not count: who saw the revision has seen all that is written anew.
func seenRevision(header string) (int, error) {
	if header == "" {
		return 0, ifMatchRequired.because("This writes an answer and does not say which revision was read.")
	}
	m := answerTagForm.FindStringSubmatch(header)
	if m == nil {
		f := badRequest.because("If-Match is no ETag of an answer.")
		f.errors = []FieldError{{Parameter: "If-Match", Detail: `must be the ETag of an answer, such as "2.drafted", or the number of a revision, such as "2"`}}
		return 0, f
	}
	return strconv.Atoi(m[1])
}

// ListAnswers lists the answers of a questionnaire.
func (s *Server) ListAnswers(ctx context.Context, r ListAnswersRequestObject) (ListAnswersResponseObject, error) {
	ctx = requestContext(ctx)
	at, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	after, _ := strconv.Atoi(at) // a cursor that somebody made up begins anew
	p := r.Params
	f := engine.AnswerFilter{State: engine.AnswerState(p.State), Assignee: p.Assignee, Section: p.Section, After: after, Limit: p.Limit + 1}
	list, err := s.Store.Answers(ctx, r.Workspace, r.Questionnaire, f)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 { // of none there is nothing, and of one perhaps nothing passes
		if _, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire); err != nil {
			return nil, err
		}
	}
	shown, next, link := page(ctx, list, p.Limit, func(a *engine.StoredAnswer) string { return strconv.Itoa(a.N) })
	out := AnswerPage{Answers: make([]Answer, len(shown)), Next: next}
	for i := range shown {
		out.Answers[i] = answerShown(&shown[i])
	}
	return ListAnswers200JSONResponse{Body: out, Headers: ListAnswers200ResponseHeaders{Link: optional(link)}}, nil
}

// GetAnswer reads an answer with its history.
func (s *Server) GetAnswer(ctx context.Context, r GetAnswerRequestObject) (GetAnswerResponseObject, error) {
	ctx = requestContext(ctx)
	a, err := engine.AnswerOf(ctx, s.Store, r.Workspace, r.Questionnaire, r.N)
	if errors.Is(err, engine.ErrNotFound) {
		return nil, notFound.because("There is no question at this place of a questionnaire with this id.")
	}
	if err != nil {
		return nil, err
	}
	body := AnswerDetail{Answer: answerShown(&a), Revisions: []AnswerRevision{}, Decisions: []Decision{}, Comments: []Comment{}, Evidence: []Passage{}}
	revisions, err := s.Store.Revisions(ctx, r.Workspace, r.Questionnaire, r.N)
	if err != nil {
		return nil, err
	}
	for i := range revisions {
		body.Revisions = append(body.Revisions, *revisionShown(&revisions[i]))
	}
	decisions, err := s.Store.Decisions(ctx, r.Workspace, engine.DecisionFilter{Questionnaire: r.Questionnaire, N: r.N})
	if err != nil {
		return nil, err
	}
	body.Decisions = append(body.Decisions, decisions...)
	comments, err := s.Store.Comments(ctx, r.Workspace, r.Questionnaire, r.N)
	if err != nil {
		return nil, err
	}
	body.Comments = append(body.Comments, comments...)
	for i := len(revisions) - 1; i >= 0 && len(body.Evidence) == 0; i-- { // what people write has no evidence of its own
		found, err := engine.EvidenceOf(ctx, s.Store, r.Workspace, &revisions[i])
		if err != nil {
			return nil, err
		}
		body.Evidence = append(body.Evidence, passagesShown(found)...)
	}
	return GetAnswer200JSONResponse{Body: body, Headers: GetAnswer200ResponseHeaders{ETag: body.Answer.Etag}}, nil
}

// EditAnswer stores what a person writes as the next revision.
func (s *Server) EditAnswer(ctx context.Context, r EditAnswerRequestObject) (EditAnswerResponseObject, error) {
	ctx = requestContext(ctx)
	base, err := seenRevision(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	b := r.Body
	in := engine.EditInput{Questionnaire: r.Questionnaire, N: r.N, Base: base, Verdict: engine.Verdict(b.Verdict), Text: b.Text, KeepCitations: b.KeepCitations}
	for _, v := range b.Values {
		in.Values = append(in.Values, engine.EditValue{Part: v.Part, Value: v.Value})
	}
	rev, err := engine.EditAnswer(ctx, s.Store, r.Workspace, callOf(ctx).person(), in)
	if errors.Is(err, engine.ErrNoAnswer) {
		return nil, invalid.because("There is neither a value nor a text.").at("/values", engine.ErrNoAnswer.Error())
	}
	if err != nil {
		return nil, err
	}
	return EditAnswer200JSONResponse{Body: *revisionShown(&rev), Headers: EditAnswer200ResponseHeaders{ETag: etag(rev.Number)}}, nil
}

// answerShown returns an answer as the API shows it.
func answerShown(a *engine.StoredAnswer) Answer {
	out := Answer{N: a.N, Etag: answerTag(&a.AnswerHead), State: a.State, Number: a.Number, Assignee: a.Assignee, Due: dayOf(a.Due), Blocked: a.IsBlocked, Question: a.Question}
	if a.Current != nil {
		out.Current = *revisionShown(a.Current)
	}
	return out
}

// revisionShown returns a revision in which what is empty is a list.
func revisionShown(r *engine.AnswerRevision) *engine.AnswerRevision {
	out := *r
	out.Revision = listed(r.Revision)
	if r.Gap != nil && r.Gap.Proposal != nil {
		gap := *r.Gap
		gap.Proposal = listed(gap.Proposal)
		out.Gap = &gap
	}
	return &out
}

func listed(r *engine.Revision) *engine.Revision {
	if r == nil || r.Values != nil && r.Citations != nil {
		return r
	}
	out := *r
	out.Values, out.Citations = append([]engine.PartValue{}, r.Values...), append([]engine.Citation{}, r.Citations...)
	return &out
}
