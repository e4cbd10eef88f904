package api

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"vouch/engine"
)

// put stores an entry as it is, as an import does.
func (r *rig) put(e engine.Entry) engine.Entry {
	r.t.Helper()
	e, err := r.store.PutEntry(r.t.Context(), here, e)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// propose makes a proposal of a text against an entry.
func (r *rig) propose(e engine.Entry, text string) engine.EntryProposal {
	r.t.Helper()
	said := e
	said.Text = text
	var p engine.EntryProposal
	err := r.store.InTx(r.t.Context(), func(tx engine.Tx) (err error) {
		p, _, err = engine.ProposeEntry(r.t.Context(), tx, here, engine.ApprovedAnswer{Entry: said, Near: []string{e.ID}, Questionnaire: "q-1", By: "user:ann"})
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// questionnaire takes in one of n questions.
func (r *rig) questionnaire(n int) string {
	r.t.Helper()
	ctx := r.t.Context()
	file, err := r.store.PutFile(ctx, here, strings.NewReader("file"))
	if err != nil {
		r.t.Fatal(err)
	}
	questions := make([]engine.Question, n)
	for i := range questions {
		questions[i] = engine.Question{Text: fmt.Sprintf("Question %d?", i+1), Parts: []engine.Part{{Kind: engine.PartText}}}
	}
	q, err := r.store.AddQuestionnaire(ctx, here, engine.StoredQuestionnaire{Name: "q.csv", Format: "csv", File: file, State: engine.QuestionnaireOpen, CreatedBy: "user:ann"}, questions)
	if err != nil {
		r.t.Fatal(err)
	}
	return q.ID
}

// approved makes the answer to question n of a questionnaire, which cites
// something, and approves it.
func (r *rig) approved(questionnaire string, n int, cite engine.Citation) {
	r.t.Helper()
	ctx := r.t.Context()
	_, err := r.store.PutRevision(ctx, here, engine.AnswerRevision{
		Questionnaire: questionnaire, N: n, Author: "job:draft",
		Revision: &engine.Revision{Verdict: engine.VerdictYes, Text: "It is so.", Origin: engine.OriginReuse, Citations: []engine.Citation{cite}},
	}, engine.AnswerApproved)
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) state(questionnaire string, n int) engine.AnswerState {
	r.t.Helper()
	h, err := r.store.AnswerHead(r.t.Context(), here, questionnaire, n)
	if err != nil {
		r.t.Fatal(err)
	}
	return h.State
}

// joined makes somebody a member with a role, and returns their id.
func (r *rig) joined(name string, role engine.Role) string {
	return r.makeUser(name+"@example.com", here, role).ID
}

func (r *rig) job(object string) engine.Job {
	r.t.Helper()
	j, err := r.store.AddJob(r.t.Context(), here, engine.Job{Kind: "test", Object: object})
	if err != nil {
		r.t.Fatal(err)
	}
	return j
}

const registerYAML = `company: Northbeam
reports:
  - id: soc2-2026
    kind: soc2
    type: 2
    criteria: [security]
    auditor: Hale
    opinion: unqualified
    from: 2025-04-01
    to: 2026-03-31
    issued: 2026-05-01
controls:
  - id: CR-01
    title: Encryption at rest
    text: Databases are encrypted with AES-256.
    criteria: [CC6.1]
    status: implemented
evidence:
  - id: EV-1
    control: CR-01
    title: Key review
    collected_at: 2026-05-04
`

// importRegister lays a file over the register through the API.
func (r *rig) importRegister(name, text string) reply {
	r.t.Helper()
	body, header := fileForm(name, text)
	return r.do(request{method: "POST", path: "/register/import", who: "admin", body: body, header: header})
}

// teamCalls has a request for every operation on the library as a team keeps
// it, on the register's files, jobs and presence, that is served when the caller
// may. Proposals are of entries that the caller owns.
func (r *rig) teamCalls(who string) map[string]request {
	r.t.Helper()
	own := func(thing string) engine.Entry {
		return r.put(engine.Entry{Question: "Is the " + thing + " owned by " + who + "?", Verdict: engine.VerdictYes, Text: "It is.", Owner: r.userOf(who), Source: engine.Source{File: "a.csv"}})
	}
	e := own("lock")
	accept, reject := r.propose(own("door"), "It is, and accepted."), r.propose(own("wall"), "It is, and rejected.")
	q := r.questionnaire(2)
	j := r.job("questionnaire:" + q + who)
	if err := r.withReport(); err != nil {
		r.t.Fatal(err)
	}
	register, registerHeader := fileForm("r.yaml", registerYAML)
	controls, controlsHeader := fileForm("c.csv", "id,title\nX-1,Title\n")
	first := map[string]string{"If-Match": `"1"`}
	none := map[string]string{"If-Match": `"0"`}
	return map[string]request{
		"markEntry":        {method: "PATCH", path: "/entries/" + e.ID, body: EntryMarks{}, header: first},
		"getEntryHistory":  {path: "/entries/" + e.ID + "/history"},
		"listStaleEntries": {path: "/library/stale"},
		"listDuplicates":   {path: "/library/duplicates"},
		"listConflicts":    {path: "/library/conflicts"},
		"exportLibrary":    {path: "/library/export"},
		"getLexicon":       {path: "/lexicon"},
		"putLexicon":       {method: "PUT", path: "/lexicon", body: Lexicon{}, header: none},
		"getCalibration":   {path: "/calibration"},
		"putCalibration":   {method: "PUT", path: "/calibration", body: CalibrationState{}, header: none},
		"listProposals":    {path: "/proposals"},
		"getProposal":      {path: "/proposals/" + accept.ID},
		"acceptProposal":   {method: "POST", path: "/proposals/" + accept.ID + "/accept", body: Acceptance{}, header: first},
		"rejectProposal":   {method: "POST", path: "/proposals/" + reject.ID + "/reject", body: Rejection{}},
		"importControls":   {method: "POST", path: "/controls/import", body: controls, header: controlsHeader},
		"exportControls":   {path: "/controls/export"},
		"importRegister":   {method: "POST", path: "/register/import", body: register, header: registerHeader},
		"listReports":      {path: "/reports"},
		"getReport":        {path: "/reports/SOC2-2026"},
		"listEvidence":     {path: "/evidence"},
		"createEvidence":   {method: "POST", path: "/evidence", body: EvidenceContent{Control: "cr-01", Title: "x"}},
		"getReadinessPage": {path: "/readiness/page"},
		"listJobs":         {path: "/jobs"},
		"getJob":           {path: "/jobs/" + j.ID},
		"cancelJob":        {method: "POST", path: "/jobs/" + j.ID + "/cancel"},
		"getPresence":      {path: "/questionnaires/" + q + "/presence"},
		"putPresence":      {method: "PUT", path: "/questionnaires/" + q + "/presence", body: PresenceContent{N: 2}},
	}
}

// withReport puts a report and a control into the register, unless they are
// there.
func (r *rig) withReport() error {
	parts, wrong, err := libraryFiles().ReadRegister(r.t.Context(), writeFile(r.t, "r.yaml", registerYAML))
	if err != nil || len(wrong) > 0 {
		return fmt.Errorf("%v %w", wrong, err)
	}
	return r.store.InTx(r.t.Context(), func(tx engine.Tx) error {
		_, _, err := layOver(r.t.Context(), engine.Joined(tx), here, parts, "r.yaml")
		return err
	})
}

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := t.TempDir() + "/" + name
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writing is a principal with a role, by a token that may write and not decide.
func writing(role engine.Role) (p Principal) {
	p.Roles, p.Token = map[string]engine.Role{here: role}, engine.Token{ID: "1", Scopes: []engine.Scope{engine.ScopeRead, engine.ScopeWrite}}
	return p
}

// userOf returns the id of the user who one of everybody is, any text of who is
// nobody here.
func (r *rig) userOf(who string) string {
	r.t.Helper()
	name, _ := strings.CutSuffix(who, "/token")
	if name == "scoped" || name == "reading" {
		name = "admin"
	}
	u, err := r.store.UserByEmail(r.t.Context(), name+"@example.com")
	if errors.Is(err, engine.ErrNotFound) {
		return name
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return u.ID
}
