package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"vouch/engine"
)

const (
	headColumns = `a.questionnaire_id, a.place, a.state, a.number, a.hash, a.assignee, a.due_at,
		coalesce(r.author, ''), coalesce(r.origin, ''), coalesce(r.confidence, 0), coalesce(r.blocked, 0), q.state, q.version`

	joinHeads = `
		JOIN questionnaires q ON q.workspace_id = a.workspace_id AND q.id = a.questionnaire_id
		LEFT JOIN answer_revisions r ON r.workspace_id = a.workspace_id AND r.questionnaire_id = a.questionnaire_id AND r.place = a.place AND r.number = a.number`

	joinQuestions = `
		JOIN questions x ON x.workspace_id = a.workspace_id AND x.questionnaire_id = a.questionnaire_id AND x.place = a.place`

	selectHeads = `SELECT ` + headColumns + ` FROM answers a` + joinHeads + ` WHERE a.workspace_id = $1`

	// A limit in a select of its own keeps PostgreSQL from putting what is asked
	// for in the place of what is joined by: where it has not counted a table yet
	// it believes that few rows are of one questionnaire, and reads all of these
	// again for each answer, instead of the one row that it has.
	selectHead = `SELECT ` + headColumns + ` FROM (SELECT * FROM answers WHERE workspace_id = $1 AND questionnaire_id = $2 AND place = $3 LIMIT 1) a` + joinHeads

	selectAnswers = `SELECT ` + headColumns + `, x.question, r.revision, r.gap, r.evidence, coalesce(r.created_at, 0) FROM (%s) a` + joinHeads + joinQuestions + ` ORDER BY a.place`
)

// Answers returns the answers of a questionnaire that pass f.
func (r reads) Answers(ctx context.Context, workspace, questionnaire string, f engine.AnswerFilter) ([]engine.StoredAnswer, error) {
	w := r.answersThatPass(workspace, questionnaire, &f)
	var list []engine.StoredAnswer
	for a, err := range stream(ctx, r.q, fmt.Sprintf(selectAnswers, w.stmt), w.args, scanAnswer) {
		if err != nil {
			return nil, fmt.Errorf("read answers of questionnaire %s: %w", questionnaire, err)
		}
		if list = append(list, a); len(list) == f.Limit {
			break
		}
	}
	return list, nil
}

// answersThatPass selects the rows of answers that pass f, and up to twice as
// many as its limit, which is part of the statement: PostgreSQL plans for that
// many rows, and there are few such statements to prepare.
func (r reads) answersThatPass(workspace, questionnaire string, f *engine.AnswerFilter) where {
	w := where{stmt: `SELECT a.* FROM answers a`, args: []any{workspace, questionnaire}}
	if f.Section != "" {
		w.stmt += joinQuestions
	}
	w.stmt += ` WHERE a.workspace_id = $1 AND a.questionnaire_id = $2`
	w.and("a.state =", string(f.State))
	w.and("a.assignee =", f.Assignee)
	if f.Section != "" {
		condition, arg := r.d.field("x.question", "section", f.Section, len(w.args)+1)
		w.args = append(w.args, arg)
		w.stmt += " AND " + condition
	}
	if f.After > 0 {
		w.args = append(w.args, f.After)
		w.stmt += " AND a.place > $" + strconv.Itoa(len(w.args))
	}
	w.page("a.place", 0)
	if f.Limit > 0 {
		w.stmt += " LIMIT " + strconv.Itoa(1<<bits.Len(uint(f.Limit-1)))
	}
	return w
}

// AnswerHead returns one answer without its texts.
func (r reads) AnswerHead(ctx context.Context, workspace, questionnaire string, n int) (engine.AnswerHead, error) {
	h, err := r.answerHead(ctx, workspace, questionnaire, n)
	if err != nil {
		return engine.AnswerHead{}, fmt.Errorf("read answer %d of questionnaire %s: %w", n, questionnaire, err)
	}
	return h, nil
}

func (r reads) answerHead(ctx context.Context, workspace, questionnaire string, n int) (engine.AnswerHead, error) {
	return one(collect(ctx, r.q, selectHead, []any{workspace, questionnaire, n}, scanHead))
}

// readHead is the answer that a transaction read or changed last, as it is now:
// who decides on one reads it first, and to store that it is needed again.
type readHead struct {
	workspace string
	head      engine.AnswerHead
}

