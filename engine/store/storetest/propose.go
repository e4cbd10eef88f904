package storetest

import (
	"testing"

	"vouch/engine"
)

// approvedAreProposed: what a person wrote is proposed to the library in the
// transaction in which it is approved, once, unless the workspace does not want
// that or the library says it already. Drafts made of the library are not.
func approvedAreProposed(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(6))
	product, signed := "Payments", true
	q = must(engine.ChangeQuestionnaire(ctx, s, here, cleo, q.ID, q.Version, engine.QuestionnaireChange{Product: &product, NDA: &signed}))(t)
	write := func(n int, text string) {
		t.Helper()
		must(engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, n, 0, text)))(t)
	}
	proposals := func() []engine.EntryProposal {
		t.Helper()
		return must(s.EntryProposals(ctx, here, engine.ProposalFilter{}))(t)
	}
	write(1, "We do it each day.")
	if n := len(proposals()); n != 0 {
		t.Fatalf("%d proposals before anything was approved", n)
	}
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)))(t)
	must(engine.Decide(ctx, s, here, bob, approve(q.ID, 1, 1)))(t)
	list := proposals()
	if len(list) != 1 {
		t.Fatalf("%d proposals, want 1", len(list))
	}
	p := list[0]
	same(t, "proposal", p.Proposed, engine.Entry{
		Question: "Is control number 1 in place?", Verdict: engine.VerdictYes, Text: "We do it each day.", Section: "Access", Language: "en",
		Source: engine.Source{File: "acme.xlsx", Ref: "Q-1", Place: "S!B2"}, Products: []string{"Payments"}, Visibility: engine.VisibilityNDA,
	})
	if p.Kind != engine.ProposalNew || p.By != "user:ann" || p.Questionnaire != q.ID || p.Question != "1" {
		t.Errorf("got %+v", p)
	}

	must(s.PutRevision(ctx, here, revision(q.ID, 2, 0), engine.AnswerDrafted))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 2, 1)))(t) // the library says it: it is made of it
	must(s.PutEntry(ctx, here, engine.Entry{Question: "Is control number 3 in place?", Verdict: engine.VerdictYes, Text: "Said.", Source: engine.Source{File: "f"}}))(t)
	write(3, "Said.")
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 3, 1)))(t)
	if n := len(proposals()); n != 1 {
		t.Errorf("%d proposals, want no more than 1", n)
	}
	write(4, "Four.")
	write(5, "Five.")
	many := engine.DecideManyInput{Questionnaire: q.ID, Answers: []engine.AnswerAt{{N: 4, Revision: 1}, {N: 5, Revision: 1}}}
	must(engine.DecideMany(ctx, s, here, ann, many))(t)
	if n := len(proposals()); n != 3 {
		t.Errorf("%d proposals after two more, want 3", n)
	}
	set := engine.DefaultSettings()
	set.Propose = false
	must(engine.ChangeSettings(ctx, s, here, ada, set))(t)
	write(6, "Six.")
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 6, 1)))(t)
	if n := len(proposals()); n != 3 {
		t.Errorf("%d proposals where none are wanted, want 3", n)
	}
	whole(t, s)
}
