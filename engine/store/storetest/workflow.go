package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
)

func edit(id string, n, base int, text string) engine.EditInput {
	return engine.EditInput{Questionnaire: id, N: n, Base: base, Values: []engine.EditValue{{Part: 0, Value: "Yes"}, {Part: 1, Value: text}}}
}

func approve(id string, n, revision int) engine.DecideInput {
	return engine.DecideInput{Questionnaire: id, N: n, Revision: revision, Kind: engine.DecisionApprove}
}

func sendBack(id string, n, revision int) engine.DecideInput {
	return engine.DecideInput{Questionnaire: id, N: n, Revision: revision, Kind: engine.DecisionReject, Note: "not so"}
}

// head fails the test if an answer is not in a state at a revision.
func head(t *testing.T, s engine.Tx, id string, n int, state engine.AnswerState, number int) {
	t.Helper()
	h := must(s.AnswerHead(t.Context(), here, id, n))(t)
	if h.State != state || h.Number != number {
		t.Errorf("answer %d is %s at revision %d, want %s at %d", n, h.State, h.Number, state, number)
	}
}

func intake(t *testing.T, s engine.Store) {
	ctx, stop := t.Context(), errors.New("stop")
	in := engine.IntakeInput{Read: read(questionsOf(3)), File: strings.NewReader(reviewFile), Customer: "Acme", Deal: "D-1", Product: "Cloud", NDA: true}
	in.Then = func(_ context.Context, tx engine.Tx, q engine.StoredQuestionnaire) error {
		if n := must(count(tx.Questions(ctx, here, q.ID)))(t); n != 3 {
			t.Errorf("inside, %d questions, want 3", n)
		}
		return stop
	}
	if _, err := engine.Intake(ctx, s, here, cleo, in); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of what comes then", err)
	}
	if got := all(t, s.AuditedReviews(ctx, here)); len(got) != 1 {
		t.Errorf("something was left of an intake that was undone: %v", got)
	}
	in.Then = nil
	first := must(engine.Intake(ctx, s, here, cleo, in))(t)
	second := must(engine.Intake(ctx, s, here, cleo, in))(t)
	if first.ID == second.ID || first.File != second.File || first.CreatedBy != "user:cleo" || first.Language != "en" || !first.NDA || first.Deal != "D-1" || first.Product != "Cloud" {
		t.Errorf("got %+v and %+v", first, second)
	}
	in.Read = read(nil)
	if _, err := engine.Intake(ctx, s, here, cleo, in); !errors.Is(err, engine.ErrNoQuestions) {
		t.Errorf("no questions: got %v", err)
	}
	whole(t, s)
}

// roles: each use case asks whether the role allows it, and nothing happens
// where it does not.
func roles(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(1))
	events := len(all(t, s.AuditEvents(ctx, here, 0)))
	name := "x"
	for what, x := range map[string]struct {
		least engine.Role // that may do it
		do    func(p engine.Person) error
	}{
		"intake": {engine.RoleContributor, func(p engine.Person) error {
			_, err := engine.Intake(ctx, s, here, p, engine.IntakeInput{Read: read(nil)})
			return err
		}},
		"layout": {engine.RoleContributor, func(p engine.Person) error {
			_, err := engine.CorrectLayout(ctx, s, here, p, "x", 1, read(questionsOf(1)))
			return err
		}},
		"change": {engine.RoleContributor, func(p engine.Person) error {
			_, err := engine.ChangeQuestionnaire(ctx, s, here, p, "x", 1, engine.QuestionnaireChange{Name: &name})
			return err
		}},
		"withdraw": {engine.RoleReviewer, func(p engine.Person) error {
			_, err := engine.WithdrawQuestionnaire(ctx, s, here, p, "x", 1)
			return err
		}},
		"edit": {engine.RoleContributor, func(p engine.Person) error {
			_, err := engine.EditAnswer(ctx, s, here, p, edit("x", 1, 0, "x"))
			return err
		}},
		"decide": {engine.RoleReviewer, func(p engine.Person) error { _, err := engine.Decide(ctx, s, here, p, approve("x", 1, 1)); return err }},
		"many": {engine.RoleReviewer, func(p engine.Person) error {
			_, err := engine.DecideMany(ctx, s, here, p, engine.DecideManyInput{Questionnaire: "x"})
			return err
		}},
		"leave": {engine.RoleReviewer, func(p engine.Person) error { _, err := engine.LeaveAnswer(ctx, s, here, p, "x", 1, 0, "x"); return err }},
		"reopen": {engine.RoleReviewer, func(p engine.Person) error {
			_, err := engine.ReopenAnswer(ctx, s, here, p, "x", 1, 0, "x")
			return err
		}},
		"assign": {engine.RoleContributor, func(p engine.Person) error {
			_, err := engine.AssignAnswers(ctx, s, here, p, engine.Assignment{Questionnaire: "x", Places: []int{1}})
			return err
		}},
		"comment": {engine.RoleContributor, func(p engine.Person) error {
			_, err := engine.AddComment(ctx, s, here, p, engine.Comment{})
			return err
		}},
		"remove": {engine.RoleContributor, func(p engine.Person) error { _, err := engine.RemoveComment(ctx, s, here, p, "x"); return err }},
		"export": {engine.RoleReviewer, func(p engine.Person) error {
			_, err := engine.RecordExport(ctx, s, here, p, engine.ExportInput{Questionnaire: "x"})
			return err
		}},
		"settings": {engine.RoleAdmin, func(p engine.Person) error {
			_, err := engine.ChangeSettings(ctx, s, here, p, engine.Settings{})
			return err
		}},
	} {
		order := []engine.Person{{ID: "none"}, vic, cleo, ann, ada}
		for i, p := range append(order, engine.Person{Role: engine.RoleAdmin}) {
			got := errors.Is(x.do(p), engine.ErrForbidden)
			least := slices.IndexFunc(order, func(o engine.Person) bool { return o.Role == x.least })
			if want := i < least || p.ID == ""; got != want {
				t.Errorf("%s as %q: forbidden %v, want %v", what, p.Role, got, want)
			}
		}
	}
	if n := len(all(t, s.AuditEvents(ctx, here, 0))); n != events {
		t.Errorf("%d events of what was refused", n-events)
	}
	same(t, "questionnaire", must(s.Questionnaire(ctx, here, q.ID))(t), q)
}

