package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"vouch/engine"
)

const selectComments = `SELECT c.id, c.questionnaire_id, c.place, c.body, c.mentions, c.made_by, c.created_at, coalesce(x.removed_by, ''), coalesce(x.created_at, 0)
	FROM comments c LEFT JOIN comment_removals x ON x.workspace_id = c.workspace_id AND x.comment_id = c.id WHERE c.workspace_id = $1`

// AddComment stores a comment, in a transaction of its own.
func (s *Store) AddComment(ctx context.Context, workspace string, c engine.Comment) (engine.Comment, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.Comment, error) { return t.AddComment(ctx, workspace, c) })
}

// AddComment stores a comment.
func (w *writes) AddComment(ctx context.Context, workspace string, c engine.Comment) (engine.Comment, error) {
	stored, err := w.addComment(ctx, workspace, c)
	if err != nil {
		return engine.Comment{}, fmt.Errorf("add comment: %w", err)
	}
	return stored, nil
}

func (w *writes) addComment(ctx context.Context, workspace string, c engine.Comment) (_ engine.Comment, err error) {
	if err := c.Validate(); err != nil {
		return c, err
	}
	if c.ID, err = newID(); err != nil {
		return c, err
	}
	mentions, err := toListJSON(&c.Mentions)
	if err != nil {
		return c, err
	}
	c.At, c.RemovedAt, c.RemovedBy = stamp(), nil, ""
	if err := w.commentable(ctx, workspace, c.Questionnaire, c.N); err != nil {
		return c, err
	}
	const stmt = `INSERT INTO comments (workspace_id, id, questionnaire_id, place, body, mentions, made_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	if err := w.t.put(ctx, stmt, workspace, c.ID, c.Questionnaire, c.N, c.Text, mentions, c.By, c.At.UnixMilli()); err != nil {
		return c, err
	}
	return c, w.audit(ctx, workspace, "comment:"+c.ID, "", engine.AuditHash(c))
}

// commentable returns [engine.ErrNotFound] where there is nothing to comment on.
func (w *writes) commentable(ctx context.Context, workspace, questionnaire string, n int) error {
	if n > 0 {
		_, err := w.current(ctx, workspace, questionnaire, n)
		return err
	}
	list, err := collect(ctx, w.q, `SELECT questions FROM questionnaires WHERE workspace_id = $1 AND id = $2`, []any{workspace, questionnaire}, scanInt)
	if err == nil && len(list) == 0 {
		err = engine.ErrNotFound
	}
	return err
}

// RemoveComment hides a comment, in a transaction of its own.
func (s *Store) RemoveComment(ctx context.Context, workspace, id, by string) (engine.Comment, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.Comment, error) { return t.RemoveComment(ctx, workspace, id, by) })
}

// RemoveComment hides the text of a comment for good.
func (w *writes) RemoveComment(ctx context.Context, workspace, id, by string) (engine.Comment, error) {
	c, err := w.removeComment(ctx, workspace, id, by)
	if err != nil {
		return engine.Comment{}, fmt.Errorf("remove comment %s: %w", id, err)
	}
	return hidden(c), nil
}

func (w *writes) removeComment(ctx context.Context, workspace, id, by string) (engine.Comment, error) {
	was, err := one(collect(ctx, w.q, selectComments+` AND c.id = $2`, []any{workspace, id}, scanComment))
	if err != nil || was.RemovedAt != nil {
		return was, err
	}
	at := stamp()
	const stmt = `INSERT INTO comment_removals (workspace_id, comment_id, removed_by, created_at) VALUES ($1, $2, $3, $4)`
	if _, err := w.t.exec(ctx, stmt, workspace, id, by, at.UnixMilli()); err != nil {
		return was, err
	}
	is := was
	is.RemovedBy, is.RemovedAt = by, &at
	return is, w.audit(ctx, workspace, "comment:"+id, engine.AuditHash(was), engine.AuditHash(is))
}

// Comment returns one comment.
func (r reads) Comment(ctx context.Context, workspace, id string) (engine.Comment, error) {
	c, err := one(collect(ctx, r.q, selectComments+` AND c.id = $2`, []any{workspace, id}, scanComment))
	if err != nil {
		return engine.Comment{}, fmt.Errorf("read comment %s: %w", id, err)
	}
	return hidden(c), nil
}

// Comments returns the comments on a questionnaire or an answer, oldest first.
func (r reads) Comments(ctx context.Context, workspace, questionnaire string, n int) ([]engine.Comment, error) {
	w := where{stmt: selectComments + ` AND c.questionnaire_id = $2`, args: []any{workspace, questionnaire}}
	if n > 0 {
		w.args = append(w.args, n)
		w.stmt += " AND c.place = $" + strconv.Itoa(len(w.args))
	}
	w.page("c.id", 0)
	list, err := collect(ctx, r.q, w.stmt, w.args, scanComment)
	if err != nil {
		return nil, fmt.Errorf("list comments: %w", err)
	}
	for i := range list {
		list[i] = hidden(list[i])
	}
	return list, nil
}

// hidden returns a comment as it is shown: one that was removed without its
// text.
func hidden(c engine.Comment) engine.Comment {
	if c.RemovedAt != nil {
		c.Text, c.Mentions = "", nil
	}
	return c
}

func scanComment(rows *sql.Rows) (c engine.Comment, err error) {
	var at, removed int64
	var mentions string
	if err = rows.Scan(&c.ID, &c.Questionnaire, &c.N, &c.Text, &mentions, &c.By, &at, &c.RemovedBy, &removed); err != nil {
		return c, err
	}
	c.At, c.RemovedAt = time.UnixMilli(at).UTC(), fromDay(removed)
	c.Mentions, err = fromJSON(mentions)
	return c, err
}
