package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"vouch/engine"
)

// countColumns are those of answer_counts, in the order of the states.
var countColumns = func() string {
	var list []string
	for _, s := range engine.AnswerStates() {
		list = append(list, "c."+countColumn(s))
	}
	return strings.Join(list, ", ")
}()

func countColumn(s engine.AnswerState) string { return "n_" + string(s) }

var (
	shortColumns = `q.id, q.version, q.name, q.format, q.file_hash, q.customer, q.deal, q.due_at, q.product, q.language, q.nda, q.public, q.state,
		q.created_at, q.created_by, q.questions, q.asks_hash`

	fromQuestionnaires = ` FROM questionnaires q JOIN answer_counts c ON c.workspace_id = q.workspace_id AND c.questionnaire_id = q.id WHERE q.workspace_id = $1`

	selectShort = `SELECT ` + shortColumns + `, ` + countColumns + fromQuestionnaires
	selectWhole = `SELECT ` + shortColumns + `, ` + countColumns + `, q.layout, q.appended, q.skipped` + fromQuestionnaires
)

// AddQuestionnaire stores a questionnaire, in a transaction of its own.
func (s *Store) AddQuestionnaire(ctx context.Context, workspace string, q engine.StoredQuestionnaire, questions []engine.Question) (engine.StoredQuestionnaire, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.StoredQuestionnaire, error) {
		return t.AddQuestionnaire(ctx, workspace, q, questions)
	})
}

// AddQuestionnaire stores a questionnaire and its questions.
func (w *writes) AddQuestionnaire(ctx context.Context, workspace string, q engine.StoredQuestionnaire, questions []engine.Question) (engine.StoredQuestionnaire, error) {
	if err := w.addQuestionnaire(ctx, workspace, &q, questions); err != nil {
		return engine.StoredQuestionnaire{}, fmt.Errorf("add questionnaire: %w", err)
	}
	return q, nil
}

func (w *writes) addQuestionnaire(ctx context.Context, workspace string, q *engine.StoredQuestionnaire, questions []engine.Question) (err error) {
	if _, err := one(collect(ctx, w.q, `SELECT size FROM files WHERE workspace_id = $1 AND hash = $2`, []any{workspace, q.File}, scanInt)); err != nil {
		return err
	}
	if q.ID, err = newID(); err != nil {
		return err
	}
	q.Version, q.CreatedAt, q.Due = 1, stamp(), fromDay(toDay(q.Due))
	layout, err := w.understood(q, questions)
	if err != nil {
		return err
	}
	const stmt = `INSERT INTO questionnaires (workspace_id, id, version, name, name_folded, format, file_hash, customer, deal, due_at, product, language,
		nda, public, state, created_at, created_by, questions, asks_hash, layout, appended, skipped)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`
	_, err = w.t.exec(ctx, stmt, workspace, q.ID, q.Version, q.Name, strings.ToLower(q.Name), q.Format, q.File, q.Customer, q.Deal, toDay(q.Due), q.Product, q.Language,
		toBit(q.NDA), toBit(q.Public), string(q.State), q.CreatedAt.UnixMilli(), q.CreatedBy, q.Questions, q.Asks, layout[0], layout[1], layout[2])
	if err != nil {
		return err
	}
	if _, err := w.t.exec(ctx, `INSERT INTO answer_counts (workspace_id, questionnaire_id) VALUES ($1, $2)`, workspace, q.ID); err != nil {
		return err
	}
	if err := w.putQuestions(ctx, workspace, q.ID, questions); err != nil {
		return err
	}
	q.Counts = map[engine.AnswerState]int{engine.AnswerUnanswered: len(questions)}
	return w.audit(ctx, workspace, "questionnaire:"+q.ID, "", q.AuditHash())
}

// understood checks a questionnaire and its questions, counts them, and returns
// layout, added headings and skipped rows as JSON.
func (w *writes) understood(q *engine.StoredQuestionnaire, questions []engine.Question) (out [3]string, err error) {
	if err := q.Validate(); err != nil {
		return out, err
	}
	if len(questions) == 0 {
		return out, engine.ErrNoQuestions
	}
	q.Questions = len(questions)
	if q.Asks, err = asksHash(questions); err != nil {
		return out, err
	}
	read := &q.Layout
	layout, err := asRead(&read)
	if err != nil {
		return out, err
	}
	q.Layout = *read
	appended, err := toListJSON(&q.Appended)
	if err != nil {
		return out, err
	}
	skipped, err := toListJSON(&q.Skipped)
	return [3]string{layout.String, appended, skipped}, err
}