// decisionStates: every decision in every state leads where it should, or is
// refused and leaves no trace.
func decisionStates(t *testing.T, s engine.Store) {
	ctx := t.Context()
	const approved, rejected, review, left = engine.AnswerApproved, engine.AnswerRejected, engine.AnswerInReview, engine.AnswerLeft
	type outcome struct {
		state engine.AnswerState
		err   error
	}
	kinds := []engine.DecisionKind{engine.DecisionApprove, engine.DecisionReject, engine.DecisionRequestChanges, engine.DecisionLeave, engine.DecisionReopen}
	for from, want := range map[engine.AnswerState][]outcome{
		engine.AnswerUnanswered: {{err: engine.ErrNoRevision}, {err: engine.ErrNoRevision}, {err: engine.ErrNoRevision}, {state: left}, {err: engine.ErrNotSettled}},
		engine.AnswerDrafted:    {{state: approved}, {state: rejected}, {state: rejected}, {state: left}, {err: engine.ErrNotSettled}},
		engine.AnswerInReview:   {{state: approved}, {state: rejected}, {state: rejected}, {state: left}, {err: engine.ErrNotSettled}},
		engine.AnswerApproved:   {{state: approved}, {state: rejected}, {state: rejected}, {err: engine.ErrSettled}, {state: review}},
		engine.AnswerGap:        {{err: engine.ErrIsGap}, {err: engine.ErrIsGap}, {err: engine.ErrIsGap}, {state: left}, {err: engine.ErrNotSettled}},
		engine.AnswerRejected:   {{err: engine.ErrRejected}, {state: rejected}, {state: rejected}, {state: left}, {state: review}},
		engine.AnswerStale:      {{err: engine.ErrStale}, {state: rejected}, {state: rejected}, {state: left}, {state: review}},
		engine.AnswerLeft:       {{err: engine.ErrSettled}, {err: engine.ErrSettled}, {err: engine.ErrSettled}, {state: left}, {state: review}},
	} {
		q := takenIn(t, s, questionsOf(len(kinds)))
		for i, kind := range kinds {
			n, number := i+1, 0
			if from != engine.AnswerUnanswered {
				r := revision(q.ID, n, 0)
				if from == engine.AnswerGap {
					r.Revision, r.Gap = nil, &engine.Gap{Reason: engine.GapConflict}
				}
				number = must(s.PutRevision(ctx, here, r, from))(t).Number
			}
			var err error
			switch kind {
			case engine.DecisionLeave:
				_, err = engine.LeaveAnswer(ctx, s, here, ann, q.ID, n, number, "why")
			case engine.DecisionReopen:
				_, err = engine.ReopenAnswer(ctx, s, here, ann, q.ID, n, number, "why")
			default:
				_, err = engine.Decide(ctx, s, here, ann, engine.DecideInput{Questionnaire: q.ID, N: n, Revision: number, Kind: kind, Note: "why"})
			}
			if !errors.Is(err, want[i].err) || (err == nil) != (want[i].err == nil) {
				t.Errorf("%s of what is %s: got %v, want %v", kind, from, err, want[i].err)
			}
			state, made := want[i].state, 1
			if err != nil {
				state, made = from, 0
			}
			head(t, s, q.ID, n, state, number)
			list := must(s.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: q.ID, N: n}))(t)
			if len(list) != made || made == 1 && (list[0].Kind != kind || list[0].Revision != number || list[0].Note != "why" || list[0].By != "user:ann") {
				t.Errorf("%s of what is %s: decisions %+v, want %d", kind, from, list, made)
			}
		}
		counted(t, s, here, q.ID)
	}
	// What was left empty goes back to what it was.
	q := takenIn(t, s, questionsOf(2))
	must(s.PutRevision(ctx, here, engine.AnswerRevision{Questionnaire: q.ID, N: 2, Author: "x", Gap: &engine.Gap{}}, engine.AnswerGap))(t)
	for n, want := range map[int]engine.AnswerState{1: engine.AnswerUnanswered, 2: engine.AnswerGap} {
		must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, n, n-1, "no"))(t)
		must(engine.ReopenAnswer(ctx, s, here, ann, q.ID, n, n-1, "yes"))(t)
		head(t, s, q.ID, n, want, n-1)
	}
	whole(t, s)
}

