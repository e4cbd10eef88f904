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

	"pgregory.net/rapid"

	"vouch/engine"
	"vouch/engine/assurance"
)

// shelf finds the entries for a question by its text and its section.
type shelf map[string]engine.Entry

func (s shelf) Retrieve(_ context.Context, _ string, q engine.Query) ([]engine.Passage, error) {
	e, ok := s[q.Section+"/"+q.Text]
	if !ok {
		return nil, nil
	}
	return []engine.Passage{{Kind: engine.PassageEntry, Entry: &e, Confidence: 0.9, Score: 0.8, Notes: []string{"near"}}}, nil
}

// repeater drafts what the first entry says, in the parts that there are.
type repeater struct {
	mu    *sync.Mutex
	calls map[string]int
	stop  func(text string) error // says when to fail; may be nil
}

func (r repeater) Draft(_ context.Context, q *engine.Question, _ string, evidence []engine.Passage) (engine.Proposal, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[q.Section+"/"+q.Text]++
	if r.stop != nil {
		if err := r.stop(q.Text); err != nil {
			return engine.Proposal{}, err
		}
	}
	if len(evidence) == 0 || evidence[0].Entry == nil || evidence[0].Entry.Verdict == "" && q.Part(engine.PartChoice) != nil {
		return engine.Proposal{Gap: &engine.Gap{Reason: engine.GapNoEvidence, Detail: "nothing is near"}}, nil
	}
	e := evidence[0].Entry
	rev := &engine.Revision{Verdict: e.Verdict, Text: e.Text, Confidence: evidence[0].Confidence, Origin: engine.OriginReuse, Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: e.ID, Version: e.Version}}}
	for i := range q.Parts {
		p := q.Parts[i]
		value := e.Text
		if p.Kind == engine.PartChoice {
			value = map[engine.Verdict]string{engine.VerdictYes: "Yes", engine.VerdictNo: "No"}[e.Verdict]
		}
		rev.Values = append(rev.Values, engine.PartValue{Part: p, Value: value})
	}
	return engine.Proposal{Revision: rev}, nil
}

func answering(s shelf) engine.Answering {
	return engine.Answering{Retriever: s, Drafter: repeater{mu: &sync.Mutex{}, calls: map[string]int{}}}
}

// library fills the shelf with an entry for every second group of questions,
// and returns them: a question, a follow-up, one that nothing is known of, one
// that the file answers.
func library(t *testing.T, s engine.Store, groups int) (shelf, []engine.Question) {
	t.Helper()
	things := strings.Fields("laptops servers phones printers routers badges visitors contracts backups logs keys tapes offices projects suppliers")
	known := shelf{}
	var questions []engine.Question
	for i := range groups {
		list := questionsOf(4)
		thing := things[i%len(things)]
		list[0].Text, list[0].Ref = fmt.Sprintf("Is there an inventory of %s?", thing), fmt.Sprintf("%d.1", i+1)
		list[1].Text, list[1].Ref, list[1].Parts = "If yes, please describe it.", fmt.Sprintf("%d.1.a", i+1), list[1].Parts[1:]
		list[2].Text, list[2].Ref = fmt.Sprintf("Who paints the %s?", thing), fmt.Sprintf("%d.2", i+1)
		list[3].Text, list[3].Ref, list[3].Parts[0].Value = fmt.Sprintf("Are %s insured?", thing), fmt.Sprintf("%d.3", i+1), "Yes"
		for j := range list {
			list[j].Section = thing
			list[j].Locator.Cells = []string{fmt.Sprintf("B%d", 4*i+j+2)}
		}
		questions = append(questions, list...)
		e := entry(list[0].Text)
		e.Text = fmt.Sprintf("The %s are listed.", thing)
		known[thing+"/"+list[0].Text] = must(s.PutEntry(t.Context(), here, e))(t)
	}
	return known, questions
}

// outcomes returns what became of each answer.
func outcomes(t *testing.T, s engine.Store, id string) (out []string) {
	t.Helper()
	for _, a := range must(s.Answers(t.Context(), here, id, engine.AnswerFilter{}))(t) {
		x := fmt.Sprintf("%s %d", a.State, a.Number)
		if c := a.Current; c != nil {
			x += fmt.Sprintf(" %s %s", c.Author, c.Origin())
			if c.Gap != nil {
				x += fmt.Sprintf(" %s: %s", c.Gap.Reason, c.Gap.Detail)
			} else {
				x += fmt.Sprintf(" %s %s %v", c.Revision.Verdict, c.Revision.Text, c.Revision.Notes)
			}
			for _, e := range c.Evidence {
				x += " " + e.ID
			}
		}
		out = append(out, x)
	}
	return out
}

