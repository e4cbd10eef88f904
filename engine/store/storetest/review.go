package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
)

// Who works in the tests.
var (
	ada  = engine.Person{ID: "ada", Name: "Ada", Role: engine.RoleAdmin}
	ann  = engine.Person{ID: "ann", Name: "Ann", Role: engine.RoleReviewer}
	bob  = engine.Person{ID: "bob", Name: "Bob", Role: engine.RoleReviewer}
	cleo = engine.Person{ID: "cleo", Name: "Cleo", Role: engine.RoleContributor}
	vic  = engine.Person{ID: "vic", Name: "Vic", Role: engine.RoleViewer}
)

// reviewFile is the customer's file of every questionnaire here.
const reviewFile = "the customer's file"

var dueOn = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// questionsOf returns n questions, each with a choice and an explanation, in
// two sections.
func questionsOf(n int) []engine.Question {
	list := make([]engine.Question, n)
	for i := range list {
		at := engine.Locator{Sheet: "S", Cells: []string{fmt.Sprintf("B%d", i+2)}}
		list[i] = engine.Question{
			Ref: fmt.Sprintf("Q-%d", i+1), Section: []string{"Access", "Backup"}[i%2], Text: fmt.Sprintf("Is control number %d in place?", i+1), Locator: at, Row: i + 2,
			Parts: []engine.Part{
				{Kind: engine.PartChoice, Options: []string{"Yes", "No"}, Locator: engine.Locator{Sheet: "S", Cells: []string{fmt.Sprintf("C%d", i+2)}}},
				{Kind: engine.PartExplanation, Locator: engine.Locator{Sheet: "S", Cells: []string{fmt.Sprintf("D%d", i+2)}}},
			},
		}
	}
	return list
}

func read(questions []engine.Question) *engine.Questionnaire {
	return &engine.Questionnaire{Name: "acme.xlsx", Format: "xlsx", Language: "en", Layout: engine.Layout{Format: "xlsx", Shape: "shape"}, Questions: questions}
}

// takenIn stores a questionnaire for Acme.
func takenIn(t *testing.T, s engine.Store, questions []engine.Question) engine.StoredQuestionnaire {
	t.Helper()
	return must(engine.Intake(t.Context(), s, here, cleo, engine.IntakeInput{Read: read(questions), File: strings.NewReader(reviewFile), Customer: "Acme", Due: &dueOn}))(t)
}

func storedQuestionnaire(id string) engine.StoredQuestionnaire {
	return engine.StoredQuestionnaire{ID: id, Version: 1, Name: "acme.xlsx", Format: "xlsx", State: engine.QuestionnaireOpen, CreatedBy: "user:cleo"}
}

// revision is a draft that cites an entry.
func revision(questionnaire string, n, before int) engine.AnswerRevision {
	part := questionsOf(n)[n-1].Parts[0]
	return engine.AnswerRevision{
		Questionnaire: questionnaire, N: n, Number: before, Author: "job:draft",
		Revision: &engine.Revision{
			Verdict: engine.VerdictYes, Values: []engine.PartValue{{Part: part, Value: "Yes"}}, Text: "It is.", Confidence: 0.9, Origin: engine.OriginReuse,
			Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: "01890000-0000-7000-8000-000000000000", Version: 1}},
		},
	}
}

// reviewed is one thing each of a review.
type reviewed struct {
	questionnaire engine.StoredQuestionnaire
	revision      engine.AnswerRevision
	decision      engine.Decision
	comment       engine.Comment
	export        engine.Export
}

// putReview stores a questionnaire of one question, and one thing each of what
// belongs to it.
func putReview(t *testing.T, s engine.Tx, workspace string) (x reviewed) {
	t.Helper()
	ctx := t.Context()
	q := storedQuestionnaire("")
	q.File = must(s.PutFile(ctx, workspace, strings.NewReader(reviewFile)))(t)
	x.questionnaire = must(s.AddQuestionnaire(ctx, workspace, q, questionsOf(1)))(t)
	id := x.questionnaire.ID
	x.revision = must(s.PutRevision(ctx, workspace, revision(id, 1, 0), engine.AnswerDrafted))(t)
	h := must(s.AnswerHead(ctx, workspace, id, 1))(t)
	h.Assignee = "bob"
	if err := s.PutAnswer(ctx, workspace, h); err != nil {
		t.Fatal(err)
	}
	x.decision = must(s.AddDecision(ctx, workspace, engine.Decision{Questionnaire: id, N: 1, Revision: 1, Kind: engine.DecisionReject, Note: "no", By: "user:ann"}))(t)
	x.comment = must(s.AddComment(ctx, workspace, engine.Comment{Questionnaire: id, N: 1, Text: "why?", By: "user:ann"}))(t)
	x.export = must(s.AddExport(ctx, workspace, engine.Export{Questionnaire: id, By: "user:ann", Partial: true, File: strings.Repeat("a", 64), Open: []int{1}}))(t)
	return x
}

func settingsFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	same(t, "as shipped", must(s.Settings(ctx, here))(t), engine.DefaultSettings())
	want := engine.Settings{FourEyes: true, MinConfidence: 0.8125, MaxAgeDays: 12, Citations: assurance.StyleShort}
	stored := must(s.PutSettings(ctx, here, want))(t)
	want.Version = 1
	same(t, "PutSettings", stored, want)
	same(t, "Settings", must(s.Settings(ctx, here))(t), want)
	want.Propose = true
	stored = must(s.PutSettings(ctx, here, want))(t)
	want.Version = 2
	same(t, "what is proposed", stored, want)
	same(t, "what is proposed", must(s.Settings(ctx, here))(t), want)
	whole(t, s)
}

func settingsVersions(t *testing.T, s engine.Store) {
	ctx := t.Context()
	x := engine.DefaultSettings()
	for n := 1; n <= 3; n++ {
		x.MaxAgeDays = n
		if x = must(engine.ChangeSettings(ctx, s, here, ada, x))(t); x.Version != n {
			t.Fatalf("version %d, want %d", x.Version, n)
		}
		old := x
		old.Version--
		if _, err := s.PutSettings(ctx, here, old); !errors.Is(err, engine.ErrStaleVersion) {
			t.Errorf("version %d again: got %v, want ErrStaleVersion", old.Version, err)
		}
	}
	for name, spoil := range map[string]func(*engine.Settings){
		"confidence above 1": func(x *engine.Settings) { x.MinConfidence = 1.1 },
		"confidence below 0": func(x *engine.Settings) { x.MinConfidence = -0.1 },
		"age below 0":        func(x *engine.Settings) { x.MaxAgeDays = -1 },
		"age of an era":      func(x *engine.Settings) { x.MaxAgeDays = 100_000 },
		"unknown style":      func(x *engine.Settings) { x.Citations = "loud" },
	} {
		bad := x
		spoil(&bad)
		if _, err := s.PutSettings(ctx, here, bad); err == nil {
			t.Errorf("%s: was stored", name)
		}
	}
	same(t, "settings", must(s.Settings(ctx, here))(t), x)
}

func questionnaireFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.StoredQuestionnaire{}
	fill(t, reflect.ValueOf(&full).Elem(), "q")
	full.State, full.Language = engine.QuestionnaireOpen, "en"
	full.File = must(s.PutFile(ctx, here, strings.NewReader(reviewFile)))(t)
	questions := make([]engine.Question, 2)
	fill(t, reflect.ValueOf(&questions[0]).Elem(), "question")
	questions[1] = questionsOf(1)[0]
	want := must(s.AddQuestionnaire(ctx, here, full, questions))(t)
	full.ID, full.Version, full.CreatedAt, full.Questions, full.Asks = want.ID, 1, want.CreatedAt, 2, want.Asks
	full.Counts = map[engine.AnswerState]int{engine.AnswerUnanswered: 2}
	if len(want.ID) != 36 || len(want.Asks) != 64 || time.Since(want.CreatedAt) > time.Minute {
		t.Fatalf("got %+v", want)
	}
	same(t, "AddQuestionnaire", want, full)
	same(t, "Questionnaire", must(s.Questionnaire(ctx, here, want.ID))(t), full)
	same(t, "Questions", must(s.Questions(ctx, here, want.ID))(t), questions)
	short := full
	short.Layout, short.Appended, short.Skipped = engine.Layout{}, nil, nil
	same(t, "Questionnaires", must(s.Questionnaires(ctx, here, engine.QuestionnaireFilter{}))(t), []engine.StoredQuestionnaire{short})
	next := full
	fill(t, reflect.ValueOf(&next).Elem(), "another")
	next.ID, next.Version, next.State = full.ID, 1, engine.QuestionnaireWithdrawn
	next.Due, next.NDA, next.Public, next.Language = nil, false, false, "de"
	got := must(s.PutQuestionnaire(ctx, here, next))(t)
	next.Version = 2
	for _, keep := range []string{"Format", "File", "CreatedAt", "CreatedBy", "Questions", "Asks", "Layout", "Appended", "Skipped", "Counts"} {
		reflect.ValueOf(&next).Elem().FieldByName(keep).Set(reflect.ValueOf(full).FieldByName(keep))
	}
	same(t, "PutQuestionnaire", got, next)
	same(t, "Questionnaire", must(s.Questionnaire(ctx, here, want.ID))(t), next)
}

func questionnaireVersions(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	for _, version := range []int{0, 2, -1} {
		stale := q
		stale.Version = version
		if _, err := s.PutQuestionnaire(ctx, here, stale); !errors.Is(err, engine.ErrStaleVersion) {
			t.Errorf("version %d: got %v, want ErrStaleVersion", version, err)
		}
		if _, err := s.ReplaceQuestions(ctx, here, stale, questionsOf(1)); !errors.Is(err, engine.ErrStaleVersion) {
			t.Errorf("questions at version %d: got %v, want ErrStaleVersion", version, err)
		}
	}
	name := "renamed"
	changed := must(engine.ChangeQuestionnaire(ctx, s, here, cleo, q.ID, 1, engine.QuestionnaireChange{Name: &name}))(t)
	if changed.Version != 2 || changed.Name != name || changed.Customer != "Acme" {
		t.Errorf("got %+v", changed)
	}
	if _, err := engine.ChangeQuestionnaire(ctx, s, here, cleo, q.ID, 1, engine.QuestionnaireChange{Name: &name}); !errors.Is(err, engine.ErrStaleVersion) {
		t.Errorf("got %v, want ErrStaleVersion", err)
	}
}