func decisionNotes(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(1))
	must(s.PutRevision(ctx, here, revision(q.ID, 1, 0), engine.AnswerDrafted))(t)
	for _, note := range []string{"", " \n\t"} {
		for _, kind := range []engine.DecisionKind{engine.DecisionReject, engine.DecisionRequestChanges} {
			_, err := engine.Decide(ctx, s, here, ann, engine.DecideInput{Questionnaire: q.ID, N: 1, Revision: 1, Kind: kind, Note: note})
			if !errors.Is(err, engine.ErrNoteNeeded) {
				t.Errorf("%s: got %v, want ErrNoteNeeded", kind, err)
			}
		}
		_, leave := engine.LeaveAnswer(ctx, s, here, ann, q.ID, 1, 1, note)
		_, reopen := engine.ReopenAnswer(ctx, s, here, ann, q.ID, 1, 1, note)
		if !errors.Is(leave, engine.ErrNoteNeeded) || !errors.Is(reopen, engine.ErrNoteNeeded) {
			t.Errorf("got %v and %v, want ErrNoteNeeded", leave, reopen)
		}
	}
	long := approve(q.ID, 1, 1)
	long.Note = strings.Repeat("x", 8001)
	if _, err := engine.Decide(ctx, s, here, ann, long); !errors.Is(err, engine.ErrNoteLength) {
		t.Errorf("got %v, want ErrNoteLength", err)
	}
	for _, kind := range []engine.DecisionKind{"", "shrug", engine.DecisionLeave, engine.DecisionReopen} {
		if _, err := engine.Decide(ctx, s, here, ann, engine.DecideInput{Questionnaire: q.ID, N: 1, Revision: 1, Kind: kind, Note: "x"}); err == nil {
			t.Errorf("%q was decided", kind)
		}
	}
	head(t, s, q.ID, 1, engine.AnswerDrafted, 1)
}

func conflicts(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	first := must(engine.EditAnswer(ctx, s, here, ann, edit(q.ID, 1, 0, "The first.")))(t)
	second := must(engine.EditAnswer(ctx, s, here, bob, edit(q.ID, 1, 1, "The second.")))(t)
	for name, do := range map[string]func(seen int) error{
		"approve": func(seen int) error {
			_, err := engine.Decide(ctx, s, here, cleoAs(engine.RoleReviewer), approve(q.ID, 1, seen))
			return err
		},
		"reject": func(seen int) error { _, err := engine.Decide(ctx, s, here, ann, sendBack(q.ID, 1, seen)); return err },
		"edit": func(seen int) error {
			_, err := engine.EditAnswer(ctx, s, here, ann, edit(q.ID, 1, seen, "The third."))
			return err
		},
		"leave": func(seen int) error { _, err := engine.LeaveAnswer(ctx, s, here, ann, q.ID, 1, seen, "no"); return err },
		"reopen": func(seen int) error {
			_, err := engine.ReopenAnswer(ctx, s, here, ann, q.ID, 1, seen, "no")
			return err
		},
	} {
		for seen, yours := range map[int]engine.AnswerRevision{0: {}, 1: first} {
			var c *engine.ConflictError
			if err := do(seen); !errors.As(err, &c) || !errors.Is(err, engine.ErrStaleVersion) {
				t.Errorf("%s of revision %d: got %v, want a conflict", name, seen, err)
				continue
			}
			same(t, name+" yours", c.Yours, yours)
			same(t, name+" current", c.Current, second)
			if c.N != 1 || c.Questionnaire != q.ID {
				t.Errorf("%s: conflict %+v", name, c)
			}
		}
		for _, none := range []int{3, -1} {
			notThere(t, do(none))
		}
	}
	head(t, s, q.ID, 1, engine.AnswerDrafted, 2)
	head(t, s, q.ID, 2, engine.AnswerUnanswered, 0)
	if list := must(s.Decisions(ctx, here, engine.DecisionFilter{}))(t); len(list) != 0 {
		t.Errorf("%d decisions on revisions that are not current", len(list))
	}
	for _, n := range []int{0, 3} {
		_, decideErr := engine.Decide(ctx, s, here, ann, approve(q.ID, n, 1))
		_, editErr := engine.EditAnswer(ctx, s, here, ann, edit(q.ID, n, 0, "x"))
		notThere(t, decideErr)
		notThere(t, editErr)
	}
}

func cleoAs(r engine.Role) engine.Person {
	p := cleo
	p.Role = r
	return p
}

func approvedTwice(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(1))
	must(s.PutRevision(ctx, here, revision(q.ID, 1, 0), engine.AnswerDrafted))(t)
	first := must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)))(t)
	again := approve(q.ID, 1, 1)
	again.Note = "another note"
	same(t, "again", must(engine.Decide(ctx, s, here, ann, again))(t), first)
	other := must(engine.Decide(ctx, s, here, bob, approve(q.ID, 1, 1)))(t)
	if other.By != "user:bob" || other.ID == first.ID {
		t.Errorf("another's approval is %+v", other)
	}
	same(t, "after another's", must(engine.Decide(ctx, s, here, ann, again))(t), first)
	must(engine.ReopenAnswer(ctx, s, here, bob, q.ID, 1, 1, "look again"))(t)
	if anew := must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)))(t); anew.ID == first.ID {
		t.Error("an approval that was taken back still stands")
	}
	if n := len(must(s.Decisions(ctx, here, engine.DecisionFilter{}))(t)); n != 4 {
		t.Errorf("%d decisions, want 4", n)
	}
}