func drafting(t *testing.T, s engine.Store) {
	ctx := t.Context()
	known, questions := library(t, s, 12)
	whole1 := takenIn(t, s, questions)
	var last, total int
	if err := engine.DraftQuestionnaire(ctx, s, here, whole1.ID, answering(known), func(done, of int) {
		if done < last {
			t.Errorf("progress went from %d to %d", last, done)
		}
		last, total = done, of
	}); err != nil {
		t.Fatal(err)
	}
	if last != len(questions) || total != len(questions) {
		t.Errorf("progress ended with %d of %d, want %d", last, total, len(questions))
	}
	want := outcomes(t, s, whole1.ID)
	for i, x := range want[:4] {
		if prefix := []string{"drafted 1 job:draft reuse yes", "drafted 1 job:draft reuse  The laptops are listed.", "gap 1 job:draft  no_evidence", "drafted 1 job:draft file yes"}[i]; !strings.HasPrefix(x, prefix) {
			t.Errorf("answer %d: %q, want %q …", i+1, x, prefix)
		}
	}
	// Once all are there, nothing is drafted again.
	idle := answering(known)
	events := len(all(t, s.AuditEvents(ctx, here, 0)))
	if err := engine.DraftQuestionnaire(ctx, s, here, whole1.ID, idle, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, s.AuditEvents(ctx, here, 0))) - events; n != 0 || len(idle.Drafter.(repeater).calls) != 0 { //nolint:forcetypeassert // answering made it
		t.Errorf("drafting again left %d events and drafted %v", n, idle.Drafter)
	}

	// It stops over and over again: with an error of the drafter, and with the
	// database gone in the middle.
	broken := takenIn(t, s, questions)
	failed := errors.New("the drafter is gone")
	a := answering(known)
	drafter, _ := a.Drafter.(repeater)
	for round := range 40 {
		n := 0
		drafter.stop = func(string) error {
			if n++; n > 4 {
				return failed
			}
			return nil
		}
		a.Drafter = drafter
		err := engine.DraftQuestionnaire(ctx, s, here, broken.ID, a, nil)
		if err == nil {
			break
		}
		if !errors.Is(err, failed) || round == 39 {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	same(t, "drafted in pieces", outcomes(t, s, broken.ID), want)
	for _, list := range revisionsOf(t, s, broken.ID) {
		if len(list) != 1 {
			t.Errorf("answer %d has %d revisions: it was drafted twice", list[0].N, len(list))
		}
	}

	// Two at once share the work.
	shared := takenIn(t, s, questions)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := engine.DraftQuestionnaire(ctx, s, here, shared.ID, answering(known), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	same(t, "drafted by two", outcomes(t, s, shared.ID), want)
	counted(t, s, here, shared.ID)
	if n := len(must(s.Askings(ctx, here, time.Time{}))(t)); n != 12 {
		t.Errorf("%d questions were asked in vain, want 12", n)
	}
	whole(t, s)
}

func revisionsOf(t *testing.T, s engine.Store, id string) (out [][]engine.AnswerRevision) {
	t.Helper()
	for _, a := range must(s.Answers(t.Context(), here, id, engine.AnswerFilter{}))(t) {
		out = append(out, must(s.Revisions(t.Context(), here, id, a.N))(t))
	}
	return out
}

// draftContradictions: what contradicts another answer, or what was told, is
// held back, also where the two were drafted by different runs.
func draftContradictions(t *testing.T, s engine.Store) {
	ctx := t.Context()
	const asked, told = "Is multi-factor authentication enforced for administrators?", "Are backups stored in another region?"
	yes, no := entry(asked), entry(asked)
	no.Verdict, no.Source.File = engine.VerdictNo, "b.csv"
	known := shelf{"One/" + asked: must(s.PutEntry(ctx, here, yes))(t), "Two/" + asked: must(s.PutEntry(ctx, here, no))(t), "Told/" + told: must(s.PutEntry(ctx, here, entry(told)))(t)}
	must(s.AddCommitments(ctx, here, []engine.Commitment{{Customer: "Other", SentAt: toldOn, Questionnaire: "o.csv", Question: told, Verdict: engine.VerdictNo, Answer: "No"}}))(t)
	questions := questionsOf(3)
	for i, x := range [][2]string{{"One", asked}, {"Two", asked}, {"Told", told}} {
		questions[i].Section, questions[i].Text = x[0], x[1]
	}
	for _, apart := range []bool{false, true} {
		q := takenIn(t, s, questions)
		a := answering(known)
		if apart { // the first is drafted by a run of its own
			for n := 2; n <= 3; n++ {
				must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, n, 0, "later"))(t)
			}
			if err := engine.DraftQuestionnaire(ctx, s, here, q.ID, a, nil); err != nil {
				t.Fatal(err)
			}
			head(t, s, q.ID, 1, engine.AnswerDrafted, 1)
			for n := 2; n <= 3; n++ {
				must(engine.ReopenAnswer(ctx, s, here, ann, q.ID, n, 0, "now"))(t)
			}
		}
		if err := engine.DraftQuestionnaire(ctx, s, here, q.ID, a, nil); err != nil {
			t.Fatal(err)
		}
		for i, list := range revisionsOf(t, s, q.ID) {
			head(t, s, q.ID, i+1, engine.AnswerGap, 2)
			if len(list) != 2 || list[0].Revision == nil || list[1].Gap == nil || list[1].Gap.Reason != engine.GapConflict || list[1].Gap.Proposal == nil {
				t.Errorf("answer %d: %+v, want a draft and then a gap that proposes it", i+1, list)
			}
		}
		counted(t, s, here, q.ID)
	}
	whole(t, s)
}