// AnswerHead returns one answer without its texts, and remembers it.
func (w *writes) AnswerHead(ctx context.Context, workspace, questionnaire string, n int) (engine.AnswerHead, error) {
	w.t.read = readHead{}
	h, err := w.reads.AnswerHead(ctx, workspace, questionnaire, n)
	if err == nil {
		w.t.read = readHead{workspace, h}
	}
	return h, err
}

// current returns an answer as it is, from memory if it was the last one read.
func (w *writes) current(ctx context.Context, workspace, questionnaire string, n int) (engine.AnswerHead, error) {
	if r := &w.t.read; r.workspace == workspace && r.head.Questionnaire == questionnaire && r.head.N == n && w.t.failure == nil && ctx.Err() == nil {
		return r.head, nil
	}
	return w.answerHead(ctx, workspace, questionnaire, n)
}

// AssignedAnswers returns what a user is to look at, those due first.
func (r reads) AssignedAnswers(ctx context.Context, workspace, user string) ([]engine.AnswerHead, error) {
	const stmt = selectHeads + ` AND a.assignee = $2 AND a.assignee <> '' AND q.state = 'open' AND a.state NOT IN ('approved', 'left')
		ORDER BY CASE a.due_at WHEN 0 THEN 1 ELSE 0 END, a.due_at, a.questionnaire_id, a.place`
	list, err := collect(ctx, r.q, stmt, []any{workspace, user}, scanHead)
	if err != nil {
		return nil, fmt.Errorf("list assigned answers: %w", err)
	}
	return list, nil
}

// headRow is what the columns of a head are read into.
type headRow struct {
	engine.AnswerHead
	due   int64
	state string // of the questionnaire
}

func (h *headRow) to() []any {
	return []any{&h.Questionnaire, &h.N, (*string)(&h.State), &h.Number, &h.Hash, &h.Assignee, &h.due, &h.Author, (*string)(&h.Origin), &h.Confidence, &h.IsBlocked, &h.state, &h.Version}
}

func (h *headRow) head() engine.AnswerHead {
	h.Due, h.IsOpen = fromDay(h.due), h.state == string(engine.QuestionnaireOpen)
	return h.AnswerHead
}

func scanHead(rows *sql.Rows) (engine.AnswerHead, error) {
	var h headRow
	err := rows.Scan(h.to()...)
	return h.head(), err
}

func scanAnswer(rows *sql.Rows) (a engine.StoredAnswer, err error) {
	var h headRow
	var x revisionRow
	var question string
	if err := rows.Scan(append(h.to(), &question, &x.revision, &x.gap, &x.evidence, &x.created)...); err != nil {
		return a, err
	}
	a.AnswerHead = h.head()
	if err := json.Unmarshal([]byte(question), &a.Question); err != nil || a.Number == 0 {
		return a, err
	}
	x.AnswerRevision = engine.AnswerRevision{Questionnaire: a.Questionnaire, N: a.N, Number: a.Number, Author: a.Author, Hash: a.Hash}
	current, err := x.read()
	a.Current = &current
	return a, err
}

// revisionRow is what a revision is read into.
type revisionRow struct {
	engine.AnswerRevision
	revision, gap, evidence sql.NullString
	created                 int64
}

func (x *revisionRow) read() (engine.AnswerRevision, error) {
	r := x.AnswerRevision
	r.At = time.UnixMilli(x.created).UTC()
	var err, more error
	if x.revision.Valid {
		err = json.Unmarshal([]byte(x.revision.String), &r.Revision)
	}
	if x.gap.Valid {
		more = json.Unmarshal([]byte(x.gap.String), &r.Gap)
	}
	evidence, evidenceErr := fromListJSON[engine.EvidenceRef](x.evidence.String)
	r.Evidence = evidence
	return r, errors.Join(err, more, evidenceErr)
}

const selectRevisions = `SELECT questionnaire_id, place, number, author, hash, revision, gap, evidence, created_at FROM answer_revisions WHERE workspace_id = $1`

// Revisions returns every revision of an answer, or those with these numbers,
// oldest first.
func (r reads) Revisions(ctx context.Context, workspace, questionnaire string, n int, numbers ...int) ([]engine.AnswerRevision, error) {
	w := where{stmt: selectRevisions + ` AND questionnaire_id = $2 AND place = $3`, args: []any{workspace, questionnaire, n}}
	w.in("number", numbers)
	w.page("number", 0)
	list, err := collect(ctx, r.q, w.stmt, w.args, scanRevision)
	if err != nil {
		return nil, fmt.Errorf("read revisions of answer %d of questionnaire %s: %w", n, questionnaire, err)
	}
	return list, nil
}