func fourEyes(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	must(engine.EditAnswer(ctx, s, here, ann, edit(q.ID, 1, 0, "Mine.")))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)))(t) // it is not asked for yet
	set := engine.DefaultSettings()
	set.FourEyes = true
	must(engine.ChangeSettings(ctx, s, here, ada, set))(t)
	must(engine.EditAnswer(ctx, s, here, ann, edit(q.ID, 2, 0, "Mine.")))(t)
	must(s.PutRevision(ctx, here, revision(q.ID, 3, 0), engine.AnswerDrafted))(t)
	if _, err := engine.Decide(ctx, s, here, ann, approve(q.ID, 2, 1)); !errors.Is(err, engine.ErrFourEyes) {
		t.Errorf("her own: got %v, want ErrFourEyes", err)
	}
	many := must(engine.DecideMany(ctx, s, here, ann, engine.DecideManyInput{Questionnaire: q.ID, Answers: []engine.AnswerAt{{N: 2, Revision: 1}, {N: 3, Revision: 1}}}))(t)
	if len(many.Approved) != 1 || many.Approved[0].N != 3 || len(many.Refused) != 1 || !errors.Is(many.Refused[0].Why, engine.ErrFourEyes) {
		t.Errorf("in bulk: %+v", many)
	}
	head(t, s, q.ID, 2, engine.AnswerDrafted, 1)
	must(engine.Decide(ctx, s, here, bob, approve(q.ID, 2, 1)))(t)
	must(engine.ReopenAnswer(ctx, s, here, bob, q.ID, 2, 1, "a typo"))(t)
	must(engine.EditAnswer(ctx, s, here, bob, edit(q.ID, 2, 1, "His.")))(t)
	if _, err := engine.Decide(ctx, s, here, bob, approve(q.ID, 2, 2)); !errors.Is(err, engine.ErrFourEyes) {
		t.Errorf("his own: got %v, want ErrFourEyes", err)
	}
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 2, 2)))(t)
}

func edits(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(4))
	draft := must(s.PutRevision(ctx, here, revision(q.ID, 1, 0), engine.AnswerDrafted))(t)
	in := edit(q.ID, 1, 1, "It is, since 2020.")
	in.KeepCitations = true
	r := must(engine.EditAnswer(ctx, s, here, cleo, in))(t)
	if r.Number != 2 || r.Author != "user:cleo" || r.Origin() != engine.OriginPerson || r.Revision.Verdict != engine.VerdictYes || r.Revision.Text != "It is, since 2020." ||
		len(r.Revision.Values) != 2 || r.Revision.Values[1].Value != "It is, since 2020." || r.Revision.Values[1].Part.Locator.Cells[0] != "D2" || r.Confidence() != 0 {
		t.Errorf("got %+v", r.Revision)
	}
	same(t, "citations", r.Revision.Citations, draft.Revision.Citations)
	if bare := must(engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, 1, 2, "It is.")))(t); len(bare.Revision.Citations) != 0 {
		t.Errorf("citations were kept without being asked to: %+v", bare.Revision.Citations)
	}
	for name, x := range map[string]struct {
		change func(*engine.EditInput)
		want   error
	}{
		"no option":          {func(in *engine.EditInput) { in.Values[0].Value = "Maybe" }, engine.ErrEditOption},
		"no part":            {func(in *engine.EditInput) { in.Values[0].Part = 2 }, engine.ErrEditPart},
		"a part before":      {func(in *engine.EditInput) { in.Values[0].Part = -1 }, engine.ErrEditPart},
		"a part twice":       {func(in *engine.EditInput) { in.Values[0].Part = 1 }, engine.ErrEditPart},
		"another verdict":    {func(in *engine.EditInput) { in.Verdict = engine.VerdictNo }, engine.ErrEditVerdict},
		"an unknown verdict": {func(in *engine.EditInput) { in.Verdict = "perhaps" }, engine.ErrEditVerdict},
		"nothing":            {func(in *engine.EditInput) { in.Values = nil }, engine.ErrNoAnswer},
		"blanks":             {func(in *engine.EditInput) { in.Values = []engine.EditValue{{Part: 1, Value: " \n"}} }, engine.ErrNoAnswer},
		"a long value":       {func(in *engine.EditInput) { in.Values[1].Value = strings.Repeat("x", engine.MaxAnswerChars+1) }, engine.ErrTooLong},
		"a long text":        {func(in *engine.EditInput) { in.Text = strings.Repeat("x", engine.MaxAnswerChars+1) }, engine.ErrTooLong},
	} {
		in := edit(q.ID, 1, 3, "x")
		x.change(&in)
		if _, err := engine.EditAnswer(ctx, s, here, cleo, in); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v, want %v", name, err, x.want)
		}
	}
	head(t, s, q.ID, 1, engine.AnswerDrafted, 3)

	// What the claim check blocks is kept and cannot be approved, wherever it
	// stands.
	for n, in := range map[int]engine.EditInput{2: edit(q.ID, 2, 0, "We accept unlimited liability for all damages."), 3: edit(q.ID, 3, 0, "Harmless.")} {
		if n == 3 {
			in.Text = "We accept unlimited liability for all damages."
		}
		r := must(engine.EditAnswer(ctx, s, here, ann, in))(t)
		if !r.IsBlocked() || len(r.Revision.Findings) == 0 {
			t.Errorf("answer %d: findings %+v, want one that blocks", n, r.Revision.Findings)
		}
		if _, err := engine.Decide(ctx, s, here, bob, approve(q.ID, n, 1)); !errors.Is(err, engine.ErrBlocked) {
			t.Errorf("answer %d: got %v, want ErrBlocked", n, err)
		}
		same(t, "findings", must(s.Revisions(ctx, here, q.ID, n))(t)[0].Revision.Findings, r.Revision.Findings)
	}
	// States: a new revision goes back to drafted, and stays in review.
	for _, state := range []engine.AnswerState{engine.AnswerRejected, engine.AnswerStale, engine.AnswerInReview, engine.AnswerDrafted} {
		h := must(s.AnswerHead(ctx, here, q.ID, 1))(t)
		h.State = state
		if err := s.PutAnswer(ctx, here, h); err != nil {
			t.Fatal(err)
		}
		must(engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, 1, h.Number, "Again.")))(t)
		want := engine.AnswerDrafted
		if state == engine.AnswerInReview {
			want = state
		}
		head(t, s, q.ID, 1, want, h.Number+1)
	}
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 7)))(t)
	must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, 4, 0, "no"))(t)
	for n, base := range map[int]int{1: 7, 4: 0} {
		if _, err := engine.EditAnswer(ctx, s, here, ann, edit(q.ID, n, base, "x")); !errors.Is(err, engine.ErrSettled) {
			t.Errorf("answer %d: got %v, want ErrSettled", n, err)
		}
	}
	head(t, s, q.ID, 1, engine.AnswerApproved, 7)
	whole(t, s)
}

