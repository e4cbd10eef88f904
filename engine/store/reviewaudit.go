package store

import (
	"context"
	"database/sql"
	"iter"

	"vouch/engine"
)

// AuditedReviews streams what is stored of reviews with its hash, made anew
// from what the tables hold: questions, and every revision of every answer, are
// read for it.
func (r reads) AuditedReviews(ctx context.Context, workspace string) iter.Seq2[engine.AuditedObject, error] {
	return named("read what the audit log is about", func(yield func(engine.AuditedObject, error) bool) {
		stop := false
		for _, part := range []iter.Seq2[engine.AuditedObject, error]{
			r.auditedFiles(ctx, workspace), r.auditedQuestionnaires(ctx, workspace), r.auditedAnswers(ctx, workspace), r.auditedRest(ctx, workspace),
		} {
			part(func(x engine.AuditedObject, err error) bool {
				stop = !yield(x, err) || err != nil
				return !stop
			})
			if stop {
				return
			}
		}
	})
}

// auditedAs yields the rows of a statement as the log sees them.
func auditedAs[T any](ctx context.Context, r reads, stmt, workspace string, scan func(*sql.Rows) (T, error), object func(*T) engine.AuditedObject) iter.Seq2[engine.AuditedObject, error] {
	return func(yield func(engine.AuditedObject, error) bool) {
		for v, err := range stream(ctx, r.q, stmt, []any{workspace}, scan) {
			x := engine.AuditedObject{}
			if err == nil {
				x = object(&v)
			}
			if !yield(x, err) || err != nil {
				return
			}
		}
	}
}

func (r reads) auditedFiles(ctx context.Context, workspace string) iter.Seq2[engine.AuditedObject, error] {
	return auditedAs(ctx, r, `SELECT hash, size FROM files WHERE workspace_id = $1 ORDER BY hash`, workspace, func(rows *sql.Rows) (x engine.AuditedObject, err error) {
		var name string
		var size int64
		err = rows.Scan(&name, &size)
		return engine.AuditedObject{Object: "file:" + name, Hash: fileHash(name, size)}, err
	}, func(x *engine.AuditedObject) engine.AuditedObject { return *x })
}

// auditedQuestionnaires takes the hash of the questions from the questions.
func (r reads) auditedQuestionnaires(ctx context.Context, workspace string) iter.Seq2[engine.AuditedObject, error] {
	return func(yield func(engine.AuditedObject, error) bool) {
		asks, err := r.asks(ctx, workspace)
		if err != nil {
			yield(engine.AuditedObject{}, err)
			return
		}
		auditedAs(ctx, r, selectWhole+` ORDER BY q.id`, workspace, scanWhole, func(q *engine.StoredQuestionnaire) engine.AuditedObject {
			q.Asks, q.Questions = engine.AuditHash(asks[q.ID]), len(asks[q.ID])
			return engine.AuditedObject{Object: "questionnaire:" + q.ID, Hash: q.AuditHash()}
		})(yield)
	}
}

// asks returns the hashes of the questions of each questionnaire, in their
// order.
func (r reads) asks(ctx context.Context, workspace string) (map[string][]string, error) {
	type ask struct{ id, hash string }
	out := map[string][]string{}
	const stmt = `SELECT questionnaire_id, question FROM questions WHERE workspace_id = $1 ORDER BY questionnaire_id, place`
	for a, err := range stream(ctx, r.q, stmt, []any{workspace}, func(rows *sql.Rows) (a ask, err error) {
		var text string
		err = rows.Scan(&a.id, &text)
		a.hash = hash(text)
		return a, err
	}) {
		if err != nil {
			return nil, err
		}
		out[a.id] = append(out[a.id], a.hash)
	}
	return out, nil
}

// answerPlace names an answer.
type answerPlace struct {
	questionnaire string
	n             int
}

// auditedAnswers takes the hash of the current revision from all revisions of
// the answer, each of which holds that of the one before.
func (r reads) auditedAnswers(ctx context.Context, workspace string) iter.Seq2[engine.AuditedObject, error] {
	return func(yield func(engine.AuditedObject, error) bool) {
		heads := map[answerPlace]string{}
		for x, err := range stream(ctx, r.q, selectRevisions+` ORDER BY questionnaire_id, place, number`, []any{workspace}, scanRevisionRow) {
			if err != nil {
				yield(engine.AuditedObject{}, err)
				return
			}
			at := answerPlace{x.Questionnaire, x.N}
			heads[at] = x.sum(heads[at])
		}
		auditedAs(ctx, r, selectHeads+` ORDER BY a.questionnaire_id, a.place`, workspace, scanHead, func(h *engine.AnswerHead) engine.AuditedObject {
			h.Hash = heads[answerPlace{h.Questionnaire, h.N}]
			return engine.AuditedObject{Object: h.AuditObject(), Hash: h.AuditHash()}
		})(yield)
	}
}

// auditedRest yields decisions, comments, exports and settings.
func (r reads) auditedRest(ctx context.Context, workspace string) iter.Seq2[engine.AuditedObject, error] {
	return func(yield func(engine.AuditedObject, error) bool) {
		settings, err := r.Settings(ctx, workspace)
		if !yield(engine.AuditedObject{Object: "settings", Hash: settings.AuditHash()}, err) || err != nil {
			return
		}
		stop := false
		for _, part := range []iter.Seq2[engine.AuditedObject, error]{
			auditedAs(ctx, r, `SELECT `+decisionColumns+` FROM decisions WHERE workspace_id = $1 ORDER BY id`, workspace, scanDecision, func(d *engine.Decision) engine.AuditedObject {
				return engine.AuditedObject{Object: "decision:" + d.ID, Hash: engine.AuditHash(d)}
			}),
			auditedAs(ctx, r, selectComments+` ORDER BY c.id`, workspace, scanComment, func(c *engine.Comment) engine.AuditedObject {
				return engine.AuditedObject{Object: "comment:" + c.ID, Hash: engine.AuditHash(c)}
			}),
			auditedAs(ctx, r, selectExports+` ORDER BY id`, workspace, scanExport, func(e *engine.Export) engine.AuditedObject {
				return engine.AuditedObject{Object: "export:" + e.ID, Hash: engine.AuditHash(e)}
			}),
		} {
			part(func(x engine.AuditedObject, err error) bool {
				stop = !yield(x, err)
				return !stop
			})
			if stop {
				return
			}
		}
	}
}
