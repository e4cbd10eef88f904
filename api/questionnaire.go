package api

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"vouch/engine"
)

// formFields are what is said about a file that is sent.
var formFields = []string{"customer", "deal", "due", "product", "language", "nda", "public", fieldLayout, "draft"}

// CreateQuestionnaire takes in a customer's file. It is read before the
// transaction, in a process of its own.
func (s *Server) CreateQuestionnaire(ctx context.Context, r CreateQuestionnaireRequestObject) (CreateQuestionnaireResponseObject, error) {
	ctx = requestContext(ctx)
	f, err := s.receiveForm(ctx, r.Body, formFields...)
	if err != nil {
		return nil, err
	}
	defer f.remove()
	if again, err := s.replayed(ctx, r.Params.IdempotencyKey); again || err != nil {
		return nil, err
	}
	in, err := f.intake()
	if err != nil {
		return nil, err
	}
	draft, err := f.yes("draft", true)
	if err != nil {
		return nil, err
	}
	layout, err := f.layout(s.ReadLayout)
	if err != nil {
		return nil, err
	}
	if in.Read, _, err = s.read(ctx, r.Workspace, f.path, layout); err != nil {
		return nil, err
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	defer file.Close()
	in.File = file
	return once(ctx, s, r.Params.IdempotencyKey, CreateQuestionnaireResponseObject.VisitCreateQuestionnaireResponse, func(ctx context.Context, store engine.Store) (CreateQuestionnaireResponseObject, error) {
		job := ""
		in.Then = func(ctx context.Context, tx engine.Tx, q engine.StoredQuestionnaire) (err error) {
			if layout != nil {
				err = tx.PutLayout(ctx, r.Workspace, in.Read.Layout)
			}
			if err == nil && draft {
				job, err = addDrafting(ctx, tx, r.Workspace, q.ID)
			}
			return err
		}
		q, err := engine.Intake(ctx, store, r.Workspace, callOf(ctx).person(), in)
		if err != nil {
			return nil, err
		}
		body := questionnaireShown(&q)
		body.Job = job
		at := callOf(ctx).request.URL.Path + "/" + q.ID
		return CreateQuestionnaire201JSONResponse{Body: body, Headers: CreateQuestionnaire201ResponseHeaders{ETag: etag(q.Version), Location: at}}, nil
	})
}

// read finds the questions in a file: as a layout says, if a person gave one;
// else as the one that was given for a file of the same shape, if it still fits.
// One for a shorter file does not: it would lose the questions below its end.
func (s *Server) read(ctx context.Context, workspace, path string, layout *engine.Layout) (q *engine.Questionnaire, remembered bool, err error) {
	if q, err = s.ReadQuestionnaire(ctx, path, layout); err != nil || layout != nil {
		return q, false, err
	}
	kept, err := s.Store.Layout(ctx, workspace, q.Layout.Shape)
	if errors.Is(err, engine.ErrNotFound) {
		return q, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if !kept.Covers(&q.Layout) {
		return q, false, nil
	}
	again, err := s.ReadQuestionnaire(ctx, path, &kept)
	var refused *engine.RefusedError
	if errors.As(err, &refused) {
		return q, false, nil
	}
	return again, true, err
}

// intake returns what the fields of a form say about a questionnaire.
func (f *uploadForm) intake() (in engine.IntakeInput, err error) {
	in = engine.IntakeInput{Customer: f.text("customer"), Deal: f.text("deal"), Product: f.text("product"), Language: f.text("language")}
	if in.Language != "" && !engine.IsLanguage(in.Language) {
		return in, badRequest.because("A field of the form is not as the API has it.").at("/language", "must have the form ^[a-z]{2}$")
	}
	due, err := dayIn(f.text("due"), "/due")
	if err != nil {
		return in, err
	}
	if !due.IsZero() {
		in.Due = &due
	}
	if in.NDA, err = f.yes("nda", false); err != nil {
		return in, err
	}
	in.Public, err = f.yes("public", false)
	return in, err
}

// addDrafting adds the job that drafts a questionnaire, and returns its id.
func addDrafting(ctx context.Context, tx engine.Tx, workspace, questionnaire string) (string, error) {
	j, err := tx.AddJob(ctx, workspace, engine.Job{Kind: engine.JobDraft, Object: "questionnaire:" + questionnaire})
	return j.ID, err
}

// PreviewQuestionnaire says what is understood of a file, and stores nothing.
func (s *Server) PreviewQuestionnaire(ctx context.Context, r PreviewQuestionnaireRequestObject) (PreviewQuestionnaireResponseObject, error) {
	ctx = requestContext(ctx)
	f, err := s.receiveForm(ctx, r.Body, fieldLayout)
	if err != nil {
		return nil, err
	}
	defer f.remove()
	layout, err := f.layout(s.ReadLayout)
	if err != nil {
		return nil, err
	}
	q, remembered, err := s.read(ctx, r.Workspace, f.path, layout)
	if err != nil {
		return nil, err
	}
	return PreviewQuestionnaire200JSONResponse{
		Name: q.Name, Format: q.Format, Language: q.Language, Remembered: remembered, Layout: layoutShown(q.Layout),
		Questions: append([]Question{}, q.Questions...), Skipped: append([]SkippedRow{}, q.Skipped...),
	}, nil
}

// layoutShown returns a layout that can be sent back as it is: what is empty is
// a list.
func layoutShown(l engine.Layout) engine.Layout {
	l.Sheets = append([]engine.SheetLayout{}, l.Sheets...)
	return l
}

// ListQuestionnaires lists questionnaires, newest first.
func (s *Server) ListQuestionnaires(ctx context.Context, r ListQuestionnairesRequestObject) (ListQuestionnairesResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	p := r.Params
	f := engine.QuestionnaireFilter{State: engine.QuestionnaireState(p.State), Customer: p.Customer, DueBefore: p.DueBefore.Time, Text: p.Text, After: after, Limit: p.Limit + 1}
	if p.Overdue {
		f.Overdue = today()
	}
	list, err := s.Store.Questionnaires(ctx, r.Workspace, f)
	if err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, p.Limit, func(q *engine.StoredQuestionnaire) string { return q.ID })
	out := QuestionnairePage{Questionnaires: make([]Questionnaire, len(shown)), Next: next}
	for i := range shown {
		out.Questionnaires[i] = questionnaireShown(&shown[i])
	}
	return ListQuestionnaires200JSONResponse{Body: out, Headers: ListQuestionnaires200ResponseHeaders{Link: optional(link)}}, nil
}

// today is the day that it is, UTC midnight.
func today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// GetQuestionnaire reads a questionnaire, with what was understood of its file.
func (s *Server) GetQuestionnaire(ctx context.Context, r GetQuestionnaireRequestObject) (GetQuestionnaireResponseObject, error) {
	ctx = requestContext(ctx)
	q, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	questions, err := s.Store.Questions(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	body := questionnaireShown(&q)
	body.Layout, body.Skipped, body.Sections = layoutShown(q.Layout), q.Skipped, sectionsOf(questions)
	return GetQuestionnaire200JSONResponse{Body: body, Headers: GetQuestionnaire200ResponseHeaders{ETag: etag(q.Version)}}, nil
}

func (s *Server) questionnaire(ctx context.Context, workspace, id string) (engine.StoredQuestionnaire, error) {
	q, err := s.Store.Questionnaire(ctx, workspace, id)
	if errors.Is(err, engine.ErrNotFound) {
		err = notFound.because("There is no questionnaire with this id.")
	}
	return q, err
}

// sectionsOf returns the headings of questions, in the order in which they
// begin.
func sectionsOf(questions []engine.Question) (list []Section) {
	at := map[string]int{}
	for i := range questions {
		name := questions[i].Section
		if name == "" {
			continue
		}
		j, ok := at[name]
		if !ok {
			j = len(list)
			at[name] = j
			list = append(list, Section{Name: name, First: i + 1})
		}
		list[j].Questions++
	}
	return list
}

// ChangeQuestionnaire changes what is said about a questionnaire.
func (s *Server) ChangeQuestionnaire(ctx context.Context, r ChangeQuestionnaireRequestObject) (ChangeQuestionnaireResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "a questionnaire")
	if err != nil {
		return nil, err
	}
	b := r.Body
	change := engine.QuestionnaireChange{Name: b.Name, Customer: b.Customer, Deal: b.Deal, Product: b.Product, Language: b.Language, NDA: b.Nda, Public: b.Public}
	if b.Due != nil {
		due, err := dayIn(*b.Due, "/due")
		if err != nil {
			return nil, err
		}
		change.Due = &due
	}
	q, err := engine.ChangeQuestionnaire(ctx, s.Store, r.Workspace, callOf(ctx).person(), r.Questionnaire, version, change)
	if err != nil {
		return nil, s.changed(ctx, r.Workspace, r.Questionnaire, err)
	}
	return ChangeQuestionnaire200JSONResponse{Body: questionnaireShown(&q), Headers: ChangeQuestionnaire200ResponseHeaders{ETag: etag(q.Version)}}, nil
}

// changed returns the problem of a change: where the questionnaire has another
// version than was read, one that shows it.
func (s *Server) changed(ctx context.Context, workspace, id string, err error) error {
	if !errors.Is(err, engine.ErrStaleVersion) {
		return err
	}
	q, err := s.questionnaire(ctx, workspace, id)
	if err != nil {
		return err
	}
	return changedMeanwhile("questionnaire", q.Version, questionnaireShown(&q))
}

// CorrectLayout reads the file again as a person says, and has it drafted.
func (s *Server) CorrectLayout(ctx context.Context, r CorrectLayoutRequestObject) (CorrectLayoutResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "a questionnaire")
	if err != nil {
		return nil, err
	}
	if err := r.Body.Validate(); err != nil {
		return nil, badLayout.because("The layout cannot be used: %s.", err).at("", err.Error())
	}
	q, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	dir, path, err := s.fetch(ctx, r.Workspace, &q)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	read, err := s.ReadQuestionnaire(ctx, path, r.Body)
	if err != nil {
		return nil, err
	}
	job := ""
	err = s.Store.InTx(ctx, func(tx engine.Tx) error {
		if q, err = engine.CorrectLayout(ctx, engine.Joined(tx), r.Workspace, callOf(ctx).person(), r.Questionnaire, version, read); err != nil {
			return err
		}
		if err := tx.PutLayout(ctx, r.Workspace, q.Layout); err != nil {
			return err
		}
		job, err = addDrafting(ctx, tx, r.Workspace, q.ID)
		return err
	})
	if err != nil {
		return nil, s.changed(ctx, r.Workspace, r.Questionnaire, err)
	}
	body := questionnaireShown(&q)
	body.Job = job
	return CorrectLayout200JSONResponse{Body: body, Headers: CorrectLayout200ResponseHeaders{ETag: etag(q.Version)}}, nil
}