func decideMany(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(8))
	for n := 1; n <= 7; n++ {
		r := revision(q.ID, n, 0)
		switch n {
		case 3:
			r.Revision.Confidence = 0.5
		case 4:
			r.Revision.Findings = []assurance.Finding{{Rule: "x", Severity: assurance.Block}}
		}
		must(s.PutRevision(ctx, here, r, engine.AnswerDrafted))(t)
	}
	must(engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, 5, 1, "Moved on.")))(t)
	must(engine.Decide(ctx, s, here, bob, sendBack(q.ID, 6, 1)))(t)
	stands := must(engine.Decide(ctx, s, here, ann, approve(q.ID, 7, 1)))(t)
	in := engine.DecideManyInput{Questionnaire: q.ID, MinConfidence: 0.8, Note: "all sure"}
	for _, n := range []int{7, 1, 2, 3, 4, 5, 6, 8, 9} {
		in.Answers = append(in.Answers, engine.AnswerAt{N: n, Revision: 1})
	}
	got := must(engine.DecideMany(ctx, s, here, ann, in))(t)
	why := map[int]error{3: engine.ErrUnsure, 4: engine.ErrBlocked, 5: engine.ErrStaleVersion, 6: engine.ErrRejected, 8: engine.ErrStaleVersion, 9: engine.ErrNotFound}
	if len(got.Refused) != len(why) {
		t.Errorf("%d refused, want %d", len(got.Refused), len(why))
	}
	for _, r := range got.Refused {
		if !errors.Is(r.Why, why[r.N]) || why[r.N] == nil || r.Revision != 1 || r.N == 5 && r.Current != 2 {
			t.Errorf("refused %+v, want %v", r, why[r.N])
		}
	}
	if len(got.Approved) != 3 || got.Approved[0].ID != stands.ID || got.Bulk == "" {
		t.Fatalf("approved %+v in bulk %q, want the one that stands and two", got.Approved, got.Bulk)
	}
	for i, d := range got.Approved[1:] {
		if d.N != i+1 || d.Revision != 1 || d.Bulk != got.Bulk || d.Note != "all sure" || d.By != "user:ann" {
			t.Errorf("decision %+v", d)
		}
		head(t, s, q.ID, d.N, engine.AnswerApproved, 1)
	}
	same(t, "by bulk", must(s.Decisions(ctx, here, engine.DecisionFilter{Bulk: got.Bulk}))(t), got.Approved[1:])
	again := must(engine.DecideMany(ctx, s, here, ann, in))(t)
	same(t, "again", again.Approved, got.Approved)
	if again.Bulk != "" {
		t.Errorf("a bulk %q of nothing new", again.Bulk)
	}
	for name, bad := range map[string]engine.DecideManyInput{
		"none":       {Questionnaire: q.ID},
		"one twice":  {Questionnaire: q.ID, Answers: []engine.AnswerAt{{N: 1, Revision: 1}, {N: 1, Revision: 2}}},
		"confidence": {Questionnaire: q.ID, Answers: []engine.AnswerAt{{N: 1, Revision: 1}}, MinConfidence: 2},
		"too many":   {Questionnaire: q.ID, Answers: make([]engine.AnswerAt, 5001)},
	} {
		if _, err := engine.DecideMany(ctx, s, here, ann, bad); !errors.Is(err, engine.ErrTooMany) {
			t.Errorf("%s: got %v, want ErrTooMany", name, err)
		}
	}
	counted(t, s, here, q.ID)
	whole(t, s)
}

func assignments(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(6))
	must(s.PutRevision(ctx, here, revision(q.ID, 2, 0), engine.AnswerDrafted))(t)
	must(s.PutRevision(ctx, here, revision(q.ID, 3, 0), engine.AnswerApproved))(t)
	section, nowhere := "Access", "Nowhere"
	noon := dueOn.Add(12 * time.Hour)
	got := must(engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{2, 1, 2}, Section: &section, Assignee: "bob", Due: &noon}))(t)
	var places []int
	for i := range got {
		places = append(places, got[i].N)
		same(t, "stored", must(s.AnswerHead(ctx, here, q.ID, got[i].N))(t), got[i])
		if got[i].Assignee != "bob" || !got[i].Due.Equal(dueOn) {
			t.Errorf("got %+v", got[i])
		}
	}
	same(t, "places", places, []int{1, 2, 3, 5})
	head(t, s, q.ID, 1, engine.AnswerUnanswered, 0)
	head(t, s, q.ID, 2, engine.AnswerInReview, 1)
	head(t, s, q.ID, 3, engine.AnswerApproved, 1)
	must(engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{6}, Assignee: "bob"}))(t)
	earlier := dueOn.AddDate(0, 0, -1)
	must(engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{5}, Assignee: "bob", Due: &earlier}))(t)
	places = nil
	for _, h := range must(s.AssignedAnswers(ctx, here, "bob"))(t) {
		places = append(places, h.N)
	}
	same(t, "to look at", places, []int{5, 1, 2, 6})
	must(engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{2}, Due: &noon}))(t)
	if h := must(s.AnswerHead(ctx, here, q.ID, 2))(t); h.Assignee != "" || h.Due != nil || h.State != engine.AnswerInReview {
		t.Errorf("taken away: %+v", h)
	}
	if list := must(s.AssignedAnswers(ctx, here, ""))(t); len(list) != 0 {
		t.Errorf("%d answers are assigned to nobody", len(list))
	}
	for _, in := range []engine.Assignment{{Questionnaire: q.ID}, {Questionnaire: q.ID, Section: &nowhere}} {
		if _, err := engine.AssignAnswers(ctx, s, here, cleo, in); !errors.Is(err, engine.ErrNobodyAsked) {
			t.Errorf("got %v, want ErrNobodyAsked", err)
		}
	}
	if _, err := engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{4}, Assignee: strings.Repeat("x", 201)}); !errors.Is(err, engine.ErrUserID) {
		t.Errorf("got %v, want ErrUserID", err)
	}
	_, err := engine.AssignAnswers(ctx, s, here, cleo, engine.Assignment{Questionnaire: q.ID, Places: []int{4, 7}, Assignee: "bob"})
	notThere(t, err)
	if h := must(s.AnswerHead(ctx, here, q.ID, 4))(t); h.Assignee != "" {
		t.Error("half of an assignment was stored")
	}
	whole(t, s)
}