// asksHash is the hash of questions in their order, over each as it is stored.
func asksHash(questions []engine.Question) (string, error) {
	hashes := make([]string, len(questions))
	for i := range questions {
		text, err := json.Marshal(&questions[i])
		if err != nil {
			return "", err
		}
		hashes[i] = hash(string(text))
	}
	return engine.AuditHash(hashes), nil
}

// putQuestions stores questions that nobody has answered.
func (w *writes) putQuestions(ctx context.Context, workspace, id string, questions []engine.Question) error {
	const into = `INSERT INTO questions (workspace_id, questionnaire_id, place, question)`
	for i := range questions {
		text, err := json.Marshal(&questions[i])
		if err != nil {
			return err
		}
		if err := w.t.putRow(ctx, into, workspace, id, i+1, string(text)); err != nil {
			return err
		}
	}
	const answers = `INSERT INTO answers (workspace_id, questionnaire_id, place, state, number, hash, assignee, due_at)
		SELECT workspace_id, questionnaire_id, place, 'unanswered', 0, '', '', 0 FROM questions WHERE workspace_id = $1 AND questionnaire_id = $2`
	if _, err := w.t.exec(ctx, answers, workspace, id); err != nil {
		return err
	}
	const counts = `UPDATE answer_counts SET n_unanswered = $3 WHERE workspace_id = $1 AND questionnaire_id = $2`
	_, err := w.t.exec(ctx, counts, workspace, id, len(questions))
	return err
}

// PutQuestionnaire stores the next version, in a transaction of its own.
func (s *Store) PutQuestionnaire(ctx context.Context, workspace string, q engine.StoredQuestionnaire) (engine.StoredQuestionnaire, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.StoredQuestionnaire, error) { return t.PutQuestionnaire(ctx, workspace, q) })
}

// PutQuestionnaire stores the next version of what people say about one.
func (w *writes) PutQuestionnaire(ctx context.Context, workspace string, q engine.StoredQuestionnaire) (engine.StoredQuestionnaire, error) {
	stored, err := w.putQuestionnaire(ctx, workspace, q)
	if err != nil {
		return engine.StoredQuestionnaire{}, fmt.Errorf("put questionnaire %s: %w", q.ID, err)
	}
	return stored, nil
}

func (w *writes) putQuestionnaire(ctx context.Context, workspace string, q engine.StoredQuestionnaire) (engine.StoredQuestionnaire, error) {
	if err := q.Validate(); err != nil {
		return q, err
	}
	old, err := w.atVersion(ctx, workspace, q.ID, q.Version)
	if err != nil {
		return q, err
	}
	next := old
	next.Version++
	next.Name, next.Customer, next.Deal, next.Due, next.Product, next.Language = q.Name, q.Customer, q.Deal, fromDay(toDay(q.Due)), q.Product, q.Language
	next.NDA, next.Public, next.State = q.NDA, q.Public, q.State
	const stmt = `UPDATE questionnaires SET version = $3, name = $4, name_folded = $5, customer = $6, deal = $7, due_at = $8, product = $9, language = $10,
		nda = $11, public = $12, state = $13 WHERE workspace_id = $1 AND id = $2`
	_, err = w.t.exec(ctx, stmt, workspace, next.ID, next.Version, next.Name, strings.ToLower(next.Name), next.Customer, next.Deal, toDay(next.Due),
		next.Product, next.Language, toBit(next.NDA), toBit(next.Public), string(next.State))
	if err != nil {
		return q, err
	}
	return next, w.audit(ctx, workspace, "questionnaire:"+next.ID, old.AuditHash(), next.AuditHash())
}

// atVersion returns a questionnaire that must be at a version.
func (w *writes) atVersion(ctx context.Context, workspace, id string, version int) (engine.StoredQuestionnaire, error) {
	old, err := w.questionnaire(ctx, workspace, id)
	if err == nil && old.Version != version {
		err = engine.ErrStaleVersion
	}
	return old, err
}