func questionsReplaced(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	must(engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{3}, Assignee: "bob"}))(t)
	other := read(questionsOf(5))
	other.Layout.Shape = "other"
	q = must(engine.CorrectLayout(ctx, s, here, cleo, q.ID, q.Version, other))(t)
	if q.Version != 2 || q.Questions != 5 || q.Layout.Shape != "other" || q.Counts[engine.AnswerUnanswered] != 5 {
		t.Fatalf("got %+v", q)
	}
	same(t, "Questions", must(s.Questions(ctx, here, q.ID))(t), other.Questions)
	same(t, "Questionnaire", must(s.Questionnaire(ctx, here, q.ID))(t), q)
	if list := must(s.AssignedAnswers(ctx, here, "bob"))(t); len(list) != 0 {
		t.Errorf("%d assignments of questions that are gone", len(list))
	}
	whole(t, s)
	if _, err := engine.CorrectLayout(ctx, s, here, cleo, q.ID, q.Version, read(nil)); !errors.Is(err, engine.ErrNoQuestions) {
		t.Errorf("no questions: got %v", err)
	}
	must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, 1, 0, "not ours"))(t)
	if _, err := engine.CorrectLayout(ctx, s, here, cleo, q.ID, q.Version, other); !errors.Is(err, engine.ErrAnswered) {
		t.Errorf("after one was left empty: got %v, want ErrAnswered", err)
	}
	q = takenIn(t, s, questionsOf(3))
	must(s.PutRevision(ctx, here, revision(q.ID, 2, 0), engine.AnswerDrafted))(t)
	if _, err := engine.CorrectLayout(ctx, s, here, cleo, q.ID, q.Version, other); !errors.Is(err, engine.ErrAnswered) {
		t.Errorf("after a draft: got %v, want ErrAnswered", err)
	}
}

// whole fails if the audit log is not as things are.
func whole(t *testing.T, s engine.Store) engine.AuditReport {
	t.Helper()
	r := must(engine.VerifyAudit(t.Context(), s, here, nil))(t)
	if len(r.Breaks) != 0 || r.Before != 0 {
		t.Errorf("the audit log is not whole: %+v", r)
	}
	return r
}

func questionnaireFilters(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var list []engine.StoredQuestionnaire
	for i, x := range []struct{ name, customer, due string }{{"Acme_2026.xlsx", "Acme", "2026-12-01"}, {"acme 100%.csv", "Acme", "2026-12-05"}, {"ÜBER.xlsx", "Über", ""}, {"done.xlsx", "Acme", "2026-12-01"}} {
		r := read(questionsOf(1))
		r.Name = x.name
		in := engine.IntakeInput{Read: r, File: strings.NewReader(reviewFile), Customer: x.customer}
		if x.due != "" {
			due := must(time.Parse(time.DateOnly, x.due))(t)
			in.Due = &due
		}
		q := must(engine.Intake(ctx, s, here, cleo, in))(t)
		if i == 3 {
			must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, 1, 0, "not ours"))(t)
		}
		list = append(list, q)
	}
	must(engine.WithdrawQuestionnaire(ctx, s, here, ann, list[1].ID, 1))(t)
	at := func(day string) time.Time { return must(time.Parse(time.DateOnly, day))(t) }
	tried := map[string]bool{}
	for _, x := range []struct {
		field string
		f     engine.QuestionnaireFilter
		want  []int
	}{
		{"", engine.QuestionnaireFilter{}, []int{3, 2, 1, 0}},
		{"ID", engine.QuestionnaireFilter{ID: list[2].ID}, []int{2}},
		{"ID", engine.QuestionnaireFilter{ID: list[2].ID + "0"}, nil},
		{"State", engine.QuestionnaireFilter{State: engine.QuestionnaireWithdrawn}, []int{1}},
		{"Customer", engine.QuestionnaireFilter{Customer: "Über"}, []int{2}},
		{"DueBefore", engine.QuestionnaireFilter{DueBefore: at("2026-12-02")}, []int{3, 0}},
		{"DueBefore", engine.QuestionnaireFilter{DueBefore: at("2026-12-01")}, nil},
		{"Overdue", engine.QuestionnaireFilter{Overdue: at("2026-12-31")}, []int{0}},
		{"Text", engine.QuestionnaireFilter{Text: "ACME"}, []int{1, 0}},
		{"Text", engine.QuestionnaireFilter{Text: "über"}, []int{2}},
		{"Text", engine.QuestionnaireFilter{Text: "0%"}, []int{1}},
		{"Text", engine.QuestionnaireFilter{Text: "e_2"}, []int{0}},
		{"After", engine.QuestionnaireFilter{After: list[2].ID}, []int{1, 0}},
		{"Limit", engine.QuestionnaireFilter{Limit: 2, Customer: "Acme"}, []int{3, 1}},
	} {
		tried[x.field] = true
		var got []int
		for _, q := range must(s.Questionnaires(ctx, here, x.f))(t) {
			for i := range list {
				if list[i].ID == q.ID {
					got = append(got, i)
				}
			}
		}
		same(t, fmt.Sprintf("%+v", x.f), got, x.want)
	}
	for name := range fields(engine.QuestionnaireFilter{}) {
		if !tried[name] {
			t.Errorf("nothing tests the filter %s", name)
		}
	}
}