// draftingBesidePeople: what people wrote, approved or left empty stays, whatever
// is drafted beside it.
func draftingBesidePeople(t *testing.T, s engine.Store) {
	ctx := t.Context()
	const asked = "Is multi-factor authentication enforced for administrators?"
	yes := must(s.PutEntry(ctx, here, entry(asked)))(t)
	questions := questionsOf(4)
	for i := range questions {
		questions[i].Section, questions[i].Text = "One", asked
	}
	q := takenIn(t, s, questions)
	no := edit(q.ID, 1, 0, "It is not.")
	no.Values[0].Value = "No"
	must(engine.EditAnswer(ctx, s, here, cleo, no))(t)
	must(engine.LeaveAnswer(ctx, s, here, ann, q.ID, 2, 0, "asked above"))(t)
	must(s.PutRevision(ctx, here, revision(q.ID, 3, 0), engine.AnswerDrafted))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 3, 1)))(t)
	if err := engine.DraftQuestionnaire(ctx, s, here, q.ID, answering(shelf{"One/" + asked: yes}), nil); err != nil {
		t.Fatal(err)
	}
	head(t, s, q.ID, 1, engine.AnswerDrafted, 1)
	head(t, s, q.ID, 2, engine.AnswerLeft, 0)
	head(t, s, q.ID, 3, engine.AnswerApproved, 1)
	head(t, s, q.ID, 4, engine.AnswerGap, 2) // it contradicts what Cleo wrote
	whole(t, s)
}