func scanRevision(rows *sql.Rows) (engine.AnswerRevision, error) {
	x, err := scanRevisionRow(rows)
	if err != nil {
		return x.AnswerRevision, err
	}
	return x.read()
}

func scanRevisionRow(rows *sql.Rows) (x revisionRow, err error) {
	err = rows.Scan(&x.Questionnaire, &x.N, &x.Number, &x.Author, &x.Hash, &x.revision, &x.gap, &x.evidence, &x.created)
	x.At = time.UnixMilli(x.created).UTC()
	return x, err
}

// sum returns the hash of what is stored, after the revision with the hash
// before. It is [engine.AnswerRevision.Sum] without reading the texts.
func (x *revisionRow) sum(before string) string {
	raw := func(s sql.NullString) json.RawMessage {
		if !s.Valid || s.String == "[]" {
			return nil
		}
		return json.RawMessage(s.String)
	}
	return x.SumOf(before, raw(x.revision), raw(x.gap), raw(x.evidence))
}

// PutRevision stores the next revision, in a transaction of its own.
func (s *Store) PutRevision(ctx context.Context, workspace string, r engine.AnswerRevision, state engine.AnswerState) (engine.AnswerRevision, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.AnswerRevision, error) { return t.PutRevision(ctx, workspace, r, state) })
}

// PutRevision stores the next revision of an answer.
func (w *writes) PutRevision(ctx context.Context, workspace string, r engine.AnswerRevision, state engine.AnswerState) (engine.AnswerRevision, error) {
	stored, err := w.putRevision(ctx, workspace, r, state)
	if err != nil {
		return engine.AnswerRevision{}, fmt.Errorf("put revision of answer %d of questionnaire %s: %w", r.N, r.Questionnaire, err)
	}
	return stored, nil
}

func (w *writes) putRevision(ctx context.Context, workspace string, r engine.AnswerRevision, state engine.AnswerState) (engine.AnswerRevision, error) {
	was, err := w.current(ctx, workspace, r.Questionnaire, r.N)
	switch {
	case err != nil:
		return r, err
	case was.Number != r.Number:
		return r, engine.ErrStaleVersion
	case (r.Revision == nil) == (r.Gap == nil):
		return r, errors.New("it must hold a revision or a gap")
	}
	r.Number++
	r.At = stamp()
	if err := w.insertRevision(ctx, workspace, &r, was.Hash); err != nil {
		return r, err
	}
	is := was
	is.State, is.Number, is.Hash = state, r.Number, r.Hash
	return r, w.putHead(ctx, workspace, &was, &is)
}

// insertRevision writes a revision and what it cites.
func (w *writes) insertRevision(ctx context.Context, workspace string, r *engine.AnswerRevision, before string) error {
	revision, err := asRead(&r.Revision)
	if err != nil {
		return err
	}
	gap, err := asRead(&r.Gap)
	if err != nil {
		return err
	}
	evidence, err := toListJSON(&r.Evidence)
	if err != nil {
		return err
	}
	r.Hash = r.Sum(before)
	const stmt = `INSERT INTO answer_revisions (workspace_id, questionnaire_id, place, number, author, origin, confidence, blocked, hash, created_at, revision, gap, evidence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	err = w.t.put(ctx, stmt, workspace, r.Questionnaire, r.N, r.Number, r.Author, string(r.Origin()), r.Confidence(), toBit(r.IsBlocked()), r.Hash, r.At.UnixMilli(), revision, gap, evidence)
	if err != nil {
		return err
	}
	const cited = `INSERT INTO answer_citations (workspace_id, kind, cited_id, questionnaire_id, place, number, cited_version) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	for _, c := range r.Cited() {
		if err := w.t.put(ctx, cited, workspace, string(c.Kind), c.ID, c.Questionnaire, c.N, c.Number, c.Version); err != nil {
			return err
		}
	}
	return nil
}