func wholeFiles(t *testing.T, s engine.Store) {
	ctx := t.Context()
	random := rand.NewChaCha8([32]byte{8})
	const piece = 1 << 20
	for _, size := range []int{1, 1000, piece - 1, piece, piece + 1, 3*piece + piece/2} {
		want := make([]byte, size)
		_, _ = random.Read(want)
		name := must(s.PutFile(ctx, here, bytes.NewReader(want)))(t)
		if again := must(s.PutFile(ctx, here, bytes.NewReader(want)))(t); again != name {
			t.Errorf("%d bytes: named %s, then %s", size, name, again)
		}
		r, n, err := s.File(ctx, here, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, want); n != int64(size) || size < piece && err != nil {
			t.Errorf("%d bytes, said to be %d: %v", size, n, err)
		}
		r, _, err = s.File(ctx, here, name)
		if got, readErr := io.ReadAll(r); err != nil || readErr != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came back (%v, %v)", size, len(got), err, readErr)
		}
	}
	if events := all(t, s.AuditEvents(ctx, here, 0)); len(events) != 6 {
		t.Errorf("%d audit events of 6 files, each put twice", len(events))
	}
	whole(t, s)
}

// zeros is a file of zeros, too large to make.
type zeros struct{ at, size int64 }

func (z *zeros) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("only to the start")
	}
	z.at = 0
	return 0, nil
}

func (z *zeros) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), z.size-z.at))
	if n == 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	z.at += int64(n)
	return n, nil
}

// moving is a file that is another one when it is read again.
type moving struct {
	*strings.Reader
	seeks int
}

func (m *moving) Seek(offset int64, whence int) (int64, error) {
	if m.seeks++; m.seeks > 1 {
		m.Reader = strings.NewReader(strings.Repeat("b", 9))
	}
	return m.Reader.Seek(offset, whence)
}

func fileLimits(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for name, x := range map[string]struct {
		r    io.ReadSeeker
		want error
	}{
		"empty":     {strings.NewReader(""), engine.ErrFileSize},
		"too large": {&zeros{size: engine.MaxFileBytes + 1}, engine.ErrFileSize},
		"moving":    {&moving{Reader: strings.NewReader("aaaaaaaaa")}, engine.ErrFileChanged},
	} {
		if _, err := s.PutFile(ctx, here, x.r); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v, want %v", name, err, x.want)
		}
	}
	if got := all(t, s.AuditedReviews(ctx, here)); len(got) != 1 {
		t.Errorf("something was left of files that were refused: %v", got)
	}
}

func revisionFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(1))
	full := engine.AnswerRevision{}
	fill(t, reflect.ValueOf(&full).Elem(), "r")
	full.Questionnaire, full.N, full.Number, full.Gap = q.ID, 1, 0, nil
	full.Revision.Citations[0].Kind, full.Revision.Citations[1].Kind = engine.PassageEntry, engine.PassageControl
	full.Evidence[0].Kind, full.Evidence[1].Kind = engine.PassageEntry, engine.PassageControl
	gap := engine.AnswerRevision{Questionnaire: q.ID, N: 1, Number: 1, Author: "user:ann", Gap: &engine.Gap{}}
	fill(t, reflect.ValueOf(gap.Gap).Elem(), "g")
	var want []engine.AnswerRevision
	hash := ""
	for i, r := range []engine.AnswerRevision{full, gap} {
		stored := must(s.PutRevision(ctx, here, r, []engine.AnswerState{engine.AnswerDrafted, engine.AnswerGap}[i]))(t)
		if stored.Hash != stored.Sum(hash) || time.Since(stored.At) > time.Minute {
			t.Errorf("revision %d: %+v", i+1, stored)
		}
		hash = stored.Hash
		r.Number, r.At, r.Hash = i+1, stored.At, stored.Hash
		same(t, "PutRevision", stored, r)
		want = append(want, r)
		a := must(s.Answers(ctx, here, q.ID, engine.AnswerFilter{}))(t)[0]
		same(t, "Current", *a.Current, r)
		same(t, "Question", a.Question, questionsOf(1)[0])
		same(t, "AnswerHead", must(s.AnswerHead(ctx, here, q.ID, 1))(t), a.AnswerHead)
		if a.Number != i+1 || a.Hash != hash || a.Author != r.Author || a.Origin != r.Origin() || a.Confidence != r.Confidence() || !a.IsOpen {
			t.Errorf("head %+v", a.AnswerHead)
		}
	}
	same(t, "Revisions", must(s.Revisions(ctx, here, q.ID, 1))(t), want)
	same(t, "one of them", must(s.Revisions(ctx, here, q.ID, 1, 2))(t), want[1:])
	same(t, "those that there are", must(s.Revisions(ctx, here, q.ID, 1, 3, 2, 0, 1))(t), want)
	due := dueOn.AddDate(0, 0, 1)
	h := must(s.AnswerHead(ctx, here, q.ID, 1))(t)
	h.State, h.Assignee, h.Due = engine.AnswerLeft, "bob", &due
	if err := s.PutAnswer(ctx, here, h); err != nil {
		t.Fatal(err)
	}
	same(t, "PutAnswer", must(s.AnswerHead(ctx, here, q.ID, 1))(t), h)
}