func stale(t *testing.T, s engine.Store) {
	ctx := t.Context()
	lapses, reviewedOn := dueOn, dueOn.AddDate(-1, 0, 0)
	due := entry("Lapses?")
	due.ReviewBy = &lapses
	old := entry("Old?")
	old.ReviewedAt = &reviewedOn
	entries := []engine.Entry{must(s.PutEntry(ctx, here, entry("Changes?")))(t), must(s.PutEntry(ctx, here, due))(t), must(s.PutEntry(ctx, here, old))(t)}
	c := must(s.PutControl(ctx, here, control("C-1")))(t)
	v := engine.RegisterVersion{}
	day := assurance.DayOf(lapses)
	v.Register.Reports = []assurance.Report{{ID: "CERT", Kind: assurance.ISO27001, ValidUntil: day}}
	must(s.PutRegister(ctx, here, v))(t)
	q := takenIn(t, s, questionsOf(9))
	cite := func(n int, state engine.AnswerState, kind engine.PassageKind, id string, report string) {
		r := revision(q.ID, n, 0)
		r.Revision.Citations = nil
		if id != "" {
			r.Revision.Citations = []engine.Citation{{Kind: kind, ID: id, Version: 1}}
		}
		r.Revision.Cites = []assurance.Cite{{Report: report}}
		must(s.PutRevision(ctx, here, r, state))(t)
	}
	const e = engine.PassageEntry
	cite(1, engine.AnswerApproved, e, entries[0].ID, "")
	cite(2, engine.AnswerDrafted, e, entries[0].ID, "")
	cite(3, engine.AnswerInReview, e, entries[0].ID, "")
	cite(4, engine.AnswerRejected, e, entries[0].ID, "")
	cite(5, engine.AnswerApproved, e, entries[1].ID, "")
	cite(6, engine.AnswerApproved, e, entries[2].ID, "")
	cite(7, engine.AnswerApproved, engine.PassageControl, c.ID, "")
	cite(8, engine.AnswerApproved, e, "", "cert")
	mark := func(what string, check engine.StaleCheck, want ...int) {
		t.Helper()
		var got []int
		for _, m := range must(engine.MarkStale(ctx, s, here, check))(t) {
			got = append(got, m.N)
			if m.Why == "" || m.Questionnaire != q.ID {
				t.Errorf("%s: mark %+v", what, m)
			}
			head(t, s, q.ID, m.N, engine.AnswerStale, 1)
		}
		slices.Sort(got)
		same(t, what, got, want)
	}
	changed := engine.StaleCheck{Entries: []string{entries[0].ID}, Controls: []string{c.ID}}
	mark("nothing has changed", changed)
	entries[0].ReviewedAt, entries[0].Owner = &reviewedOn, "somebody"
	entries[0] = must(s.PutEntry(ctx, here, entries[0]))(t)
	c.Owner = "somebody"
	c = must(s.PutControl(ctx, here, c))(t)
	mark("it was only reviewed", changed)
	entries[0].Text = "Something else."
	entries[0] = must(s.PutEntry(ctx, here, entries[0]))(t)
	c.Status = "retired"
	must(s.PutControl(ctx, here, c))(t)
	mark("others have changed", engine.StaleCheck{Entries: []string{entries[1].ID}})
	mark("they say something else", changed, 1, 2, 3, 7)
	mark("again", changed)
	head(t, s, q.ID, 4, engine.AnswerRejected, 1)

	set := engine.DefaultSettings()
	set.MaxAgeDays = 365
	must(engine.ChangeSettings(ctx, s, here, ada, set))(t)
	mark("on the last day", engine.StaleCheck{Day: lapses})
	mark("the day after", engine.StaleCheck{Day: lapses.AddDate(0, 0, 1)}, 5, 6, 8)
	// A stale answer is approved again only after somebody looked at it.
	if _, err := engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)); !errors.Is(err, engine.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
	must(engine.ReopenAnswer(ctx, s, here, ann, q.ID, 1, 1, "still so"))(t)
	must(engine.Decide(ctx, s, here, ann, approve(q.ID, 1, 1)))(t)
	// What a later revision does not cite does not count.
	must(engine.EditAnswer(ctx, s, here, cleo, edit(q.ID, 2, 1, "On its own.")))(t)
	mark("an edit cites nothing", changed, 1)
	must(engine.WithdrawQuestionnaire(ctx, s, here, ann, q.ID, 1))(t)
	counted(t, s, here, q.ID)
	whole(t, s)
}

// fataler is a test, or one run of a property.
type fataler interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// reviewProperty: whatever several people do in whatever order, no revision is
// lost or changed, what is approved is the current revision and was approved by
// somebody, counts are right, and the audit log verifies.
func reviewProperty(t *testing.T, s engine.Store) {
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		m := &reviewModel{s: s, workspace: fmt.Sprintf("run %d", run)}
		m.begin(t)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			m.step(t)
		}
		m.end(t)
	})
}

const modelAnswers = 2

// reviewModel is what must be true of a review, however it goes.
type reviewModel struct {
	s         engine.Store
	workspace string
	id        string
	hashes    [modelAnswers][]string // of the revisions that were stored
	authors   [modelAnswers][]string
	states    [modelAnswers]engine.AnswerState
}