// ReplaceQuestions stores other questions, in a transaction of its own.
func (s *Store) ReplaceQuestions(ctx context.Context, workspace string, q engine.StoredQuestionnaire, questions []engine.Question) (engine.StoredQuestionnaire, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.StoredQuestionnaire, error) {
		return t.ReplaceQuestions(ctx, workspace, q, questions)
	})
}

// ReplaceQuestions stores the questions that another layout finds.
func (w *writes) ReplaceQuestions(ctx context.Context, workspace string, q engine.StoredQuestionnaire, questions []engine.Question) (engine.StoredQuestionnaire, error) {
	stored, err := w.replaceQuestions(ctx, workspace, q, questions)
	if err != nil {
		return engine.StoredQuestionnaire{}, fmt.Errorf("replace questions of questionnaire %s: %w", q.ID, err)
	}
	return stored, nil
}

func (w *writes) replaceQuestions(ctx context.Context, workspace string, q engine.StoredQuestionnaire, questions []engine.Question) (engine.StoredQuestionnaire, error) {
	old, err := w.atVersion(ctx, workspace, q.ID, q.Version)
	if err != nil {
		return q, err
	}
	next := old
	next.Version++
	next.Layout, next.Appended, next.Skipped = q.Layout, q.Appended, q.Skipped
	layout, err := w.understood(&next, questions)
	if err != nil {
		return q, err
	}
	if err := w.dropQuestions(ctx, workspace, q.ID); err != nil {
		return q, err
	}
	const stmt = `UPDATE questionnaires SET version = $3, questions = $4, asks_hash = $5, layout = $6, appended = $7, skipped = $8 WHERE workspace_id = $1 AND id = $2`
	if _, err := w.t.exec(ctx, stmt, workspace, next.ID, next.Version, next.Questions, next.Asks, layout[0], layout[1], layout[2]); err != nil {
		return q, err
	}
	if err := w.putQuestions(ctx, workspace, q.ID, questions); err != nil {
		return q, err
	}
	next.Counts = map[engine.AnswerState]int{engine.AnswerUnanswered: len(questions)}
	return next, w.audit(ctx, workspace, "questionnaire:"+next.ID, old.AuditHash(), next.AuditHash())
}

// dropQuestions deletes questions on which nobody has done anything but
// assign them.
func (w *writes) dropQuestions(ctx context.Context, workspace, id string) error {
	const stmt = `SELECT (SELECT count(*) FROM answer_revisions WHERE workspace_id = $1 AND questionnaire_id = $2)
		+ (SELECT count(*) FROM decisions WHERE workspace_id = $1 AND questionnaire_id = $2)`
	n, err := one(collect(ctx, w.q, stmt, []any{workspace, id}, scanInt))
	if err == nil && n > 0 {
		err = engine.ErrAnswered
	}
	if err != nil {
		return err
	}
	assigned, err := collect(ctx, w.q, selectHeads+` AND a.questionnaire_id = $2 AND a.assignee <> '' ORDER BY a.place`, []any{workspace, id}, scanHead)
	if err != nil {
		return err
	}
	for i := range assigned {
		if err := w.audit(ctx, workspace, assigned[i].AuditObject(), assigned[i].AuditHash(), ""); err != nil {
			return err
		}
	}
	w.t.read = readHead{}
	for _, table := range []string{"answers", "questions"} {
		if _, err := w.t.exec(ctx, `DELETE FROM `+table+` WHERE workspace_id = $1 AND questionnaire_id = $2`, workspace, id); err != nil {
			return err
		}
	}
	return nil
}

// Questionnaire returns one, with its counts.
func (r reads) Questionnaire(ctx context.Context, workspace, id string) (engine.StoredQuestionnaire, error) {
	q, err := r.questionnaire(ctx, workspace, id)
	if err != nil {
		return engine.StoredQuestionnaire{}, fmt.Errorf("read questionnaire %s: %w", id, err)
	}
	return q, nil
}