// oddReviews: whatever stands in questions, answers and comments is as the audit
// log has it; what is no text in a JSON comes back as U+FFFD.
func oddReviews(t *testing.T, s engine.Store) {
	ctx := t.Context()
	const odd = "<script>&amp; \u2028 \x00 \x01 \xff 漢 =1+1 \" \\ \ufffd"
	questions := questionsOf(1)
	questions[0].Text, questions[0].Ref, questions[0].Section = odd, odd, odd
	r := read(questions)
	r.Layout.Shape, r.Skipped = odd, []engine.Skipped{{Text: odd}}
	q := must(engine.Intake(ctx, s, here, cleo, engine.IntakeInput{Read: r, File: strings.NewReader(odd), Customer: odd, Deal: odd}))(t)
	whole(t, s)
	x := edit(q.ID, 1, 0, odd)
	x.Text = odd
	stored := must(engine.EditAnswer(ctx, s, here, cleo, x))(t)
	must(engine.AddComment(ctx, s, here, cleo, engine.Comment{Questionnaire: q.ID, N: 1, Text: odd, Mentions: []string{odd}}))(t)
	must(engine.Decide(ctx, s, here, ann, engine.DecideInput{Questionnaire: q.ID, N: 1, Revision: 1, Kind: engine.DecisionReject, Note: odd}))(t)
	whole(t, s)
	if want := strings.ToValidUTF8(odd, "\ufffd"); stored.Revision.Text != want {
		t.Errorf("text came back as %q, want %q", stored.Revision.Text, want)
	}
	same(t, "revision", must(s.Revisions(ctx, here, q.ID, 1))(t), []engine.AnswerRevision{stored})
	if got := must(s.Questionnaire(ctx, here, q.ID))(t); got.Customer != odd || got.Deal != odd {
		t.Errorf("got %q and %q", got.Customer, got.Deal)
	}
}

func revisionNumbers(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	for n := range 4 {
		for _, wrong := range []int{n - 1, n + 1, -1} {
			if _, err := s.PutRevision(ctx, here, revision(q.ID, 1, wrong), engine.AnswerDrafted); !errors.Is(err, engine.ErrStaleVersion) {
				t.Errorf("after revision %d, one after %d: got %v, want ErrStaleVersion", n, wrong, err)
			}
		}
		if r := must(s.PutRevision(ctx, here, revision(q.ID, 1, n), engine.AnswerDrafted))(t); r.Number != n+1 {
			t.Errorf("got number %d, want %d", r.Number, n+1)
		}
	}
	h := must(s.AnswerHead(ctx, here, q.ID, 1))(t)
	h.Number = 3
	if err := s.PutAnswer(ctx, here, h); !errors.Is(err, engine.ErrStaleVersion) {
		t.Errorf("the state of an older revision: got %v, want ErrStaleVersion", err)
	}
	for _, n := range []int{0, 3, -1} {
		_, err := s.PutRevision(ctx, here, engine.AnswerRevision{Questionnaire: q.ID, N: n, Author: "x", Gap: &engine.Gap{}}, engine.AnswerGap)
		notThere(t, err)
	}
}

func answerFilters(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(5))
	must(s.PutRevision(ctx, here, revision(q.ID, 2, 0), engine.AnswerDrafted))(t)
	must(s.PutRevision(ctx, here, revision(q.ID, 4, 0), engine.AnswerDrafted))(t)
	must(engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{4, 5}, Assignee: "bob"}))(t)
	tried := map[string]bool{}
	for _, x := range []struct {
		field string
		f     engine.AnswerFilter
		want  []int
	}{
		{"", engine.AnswerFilter{}, []int{1, 2, 3, 4, 5}},
		{"State", engine.AnswerFilter{State: engine.AnswerDrafted}, []int{2}},
		{"State", engine.AnswerFilter{State: engine.AnswerUnanswered}, []int{1, 3, 5}},
		{"Assignee", engine.AnswerFilter{Assignee: "bob"}, []int{4, 5}},
		{"Section", engine.AnswerFilter{Section: "Backup"}, []int{2, 4}},
		{"Section", engine.AnswerFilter{Section: "Backup", State: engine.AnswerInReview}, []int{4}},
		{"Section", engine.AnswerFilter{Section: "Back\x00up"}, nil},
		{"After", engine.AnswerFilter{After: 3}, []int{4, 5}},
		{"Limit", engine.AnswerFilter{Limit: 2}, []int{1, 2}},
		{"Limit", engine.AnswerFilter{After: 1, Limit: 2, State: engine.AnswerUnanswered}, []int{3, 5}},
	} {
		tried[x.field] = true
		var got []int
		for _, a := range must(s.Answers(ctx, here, q.ID, x.f))(t) {
			got = append(got, a.N)
		}
		same(t, fmt.Sprintf("%+v", x.f), got, x.want)
	}
	for name := range fields(engine.AnswerFilter{}) {
		if !tried[name] {
			t.Errorf("nothing tests the filter %s", name)
		}
	}
}