// DraftQuestionnaire has drafted what has no answer.
func (s *Server) DraftQuestionnaire(ctx context.Context, r DraftQuestionnaireRequestObject) (DraftQuestionnaireResponseObject, error) {
	ctx = requestContext(ctx)
	var job string
	err := s.Store.InTx(ctx, func(tx engine.Tx) error {
		q, err := tx.Questionnaire(ctx, r.Workspace, r.Questionnaire)
		if err != nil {
			return err
		}
		if q.State != engine.QuestionnaireOpen {
			return engine.ErrWithdrawn
		}
		job, err = addDrafting(ctx, tx, r.Workspace, q.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return DraftQuestionnaire202JSONResponse{Job: job}, nil
}

// WithdrawQuestionnaire ends the work on a questionnaire.
func (s *Server) WithdrawQuestionnaire(ctx context.Context, r WithdrawQuestionnaireRequestObject) (WithdrawQuestionnaireResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "a questionnaire")
	if err != nil {
		return nil, err
	}
	q, err := engine.WithdrawQuestionnaire(ctx, s.Store, r.Workspace, callOf(ctx).person(), r.Questionnaire, version)
	if err != nil {
		return nil, s.changed(ctx, r.Workspace, r.Questionnaire, err)
	}
	return WithdrawQuestionnaire200JSONResponse{Body: questionnaireShown(&q), Headers: WithdrawQuestionnaire200ResponseHeaders{ETag: etag(q.Version)}}, nil
}

// questionnaireShown returns a questionnaire as lists show it.
func questionnaireShown(q *engine.StoredQuestionnaire) Questionnaire {
	counts := q.Counts
	if counts == nil {
		counts = map[engine.AnswerState]int{engine.AnswerUnanswered: q.Questions}
	}
	open := q.State == engine.QuestionnaireOpen && counts[engine.AnswerApproved]+counts[engine.AnswerLeft] < q.Questions
	return Questionnaire{
		Id: q.ID, Version: q.Version, Name: q.Name, Format: q.Format, Customer: q.Customer, Deal: q.Deal, Due: dayOf(q.Due), Product: q.Product,
		Overdue: open && q.Due != nil && q.Due.Before(today()), Language: q.Language, Nda: q.NDA, Public: q.Public, State: QuestionnaireState(q.State),
		CreatedAt: q.CreatedAt, CreatedBy: q.CreatedBy, Questions: q.Questions, Counts: counts,
	}
}