func (m *reviewModel) begin(t *rapid.T) {
	if err := m.s.EnsureWorkspace(t.Context(), m.workspace); err != nil {
		t.Fatal(err)
	}
	q, err := engine.Intake(t.Context(), m.s, m.workspace, cleo, engine.IntakeInput{Read: read(questionsOf(modelAnswers)), File: strings.NewReader(reviewFile), Customer: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	m.id = q.ID
	for i := range m.states {
		m.states[i] = engine.AnswerUnanswered
	}
}

// step lets somebody do something, seeing the current revision or an older one.
func (m *reviewModel) step(t *rapid.T) {
	ctx := t.Context()
	p := rapid.SampledFrom([]engine.Person{ann, bob, cleo, ada}).Draw(t, "person")
	i := rapid.IntRange(0, modelAnswers-1).Draw(t, "answer")
	current := len(m.hashes[i])
	seen := max(0, current-rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "behind"))
	act := rapid.SampledFrom([]string{"edit", "edit", "approve", "approve", "reject", "leave", "reopen", "assign", "stale"}).Draw(t, "act")
	before := m.states[i]
	var err error
	switch act {
	case "edit":
		var r engine.AnswerRevision
		if r, err = engine.EditAnswer(ctx, m.s, m.workspace, p, edit(m.id, i+1, seen, fmt.Sprintf("Text %d.", current+1))); err == nil {
			m.hashes[i], m.authors[i] = append(m.hashes[i], r.Hash), append(m.authors[i], r.Author)
			if before.IsSettled() {
				t.Errorf("an edit of what is %s", before)
			}
		}
	case "approve":
		_, err = engine.Decide(ctx, m.s, m.workspace, p, approve(m.id, i+1, seen))
	case "reject":
		_, err = engine.Decide(ctx, m.s, m.workspace, p, sendBack(m.id, i+1, seen))
	case "leave":
		_, err = engine.LeaveAnswer(ctx, m.s, m.workspace, p, m.id, i+1, seen, "why")
	case "reopen":
		_, err = engine.ReopenAnswer(ctx, m.s, m.workspace, p, m.id, i+1, seen, "why")
	case "assign":
		_, err = engine.AssignAnswers(ctx, m.s, m.workspace, p, engine.Assignment{Questionnaire: m.id, Places: []int{i + 1}, Assignee: p.ID})
	case "stale":
		h, readErr := m.s.AnswerHead(ctx, m.workspace, m.id, i+1)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if h.State == engine.AnswerApproved {
			h.State = engine.AnswerStale
			err = m.s.PutAnswer(ctx, m.workspace, h)
		}
	}
	isOld := seen != current && act != "assign" && act != "stale"
	if isOld && err == nil {
		t.Errorf("%s of revision %d was taken at %d", act, seen, current)
	}
	m.check(t, i, before, err)
}

// check holds an answer against what must be true of it.
func (m *reviewModel) check(t *rapid.T, i int, before engine.AnswerState, err error) {
	h, readErr := m.s.AnswerHead(t.Context(), m.workspace, m.id, i+1)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if h.Number != len(m.hashes[i]) || h.Number > 0 && h.Hash != m.hashes[i][h.Number-1] {
		t.Errorf("answer %d is at revision %d, want %d", i+1, h.Number, len(m.hashes[i]))
	}
	if err != nil && h.State != before {
		t.Errorf("answer %d went from %s to %s by what was refused: %v", i+1, before, h.State, err)
	}
	m.states[i] = h.State
}

func (m *reviewModel) end(t *rapid.T) {
	ctx := t.Context()
	for i := range m.hashes {
		list, err := m.s.Revisions(ctx, m.workspace, m.id, i+1)
		if err != nil || len(list) != len(m.hashes[i]) {
			t.Fatal("revisions:", len(list), err)
		}
		before := ""
		for j := range list {
			r := &list[j]
			if r.Hash != m.hashes[i][j] || r.Hash != r.Sum(before) || r.Author != m.authors[i][j] || r.Revision.Text != fmt.Sprintf("Text %d.", j+1) {
				t.Errorf("revision %d of answer %d is not as it was stored", j+1, i+1)
			}
			before = r.Hash
		}
		decisions, err := m.s.Decisions(ctx, m.workspace, engine.DecisionFilter{Questionnaire: m.id, N: i + 1})
		if err != nil {
			t.Fatal(err)
		}
		isApproved := len(decisions) > 0 && decisions[len(decisions)-1].Kind == engine.DecisionApprove && decisions[len(decisions)-1].Revision == len(list)
		if m.states[i] == engine.AnswerApproved && !isApproved {
			t.Errorf("answer %d is approved at revision %d, and the last decision is %+v", i+1, len(list), decisions[len(decisions)-1:])
		}
	}
	counted(t, m.s, m.workspace, m.id)
	report, err := engine.VerifyAudit(ctx, m.s, m.workspace, nil)
	if err != nil || len(report.Breaks) > 0 || report.Before > 0 {
		t.Errorf("the audit log is not whole: %+v (%v)", report, err)
	}
}