// counted fails if the counts of a questionnaire are not what its answers are.
func counted(t fataler, s engine.Store, workspace, id string) {
	t.Helper()
	list, err := s.Answers(t.Context(), workspace, id, engine.AnswerFilter{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Questionnaire(t.Context(), workspace, id)
	if err != nil {
		t.Fatal(err)
	}
	want := map[engine.AnswerState]int{}
	for i := range list {
		want[list[i].State]++
	}
	if !reflect.DeepEqual(q.Counts, want) {
		t.Errorf("counts %v, want %v", q.Counts, want)
	}
}

func answerCounts(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(len(engine.AnswerStates())))
	other := takenIn(t, s, questionsOf(2))
	for i, state := range engine.AnswerStates() {
		if state == engine.AnswerUnanswered {
			continue
		}
		r := revision(q.ID, i+1, 0)
		if state == engine.AnswerGap {
			r.Revision, r.Gap = nil, &engine.Gap{Reason: engine.GapNoEvidence}
		}
		must(s.PutRevision(ctx, here, r, state))(t)
		counted(t, s, here, q.ID)
	}
	counts := must(s.Questionnaire(ctx, here, q.ID))(t).Counts
	for i, state := range engine.AnswerStates() {
		if counts[state] != 1 {
			t.Errorf("%d answers are %s, want 1", counts[state], state)
		}
		if i == 0 {
			continue
		}
		h := must(s.AnswerHead(ctx, here, q.ID, i+1))(t)
		h.State = engine.AnswerStale
		if err := s.PutAnswer(ctx, here, h); err != nil {
			t.Fatal(err)
		}
	}
	counted(t, s, here, q.ID)
	same(t, "of another", must(s.Questionnaire(ctx, here, other.ID))(t).Counts, map[engine.AnswerState]int{engine.AnswerUnanswered: 2})
}

func decisionFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	var want []engine.Decision
	for i := range 3 {
		d := engine.Decision{Questionnaire: q.ID, N: i + 1, Revision: i, Kind: engine.DecisionRequestChanges, Note: "note", By: "user:ann"}
		switch i {
		case 1:
			d.Bulk = engine.BulkNew
		case 2:
			d.Bulk, d.Kind, d.Note = want[1].Bulk, engine.DecisionApprove, ""
		}
		stored := must(s.AddDecision(ctx, here, d))(t)
		d.ID, d.At = stored.ID, stored.At
		if i == 1 {
			d.Bulk = stored.ID
		}
		same(t, "AddDecision", stored, d)
		want = append(want, d)
	}
	same(t, "all", must(s.Decisions(ctx, here, engine.DecisionFilter{}))(t), want)
	same(t, "of a questionnaire", must(s.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: q.ID}))(t), want)
	same(t, "of none", must(s.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: "x"}))(t), nil)
	same(t, "of an answer", must(s.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: q.ID, N: 1}))(t), want[:1])
	same(t, "of a revision", must(s.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: q.ID, Revision: 2}))(t), want[2:])
	same(t, "of another one", must(s.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: q.ID, N: 1, Revision: 99}))(t), nil)
	same(t, "in bulk", must(s.Decisions(ctx, here, engine.DecisionFilter{Bulk: want[1].ID}))(t), want[1:])
}

func commentFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	full := engine.Comment{}
	fill(t, reflect.ValueOf(&full).Elem(), "c")
	full.Questionnaire, full.N = q.ID, 2
	bare := engine.Comment{Questionnaire: q.ID, Text: "bare", By: "user:ann"}
	var want []engine.Comment
	for _, c := range []engine.Comment{full, bare} {
		stored := must(s.AddComment(ctx, here, c))(t)
		c.ID, c.At, c.RemovedAt, c.RemovedBy = stored.ID, stored.At, nil, ""
		same(t, "AddComment", stored, c)
		same(t, "Comment", must(s.Comment(ctx, here, c.ID))(t), c)
		want = append(want, c)
	}
	same(t, "Comments", must(s.Comments(ctx, here, q.ID, 0))(t), want)
	same(t, "of an answer", must(s.Comments(ctx, here, q.ID, 2))(t), want[:1])
	first := must(s.RemoveComment(ctx, here, want[0].ID, "user:bob"))(t)
	want[0].Text, want[0].Mentions, want[0].RemovedBy, want[0].RemovedAt = "", nil, "user:bob", first.RemovedAt
	same(t, "RemoveComment", first, want[0])
	same(t, "again", must(s.RemoveComment(ctx, here, want[0].ID, "user:ann"))(t), want[0])
	same(t, "Comments", must(s.Comments(ctx, here, q.ID, 0))(t), want)
	whole(t, s)
}

func exportFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	full := engine.Export{}
	fill(t, reflect.ValueOf(&full).Elem(), "e")
	full.Questionnaire, full.File = q.ID, strings.Repeat("0", 64)
	bare := engine.Export{Questionnaire: q.ID, By: "user:ann", File: strings.Repeat("1", 64)}
	var want []engine.Export
	for _, e := range []engine.Export{full, bare} {
		stored := must(s.AddExport(ctx, here, e))(t)
		e.ID, e.At = stored.ID, stored.At
		same(t, "AddExport", stored, e)
		want = append(want, e)
	}
	same(t, "Exports", must(s.Exports(ctx, here, q.ID))(t), want)
	whole(t, s)
}

func citing(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	withdrawn := takenIn(t, s, questionsOf(1))
	cite := func(id string, n, before int, kind engine.PassageKind, cited string, version int, report string) {
		r := revision(id, n, before)
		r.Revision.Citations = []engine.Citation{{Kind: kind, ID: cited, Version: version}, {Kind: kind, ID: cited, Version: version}}
		r.Revision.Cites = []assurance.Cite{{Report: report}, {Control: "C-1"}}
		must(s.PutRevision(ctx, here, r, engine.AnswerDrafted))(t)
	}
	cite(q.ID, 1, 0, engine.PassageEntry, "e1", 1, "SOC2")
	cite(q.ID, 1, 1, engine.PassageEntry, "e1", 2, "")
	cite(q.ID, 2, 0, engine.PassageEntry, "e2", 1, "soc2")
	cite(q.ID, 3, 0, engine.PassageControl, "e1", 7, "")
	cite(withdrawn.ID, 1, 0, engine.PassageEntry, "e1", 1, "SOC2")
	must(engine.WithdrawQuestionnaire(ctx, s, here, ann, withdrawn.ID, 1))(t)
	in := func(n, number int, kind engine.CitedKind, id string, version int) engine.CitedIn {
		return engine.CitedIn{Questionnaire: q.ID, N: n, Number: number, Kind: kind, ID: id, Version: version}
	}
	for _, x := range []struct {
		kind engine.CitedKind
		ids  []string
		want []engine.CitedIn
	}{
		{engine.CitedEntry, []string{"e1"}, []engine.CitedIn{in(1, 2, engine.CitedEntry, "e1", 2)}},
		{engine.CitedEntry, nil, []engine.CitedIn{in(1, 2, engine.CitedEntry, "e1", 2), in(2, 1, engine.CitedEntry, "e2", 1)}},
		{engine.CitedEntry, []string{"e3"}, nil},
		{engine.CitedControl, []string{"e1", "e2"}, []engine.CitedIn{in(3, 1, engine.CitedControl, "e1", 7)}},
		{engine.CitedReport, []string{"soc2"}, []engine.CitedIn{in(2, 1, engine.CitedReport, "soc2", 0)}},
	} {
		got := must(s.Citing(ctx, here, x.kind, x.ids))(t)
		same(t, fmt.Sprintf("%s %v", x.kind, x.ids), got, x.want)
	}
	if _, err := s.Citing(ctx, here, "letter", nil); err == nil {
		t.Error("an unknown kind was looked up")
	}
}