// asRead returns what p points to as JSON, NULL for nil, and puts in its place
// what will be read from that: JSON has no bytes that are no text.
func asRead[T any](p **T) (text sql.NullString, err error) {
	if *p == nil {
		return text, nil
	}
	b, err := json.Marshal(*p)
	if err != nil {
		return text, err
	}
	read := new(T)
	if err := json.Unmarshal(b, read); err != nil {
		return text, err
	}
	*p = read
	b, err = json.Marshal(read)
	return sql.NullString{String: string(b), Valid: true}, err
}

// PutAnswer stores state and assignment, in a transaction of its own.
func (s *Store) PutAnswer(ctx context.Context, workspace string, h engine.AnswerHead) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.PutAnswer(ctx, workspace, h) })
}

// PutAnswer stores state and assignment of an answer.
func (w *writes) PutAnswer(ctx context.Context, workspace string, h engine.AnswerHead) error {
	was, err := w.current(ctx, workspace, h.Questionnaire, h.N)
	if err == nil && was.Number != h.Number {
		err = engine.ErrStaleVersion
	}
	if err == nil {
		is := was
		is.State, is.Assignee, is.Due = h.State, h.Assignee, fromDay(toDay(h.Due))
		err = w.putHead(ctx, workspace, &was, &is)
	}
	if err != nil {
		return fmt.Errorf("put answer %d of questionnaire %s: %w", h.N, h.Questionnaire, err)
	}
	return nil
}

// putHead writes how an answer is now, and counts it.
func (w *writes) putHead(ctx context.Context, workspace string, was, is *engine.AnswerHead) error {
	if !is.State.IsValid() || (is.Number == 0) != (is.State == engine.AnswerUnanswered) && is.State != engine.AnswerLeft {
		return fmt.Errorf("%w: an answer with %d revisions is not %q", ErrInvalid, is.Number, is.State)
	}
	w.t.read = readHead{}
	if is.Number == was.Number {
		w.t.read = readHead{workspace, *is}
	}
	const stmt = `UPDATE answers SET state = $4, number = $5, hash = $6, assignee = $7, due_at = $8 WHERE workspace_id = $1 AND questionnaire_id = $2 AND place = $3`
	if err := w.t.put(ctx, stmt, workspace, is.Questionnaire, is.N, string(is.State), is.Number, is.Hash, is.Assignee, toDay(is.Due)); err != nil {
		return err
	}
	if was.State != is.State {
		from, to := countColumn(was.State), countColumn(is.State)
		count := `UPDATE answer_counts SET ` + from + ` = ` + from + ` - 1, ` + to + ` = ` + to + ` + 1 WHERE workspace_id = $1 AND questionnaire_id = $2`
		if err := w.t.put(ctx, count, workspace, is.Questionnaire); err != nil {
			return err
		}
	}
	return w.audit(ctx, workspace, is.AuditObject(), was.AuditHash(), is.AuditHash())
}

// Citing returns where current revisions cite one of these.
func (r reads) Citing(ctx context.Context, workspace string, kind engine.CitedKind, ids []string) ([]engine.CitedIn, error) {
	stmt := `SELECT c.questionnaire_id, c.place, c.number, c.kind, c.cited_id, c.cited_version FROM answer_citations c
		JOIN answers a ON a.workspace_id = c.workspace_id AND a.questionnaire_id = c.questionnaire_id AND a.place = c.place AND a.number = c.number
		JOIN questionnaires q ON q.workspace_id = c.workspace_id AND q.id = c.questionnaire_id AND q.state = 'open'
		WHERE c.workspace_id = $1 AND c.kind = '` + string(kind) + `'`
	var list []engine.CitedIn
	var err error
	switch {
	case kind != engine.CitedEntry && kind != engine.CitedControl && kind != engine.CitedReport:
		err = fmt.Errorf("%w: unknown kind of what is cited", ErrInvalid)
	case len(ids) == 0:
		list, err = collect(ctx, r.q, stmt, []any{workspace}, scanCited)
	default:
		list, err = inChunks(ctx, r.q, stmt+` AND c.cited_id IN `, workspace, ids, scanCited)
	}
	if err != nil {
		return nil, fmt.Errorf("look up what cites %d things: %w", len(ids), err)
	}
	return list, nil
}

func scanCited(rows *sql.Rows) (c engine.CitedIn, err error) {
	err = rows.Scan(&c.Questionnaire, &c.N, &c.Number, (*string)(&c.Kind), &c.ID, &c.Version)
	return c, err
}