func comments(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	say := func(p engine.Person, n int) (engine.Comment, error) {
		return engine.AddComment(ctx, s, here, p, engine.Comment{ID: "forged", Questionnaire: q.ID, N: n, Text: "Look, @bob.", Mentions: []string{"bob"}, By: "user:forged", RemovedBy: "x"})
	}
	c := must(say(cleo, 2))(t)
	if c.By != "user:cleo" || c.ID == "forged" || c.RemovedBy != "" {
		t.Errorf("got %+v", c)
	}
	must(say(ann, 0))(t)
	for _, n := range []int{3, -1} {
		_, err := say(ann, n)
		notThere(t, err)
	}
	if _, err := engine.RemoveComment(ctx, s, here, ann, c.ID); !errors.Is(err, engine.ErrNotYours) {
		t.Errorf("another's: got %v, want ErrNotYours", err)
	}
	if got := must(s.Comment(ctx, here, c.ID))(t); got.Text == "" {
		t.Error("it was removed")
	}
	must(engine.RemoveComment(ctx, s, here, cleo, c.ID))(t)
	other := must(say(cleo, 1))(t)
	if removed := must(engine.RemoveComment(ctx, s, here, ada, other.ID))(t); removed.RemovedBy != "user:ada" || removed.Text != "" || removed.By != "user:cleo" {
		t.Errorf("removed by an admin: %+v", removed)
	}
	if n := len(must(s.Comments(ctx, here, q.ID, 0))(t)); n != 3 {
		t.Errorf("%d comments, want 3: what was removed keeps its place", n)
	}
	_, err := engine.RemoveComment(ctx, s, here, ada, "x")
	notThere(t, err)
}

func readers(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	yes, no := true, false
	change := func(c engine.QuestionnaireChange) error {
		next, err := engine.ChangeQuestionnaire(ctx, s, here, cleo, q.ID, q.Version, c)
		if err == nil {
			q = next
		}
		return err
	}
	for _, c := range []engine.QuestionnaireChange{{NDA: &yes}, {NDA: &no}, {Public: &yes}, {Public: &no}, {NDA: &yes}, {Due: &time.Time{}}} {
		if err := change(c); err != nil {
			t.Errorf("nothing is answered yet: %v", err)
		}
	}
	if q.Due != nil || !q.NDA || q.Public {
		t.Errorf("got %+v", q)
	}
	must(s.PutRevision(ctx, here, revision(q.ID, 1, 0), engine.AnswerDrafted))(t)
	for _, c := range []engine.QuestionnaireChange{{NDA: &no}, {Public: &yes}} {
		if err := change(c); !errors.Is(err, engine.ErrReader) {
			t.Errorf("got %v, want ErrReader", err)
		}
	}
	if err := change(engine.QuestionnaireChange{NDA: &yes, Public: &no}); err != nil {
		t.Errorf("the same reader: %v", err)
	}
}

func withdrawn(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	must(s.PutRevision(ctx, here, revision(q.ID, 1, 0), engine.AnswerDrafted))(t)
	must(engine.WithdrawQuestionnaire(ctx, s, here, ann, q.ID, 1))(t)
	events := len(all(t, s.AuditEvents(ctx, here, 0)))
	name := "x"
	for what, do := range map[string]func() error{
		"approve": func() error { _, err := engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)); return err },
		"leave":   func() error { _, err := engine.LeaveAnswer(ctx, s, here, ann, q.ID, 2, 0, "x"); return err },
		"edit":    func() error { _, err := engine.EditAnswer(ctx, s, here, ann, edit(q.ID, 2, 0, "x")); return err },
		"assign": func() error {
			_, err := engine.AssignAnswers(ctx, s, here, ann, engine.Assignment{Questionnaire: q.ID, Places: []int{1}})
			return err
		},
		"comment": func() error {
			_, err := engine.AddComment(ctx, s, here, ann, engine.Comment{Questionnaire: q.ID, Text: "x"})
			return err
		},
		"export": func() error {
			_, err := engine.RecordExport(ctx, s, here, ann, engine.ExportInput{Questionnaire: q.ID, Partial: true, File: strings.Repeat("c", 64)})
			return err
		},
		"withdraw": func() error { _, err := engine.WithdrawQuestionnaire(ctx, s, here, ann, q.ID, 2); return err },
		"change": func() error {
			_, err := engine.ChangeQuestionnaire(ctx, s, here, ann, q.ID, 2, engine.QuestionnaireChange{Name: &name})
			return err
		},
		"layout": func() error {
			_, err := engine.CorrectLayout(ctx, s, here, ann, q.ID, 2, read(questionsOf(1)))
			return err
		},
		"draft": func() error { return engine.DraftQuestionnaire(ctx, s, here, q.ID, answering(shelf{}), nil) },
	} {
		if err := do(); !errors.Is(err, engine.ErrWithdrawn) {
			t.Errorf("%s: got %v, want ErrWithdrawn", what, err)
		}
	}
	many := must(engine.DecideMany(ctx, s, here, ann, engine.DecideManyInput{Questionnaire: q.ID, Answers: []engine.AnswerAt{{N: 1, Revision: 1}}}))(t)
	if len(many.Refused) != 1 || !errors.Is(many.Refused[0].Why, engine.ErrWithdrawn) {
		t.Errorf("in bulk: %+v", many)
	}
	if n := len(all(t, s.AuditEvents(ctx, here, 0))); n != events {
		t.Errorf("%d events after it was withdrawn", n-events)
	}
}