func invalidReviews(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	gap := engine.AnswerRevision{Questionnaire: q.ID, N: 1, Author: "user:ann", Gap: &engine.Gap{Reason: engine.GapConflict}}
	both := gap
	both.Revision = &engine.Revision{}
	neither := gap
	neither.Gap = nil
	unsure := revision(q.ID, 1, 0)
	unsure.Revision.Confidence = 1.5
	put := func(r engine.AnswerRevision, state engine.AnswerState) error {
		_, err := s.PutRevision(ctx, here, r, state)
		return err
	}
	add := func(change func(*engine.StoredQuestionnaire)) error {
		x := storedQuestionnaire("")
		x.File = q.File
		change(&x)
		_, err := s.AddQuestionnaire(ctx, here, x, questionsOf(1))
		return err
	}
	decide := func(d engine.Decision) error { _, err := s.AddDecision(ctx, here, d); return err }
	comment := func(c engine.Comment) error { c.Questionnaire = q.ID; _, err := s.AddComment(ctx, here, c); return err }
	_, none := s.AddQuestionnaire(ctx, here, engine.StoredQuestionnaire{File: q.File, Name: "x", Format: "csv", State: "open", CreatedBy: "x"}, nil)
	for name, err := range map[string]error{
		"both":                    put(both, engine.AnswerDrafted),
		"neither":                 put(neither, engine.AnswerDrafted),
		"unknown state":           put(gap, "done"),
		"unanswered revision":     put(gap, engine.AnswerUnanswered),
		"confidence above 1":      put(unsure, engine.AnswerDrafted),
		"approved without any":    s.PutAnswer(ctx, here, engine.AnswerHead{Questionnaire: q.ID, N: 1, State: engine.AnswerApproved}),
		"no questions":            none,
		"no name":                 add(func(x *engine.StoredQuestionnaire) { x.Name = " " }),
		"no format":               add(func(x *engine.StoredQuestionnaire) { x.Format = "" }),
		"no such state":           add(func(x *engine.StoredQuestionnaire) { x.State = "closed" }),
		"no such file":            add(func(x *engine.StoredQuestionnaire) { x.File = strings.Repeat("0", 64) }),
		"a long customer":         add(func(x *engine.StoredQuestionnaire) { x.Customer = strings.Repeat("x", 501) }),
		"unknown decision":        decide(engine.Decision{Questionnaire: q.ID, N: 1, Kind: "shrug", Note: "x", By: "x"}),
		"decision on no question": decide(engine.Decision{Questionnaire: q.ID, N: 3, Kind: engine.DecisionApprove, By: "x"}),
		"a comment without text":  comment(engine.Comment{By: "x", Text: " \n"}),
		"a long comment":          comment(engine.Comment{By: "x", Text: strings.Repeat("x", 8001)}),
		"a mention of nobody":     comment(engine.Comment{By: "x", Text: "x", Mentions: []string{""}}),
		"many mentions":           comment(engine.Comment{By: "x", Text: "x", Mentions: strings.Split(strings.Repeat("x,", 50)+"x", ",")}),
	} {
		if err == nil {
			t.Errorf("%s: was stored", name)
		}
	}
	same(t, "questionnaire", must(s.Questionnaire(ctx, here, q.ID))(t), q)
	whole(t, s)
}

// reviewAudit: each step of a review leaves one event for each thing that it
// changes, and none for what it does not; no event holds a text.
func reviewAudit(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	comment := engine.Comment{Questionnaire: q.ID, N: 1, Text: "why?"}
	seq := int64(2) // the file and the questionnaire
	for _, step := range []struct {
		name string
		do   func() error
		want string
	}{
		{"settings", func() error { _, err := engine.ChangeSettings(ctx, s, here, ada, engine.DefaultSettings()); return err }, "added settings"},
		{"an assignment", func() error {
			_, err := engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{1}, Assignee: "ann"})
			return err
		}, "added answer"},
		{"the same assignment", func() error {
			_, err := engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{1}, Assignee: "ann"})
			return err
		}, ""},
		{"an edit", func() error { _, err := engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, 1, 0, "It is.")); return err }, "changed answer"},
		{"an approval", func() error { _, err := engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)); return err }, "changed answer added decision added proposal"},
		{"the same approval", func() error { _, err := engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)); return err }, ""},
		{"another's approval", func() error { _, err := engine.Decide(ctx, s, here, bob, approve(q.ID, 1, 1)); return err }, "added decision"},
		{"leaving one empty", func() error { _, err := engine.LeaveAnswer(ctx, s, here, bob, q.ID, 2, 0, "no"); return err }, "added answer added decision"},
		{"an export", func() error {
			_, err := engine.RecordExport(ctx, s, here, ann, engine.ExportInput{Questionnaire: q.ID, File: strings.Repeat("c", 64), Sent: []engine.AnswerAt{{N: 1, Revision: 1}}})
			return err
		}, "added export added commitment"},
		{"reopening", func() error { _, err := engine.ReopenAnswer(ctx, s, here, bob, q.ID, 2, 0, "yes"); return err }, "removed answer added decision"},
		{"a comment", func() (err error) { comment, err = engine.AddComment(ctx, s, here, cleo, comment); return err }, "added comment"},
		{"its removal", func() error { _, err := engine.RemoveComment(ctx, s, here, cleo, comment.ID); return err }, "changed comment"},
		{"a conflict", func() error {
			if _, err := engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, 1, 0, "No.")); !errors.Is(err, engine.ErrStaleVersion) {
				return fmt.Errorf("got %w, want a conflict", err)
			}
			return nil
		}, ""},
		{"a withdrawal", func() error { _, err := engine.WithdrawQuestionnaire(ctx, s, here, bob, q.ID, 1); return err }, "changed questionnaire"},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := ""
		for _, e := range all(t, s.AuditEvents(ctx, here, seq)) {
			seq++
			kind, _, _ := strings.Cut(e.Object, ":")
			got += " " + string(e.Action) + " " + kind
			if !strings.HasPrefix(e.Actor, "user:") || strings.ContainsAny(e.Object, " ?") {
				t.Errorf("%s: %+v", step.name, e)
			}
		}
		if got = strings.TrimSpace(got); got != step.want {
			t.Errorf("%s: events %q, want %q", step.name, got, step.want)
		}
	}
	// File, questionnaire, settings, one answer, four decisions, an export, a
	// commitment, a comment and a proposal.
	if r := whole(t, s); r.Objects != 12 {
		t.Errorf("%d things are as the log has them, want 12", r.Objects)
	}
}
