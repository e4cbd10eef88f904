package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

const invitationSelect = `SELECT workspace_id, id, email, role, invited_by, created_at, expires_at, closed_at, user_id FROM invitations`

// InvitationOf returns the invitation of a secret's hash.
func (r reads) InvitationOf(ctx context.Context, hash string) (engine.Invitation, error) {
	i, err := one(collect(ctx, r.q, invitationSelect+` WHERE secret_hash = $1`, []any{hash}, scanInvitation))
	if err != nil {
		return engine.Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	return i, nil
}

// Invitations returns the invitations to a workspace, the newest first.
func (r reads) Invitations(ctx context.Context, workspace string) ([]engine.Invitation, error) {
	list, err := collect(ctx, r.q, invitationSelect+` WHERE workspace_id = $1 ORDER BY id DESC`, []any{workspace}, scanInvitation)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

func scanInvitation(rows *sql.Rows) (i engine.Invitation, err error) {
	var created, expires int64
	var closed sql.NullInt64
	var user sql.NullString
	err = rows.Scan(&i.Workspace, &i.ID, &i.Email, (*string)(&i.Role), &i.By, &created, &expires, &closed, &user)
	i.CreatedAt, i.ExpiresAt = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
	i.ClosedAt, i.User = fromMillis(closed), user.String
	return i, err
}

// AddInvitation stores an invitation, in a transaction of its own.
func (s *Store) AddInvitation(ctx context.Context, workspace string, i engine.Invitation, hash string) (stored engine.Invitation, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.AddInvitation(ctx, workspace, i, hash)
		return err
	})
	if err != nil {
		return engine.Invitation{}, err
	}
	return stored, nil
}

// AddInvitation stores an invitation. Who invites and is no member is
// [engine.ErrNotFound].
func (w *writes) AddInvitation(ctx context.Context, workspace string, i engine.Invitation, hash string) (engine.Invitation, error) {
	stored, err := w.addInvitation(ctx, workspace, i, hash)
	if err != nil {
		return engine.Invitation{}, fmt.Errorf("add invitation: %w", err)
	}
	return stored, nil
}

func (w *writes) addInvitation(ctx context.Context, workspace string, i engine.Invitation, hash string) (engine.Invitation, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return i, fmt.Errorf("make id: %w", err)
	}
	if _, err := w.Member(ctx, workspace, i.By); err != nil {
		return i, err
	}
	i.Workspace, i.ID, i.CreatedAt, i.ExpiresAt, i.ClosedAt, i.User = workspace, id.String(), inMillis(i.CreatedAt), inMillis(i.ExpiresAt), nil, ""
	const stmt = `INSERT INTO invitations (workspace_id, id, secret_hash, email, role, invited_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	if _, err := w.t.exec(ctx, stmt, workspace, i.ID, hash, i.Email, string(i.Role), i.By, i.CreatedAt.UnixMilli(), i.ExpiresAt.UnixMilli()); err != nil {
		return i, err
	}
	return i, w.audit(ctx, workspace, "invitation:"+i.ID, "", i.AuditHash())
}

// CloseInvitation closes an invitation, in a transaction of its own.
func (s *Store) CloseInvitation(ctx context.Context, workspace, id, user string, at time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.CloseInvitation(ctx, workspace, id, user, at) })
}

// CloseInvitation closes an invitation that is not closed.
func (w *writes) CloseInvitation(ctx context.Context, workspace, id, user string, at time.Time) error {
	if err := w.closeInvitation(ctx, workspace, id, user, inMillis(at)); err != nil {
		return fmt.Errorf("close invitation: %w", err)
	}
	return nil
}

func (w *writes) closeInvitation(ctx context.Context, workspace, id, user string, at time.Time) error {
	const find = invitationSelect + ` WHERE workspace_id = $1 AND id = $2 AND closed_at IS NULL`
	i, err := one(collect(ctx, w.q, find, []any{workspace, id}, scanInvitation))
	if err == nil && user != "" {
		_, err = w.User(ctx, user)
	}
	if err != nil {
		return err
	}
	before := i.AuditHash()
	i.ClosedAt, i.User = &at, user
	const stmt = `UPDATE invitations SET closed_at = $3, user_id = $4 WHERE workspace_id = $1 AND id = $2`
	if _, err := w.t.exec(ctx, stmt, workspace, id, at.UnixMilli(), toNull(user)); err != nil {
		return err
	}
	return w.audit(ctx, workspace, "invitation:"+id, before, i.AuditHash())
}