func plan(t *testing.T, s engine.Store, id string) engine.ExportPlan {
	t.Helper()
	q := must(s.Questionnaire(t.Context(), here, id))(t)
	return engine.PrepareExport(&q, must(s.Answers(t.Context(), here, id, engine.AnswerFilter{}))(t))
}

func exports(t *testing.T, s engine.Store) {
	ctx := t.Context()
	control := must(s.PutControl(ctx, here, control("C-1")))(t)
	questions := questionsOf(5)
	questions[3].Parts[0].Value, questions[3].Parts[1].Value = "No", "as the file says"
	r := read(questions)
	r.Appended = []engine.PartValue{{Value: "Heading"}}
	q := must(engine.Intake(ctx, s, here, cleo, engine.IntakeInput{Read: r, File: strings.NewReader(reviewFile), Customer: "Acme"}))(t)
	draft := revision(q.ID, 1, 0)
	draft.Evidence = []engine.EvidenceRef{{Kind: engine.PassageControl, ID: control.ID, Version: 1, Score: 0.9}}
	must(s.PutRevision(ctx, here, draft, engine.AnswerDrafted))(t)
	must(s.PutRevision(ctx, here, revision(q.ID, 2, 0), engine.AnswerDrafted))(t)
	must(engine.EditAnswer(ctx, s, here, cleo, engine.EditInput{Questionnaire: q.ID, N: 4, Values: []engine.EditValue{{Part: 0, Value: "Yes"}}}))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)))(t)
	must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, 3, 0, "not ours"))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 4, 1)))(t)

	p := plan(t, s, q.ID)
	var values []string
	for _, v := range p.Values {
		values = append(values, strings.Join(v.Part.Locator.Cells, "|")+"="+v.Value)
	}
	same(t, "values", values, []string{"=Heading", "C2=Yes", "C5=Yes"})
	same(t, "sent", p.Sent, []engine.AnswerAt{{N: 1, Revision: 1}, {N: 4, Revision: 1}})
	same(t, "left", p.Left, []int{3})
	same(t, "open", p.Open, []engine.OpenAnswer{{N: 2, Ref: "Q-2", State: engine.AnswerDrafted}, {N: 5, Ref: "Q-5", State: engine.AnswerUnanswered}})
	if p.IsComplete() || !p.Overwrite {
		t.Errorf("plan %+v: want it incomplete, and to overwrite what the file said", p)
	}
	in := engine.ExportInput{Questionnaire: q.ID, File: strings.Repeat("c", 64), Sent: p.Sent}
	if _, err := engine.RecordExport(ctx, s, here, ann, in); !errors.Is(err, engine.ErrIncomplete) {
		t.Errorf("got %v, want ErrIncomplete", err)
	}
	in.Partial = true
	e := must(engine.RecordExport(ctx, s, here, ann, in))(t)
	same(t, "export", e, engine.Export{ID: e.ID, At: e.At, Questionnaire: q.ID, By: "user:ann", Partial: true, File: in.File, Sent: p.Sent, Open: []int{2, 5}})
	same(t, "exports", must(s.Exports(ctx, here, q.ID))(t), []engine.Export{e})

	told := must(s.Commitments(ctx, here, engine.CommitmentFilter{Customer: "acme"}))(t)
	if len(told) != 2 {
		t.Fatalf("%d commitments, want 2", len(told))
	}
	for _, c := range told {
		want := engine.Commitment{ID: c.ID, Customer: "Acme", SentAt: e.At.Truncate(24 * time.Hour), Questionnaire: "acme.xlsx", Ref: "Q-1", Question: questions[0].Text, Verdict: engine.VerdictYes, Answer: "Yes", Controls: []string{"C-1"}}
		if c.Ref != "Q-1" {
			want.Ref, want.Question, want.Text, want.Controls = "Q-4", questions[3].Text, "as the file says", nil
		}
		same(t, "commitment", c, want)
	}
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 2, 1)))(t)
	must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, 5, 0, "not ours"))(t)
	in.Partial, in.Sent = false, plan(t, s, q.ID).Sent
	if e := must(engine.RecordExport(ctx, s, here, ann, in))(t); e.Partial || len(e.Open) != 0 || len(e.Sent) != 3 {
		t.Errorf("the whole: %+v", e)
	}
	for _, hash := range []string{"", "c", strings.Repeat("c", 65)} {
		in.File = hash
		if _, err := engine.RecordExport(ctx, s, here, ann, in); !errors.Is(err, engine.ErrExportHash) {
			t.Errorf("hash of %d digits: got %v", len(hash), err)
		}
	}
	whole(t, s)
}