func (r reads) questionnaire(ctx context.Context, workspace, id string) (engine.StoredQuestionnaire, error) {
	return one(collect(ctx, r.q, selectWhole+` AND q.id = $2`, []any{workspace, id}, scanWhole))
}

// Questionnaires returns those that pass f, newest first.
func (r reads) Questionnaires(ctx context.Context, workspace string, f engine.QuestionnaireFilter) ([]engine.StoredQuestionnaire, error) {
	w := where{stmt: selectShort, args: []any{workspace}}
	w.and("q.id =", f.ID)
	w.and("q.state =", string(f.State))
	w.and("q.customer =", f.Customer)
	w.and("q.id <", f.After)
	if f.Text != "" {
		w.args = append(w.args, "%"+likeText.Replace(strings.ToLower(f.Text))+"%")
		w.stmt += fmt.Sprintf(` AND q.name_folded LIKE $%d ESCAPE '\'`, len(w.args))
	}
	if !f.DueBefore.IsZero() {
		w.args = append(w.args, f.DueBefore.UnixMilli())
		w.stmt += fmt.Sprintf(` AND q.due_at <> 0 AND q.due_at < $%d`, len(w.args))
	}
	if !f.Overdue.IsZero() {
		w.args = append(w.args, f.Overdue.UnixMilli())
		w.stmt += fmt.Sprintf(` AND q.due_at <> 0 AND q.due_at < $%d AND q.state = 'open' AND c.n_approved + c.n_left < q.questions`, len(w.args))
	}
	w.page("q.id DESC", f.Limit)
	list, err := collect(ctx, r.q, w.stmt, w.args, func(rows *sql.Rows) (engine.StoredQuestionnaire, error) { return scanQuestionnaire(rows) })
	if err != nil {
		return nil, fmt.Errorf("list questionnaires: %w", err)
	}
	return list, nil
}

// likeText takes the meaning from what LIKE does not take literally.
var likeText = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// scanQuestionnaire reads a questionnaire with its counts, and what else was
// selected.
func scanQuestionnaire(rows *sql.Rows, more ...any) (q engine.StoredQuestionnaire, err error) {
	var due, created int64
	states := engine.AnswerStates()
	counts := make([]int, len(states))
	to := []any{&q.ID, &q.Version, &q.Name, &q.Format, &q.File, &q.Customer, &q.Deal, &due, &q.Product, &q.Language, &q.NDA, &q.Public, (*string)(&q.State),
		&created, &q.CreatedBy, &q.Questions, &q.Asks}
	for i := range counts {
		to = append(to, &counts[i])
	}
	if err := rows.Scan(append(to, more...)...); err != nil {
		return q, err
	}
	q.Due, q.CreatedAt, q.Counts = fromDay(due), time.UnixMilli(created).UTC(), map[engine.AnswerState]int{}
	for i, n := range counts {
		if n > 0 {
			q.Counts[states[i]] = n
		}
	}
	return q, nil
}

// scanWhole reads a questionnaire with what was understood of its file.
func scanWhole(rows *sql.Rows) (engine.StoredQuestionnaire, error) {
	var layout, appended, skipped string
	q, err := scanQuestionnaire(rows, &layout, &appended, &skipped)
	if err != nil {
		return q, err
	}
	var appendedErr, skippedErr error
	q.Appended, appendedErr = fromListJSON[engine.PartValue](appended)
	q.Skipped, skippedErr = fromListJSON[engine.Skipped](skipped)
	return q, errors.Join(json.Unmarshal([]byte(layout), &q.Layout), appendedErr, skippedErr)
}

// Questions returns the questions of a questionnaire, in their order.
func (r reads) Questions(ctx context.Context, workspace, id string) ([]engine.Question, error) {
	const stmt = `SELECT question FROM questions WHERE workspace_id = $1 AND questionnaire_id = $2 ORDER BY place`
	list, err := collect(ctx, r.q, stmt, []any{workspace, id}, func(rows *sql.Rows) (q engine.Question, err error) {
		var text string
		if err = rows.Scan(&text); err == nil {
			err = json.Unmarshal([]byte(text), &q)
		}
		return q, err
	})
	if err != nil {
		return nil, fmt.Errorf("read questions of questionnaire %s: %w", id, err)
	}
	return list, nil
}