func exportConflicts(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	for n := 1; n <= 2; n++ {
		must(s.PutRevision(ctx, here, revision(q.ID, n, 0), engine.AnswerDrafted))(t)
		must(engine.Decide(ctx, s, here, ann, approve(q.ID, n, 1)))(t)
	}
	in := engine.ExportInput{Questionnaire: q.ID, Partial: true, File: strings.Repeat("c", 64), Sent: plan(t, s, q.ID).Sent}
	must(engine.ReopenAnswer(ctx, s, here, ann, q.ID, 2, 1, "wait"))(t)
	if _, err := engine.RecordExport(ctx, s, here, ann, in); !errors.Is(err, engine.ErrStaleVersion) {
		t.Errorf("one is not approved any more: got %v, want ErrStaleVersion", err)
	}
	must(engine.EditAnswer(ctx, s, here, ann, edit(q.ID, 2, 1, "Another.")))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 2, 2)))(t)
	var c *engine.ConflictError
	if _, err := engine.RecordExport(ctx, s, here, ann, in); !errors.As(err, &c) || c.N != 2 || c.Yours.Number != 1 || c.Current.Number != 2 {
		t.Errorf("another revision was approved: got %v, want a conflict", err)
	}
	if n := len(must(s.Exports(ctx, here, q.ID))(t)) + len(must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t)); n != 0 {
		t.Errorf("%d exports and commitments of files that must not go out", n)
	}
	in.Sent = append(plan(t, s, q.ID).Sent, engine.AnswerAt{N: 3, Revision: 1})
	_, err := engine.RecordExport(ctx, s, here, ann, in)
	notThere(t, err)
}

// ConcurrentReviewers lets twenty people edit and approve the same ten answers
// through two stores, which may be the same. Whatever they were told was done is
// there, and of two who saw the same revision one is told of the conflict.
func ConcurrentReviewers(t *testing.T, a, b engine.Store) {
	const people, answers, rounds = 20, 10, 6
	ctx := t.Context()
	if err := a.EnsureWorkspace(ctx, here); err != nil {
		t.Fatal(err)
	}
	q := takenIn(t, a, questionsOf(answers))
	var mu sync.Mutex
	edited := map[engine.AnswerAt]string{}   // who was told that they made a revision
	approved := map[engine.AnswerAt]string{} // an approval that somebody was told of
	conflicts := map[engine.AnswerAt]int{}   // how many saw a revision that was not current any more
	attempts := map[engine.AnswerAt]int{}    // how many edits began at a revision
	refused := 0
	var wg sync.WaitGroup
	for i := range people {
		s := []engine.Store{a, b}[i%2]
		p := engine.Person{ID: fmt.Sprintf("p%d", i), Role: engine.RoleReviewer}
		wg.Go(func() {
			for round := range rounds {
				n := (i/2+round)%answers + 1
				h, err := s.AnswerHead(ctx, here, q.ID, n)
				if err != nil {
					t.Error(err)
					return
				}
				at := engine.AnswerAt{N: n, Revision: h.Number}
				var r engine.AnswerRevision
				if i%4 == 3 && h.Number > 0 {
					_, err = engine.Decide(ctx, s, here, p, engine.DecideInput{Questionnaire: q.ID, N: n, Revision: h.Number, Kind: engine.DecisionApprove})
				} else {
					r, err = engine.EditAnswer(ctx, s, here, p, edit(q.ID, n, h.Number, fmt.Sprintf("Person %d in round %d.", i, round)))
				}
				mu.Lock()
				var c *engine.ConflictError
				switch {
				case err == nil && r.Number > 0:
					made := engine.AnswerAt{N: n, Revision: r.Number}
					if edited[made] != "" {
						t.Errorf("revision %d of answer %d was made by %s and by %s", r.Number, n, edited[made], p.ID)
					}
					edited[made] = p.ID
					attempts[at]++
				case err == nil:
					approved[at] = p.ID
				case errors.As(err, &c):
					if c.Yours.Number != at.Revision || c.Current.Number <= at.Revision {
						t.Errorf("conflict of %d with %d, seen %d", c.Yours.Number, c.Current.Number, at.Revision)
					}
					conflicts[at]++
				case errors.Is(err, engine.ErrSettled):
					refused++
				default:
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	made := 0
	for n := 1; n <= answers; n++ {
		list := must(a.Revisions(ctx, here, q.ID, n))(t)
		for i := range list {
			made++
			if by := edited[engine.AnswerAt{N: n, Revision: i + 1}]; "user:"+by != list[i].Author || !strings.Contains(list[i].Revision.Text, "Person "+strings.TrimPrefix(by, "p")+" ") {
				t.Errorf("revision %d of answer %d is by %s, and %q was told so", i+1, n, list[i].Author, by)
			}
		}
		h := must(b.AnswerHead(ctx, here, q.ID, n))(t)
		if h.Number != len(list) || h.State == engine.AnswerApproved && approved[engine.AnswerAt{N: n, Revision: h.Number}] == "" {
			t.Errorf("answer %d is %s at revision %d of %d", n, h.State, h.Number, len(list))
		}
	}
	told := refused
	for _, n := range conflicts {
		told += n
	}
	if made != len(edited) {
		t.Errorf("%d revisions are there, and %d were told of", made, len(edited))
	}
	for at, n := range attempts {
		if n != 1 {
			t.Errorf("%d edits of revision %d of answer %d were stored, want 1", n, at.Revision, at.N)
		}
	}
	decisions := must(a.Decisions(ctx, here, engine.DecisionFilter{}))(t)
	if got := made + len(decisions) + told; got != people*rounds {
		t.Errorf("%d revisions, %d decisions and %d refusals of %d attempts", made, len(decisions), told, people*rounds)
	}
	counted(t, a, here, q.ID)
	whole(t, a)
}
