package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vouch/engine"
)

const memberSelect = `SELECT ` + userColumns + `, m.role, m.since FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1`

// Members returns the members of a workspace, a page of them.
func (r reads) Members(ctx context.Context, workspace string, f engine.MemberFilter) ([]engine.Member, error) {
	q := where{stmt: memberSelect, args: []any{workspace}}
	q.and("m.user_id >", f.After)
	q.page("m.user_id", f.Limit)
	list, err := collect(ctx, r.q, q.stmt, q.args, scanMember)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return list, nil
}

// Member returns what a user is in a workspace.
func (r reads) Member(ctx context.Context, workspace, user string) (engine.Member, error) {
	m, err := one(collect(ctx, r.q, memberSelect+` AND m.user_id = $2`, []any{workspace, user}, scanMember))
	if err != nil {
		return engine.Member{}, fmt.Errorf("read member: %w", err)
	}
	return m, nil
}

func scanMember(rows *sql.Rows) (m engine.Member, err error) {
	var since int64
	s := userScan{user: &m.User}
	err = rows.Scan(append(s.fields(), (*string)(&m.Role), &since)...)
	s.done()
	m.Since = time.UnixMilli(since).UTC()
	return m, err
}

// Memberships returns the workspaces a user is a member of.
func (r reads) Memberships(ctx context.Context, user string) ([]engine.Membership, error) {
	const stmt = `SELECT workspace_id, role FROM members WHERE user_id = $1 ORDER BY workspace_id`
	list, err := collect(ctx, r.q, stmt, []any{user}, func(rows *sql.Rows) (m engine.Membership, err error) {
		err = rows.Scan(&m.Workspace, (*string)(&m.Role))
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	return list, nil
}

// PutMember makes a member or changes the role, in a transaction of its own.
func (s *Store) PutMember(ctx context.Context, workspace, user string, role engine.Role) (m engine.Member, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		m, err = t.PutMember(ctx, workspace, user, role)
		return err
	})
	if err != nil {
		return engine.Member{}, err
	}
	return m, nil
}

// PutMember makes a member or changes the role.
func (w *writes) PutMember(ctx context.Context, workspace, user string, role engine.Role) (engine.Member, error) {
	m, err := w.putMember(ctx, workspace, user, role)
	if err != nil {
		return engine.Member{}, fmt.Errorf("put member: %w", err)
	}
	return m, nil
}

func (w *writes) putMember(ctx context.Context, workspace, user string, role engine.Role) (m engine.Member, err error) {
	if m.User, err = w.User(ctx, user); err != nil {
		return m, err
	}
	old, err := collect(ctx, w.q, memberSelect+` AND m.user_id = $2`, []any{workspace, user}, scanMember)
	if err != nil {
		return m, err
	}
	before := ""
	if m.Role, m.Since = role, time.UnixMilli(now()).UTC(); len(old) > 0 {
		before, m.Since = old[0].AuditHash(), old[0].Since
	}
	const stmt = `INSERT INTO members (workspace_id, user_id, role, since) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role`
	if _, err := w.t.exec(ctx, stmt, workspace, user, string(role), m.Since.UnixMilli()); err != nil {
		return m, err
	}
	if len(old) == 0 {
		if err := w.audit(ctx, workspace, "user:"+user, "", m.User.AuditHash()); err != nil {
			return m, err
		}
	}
	return m, w.audit(ctx, workspace, "member:"+user, before, m.AuditHash())
}

// RemoveMember ends a membership, in a transaction of its own.
func (s *Store) RemoveMember(ctx context.Context, workspace, user string) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.RemoveMember(ctx, workspace, user) })
}

// RemoveMember ends a membership.
func (w *writes) RemoveMember(ctx context.Context, workspace, user string) error {
	old, err := w.Member(ctx, workspace, user)
	if err == nil {
		_, err = w.t.exec(ctx, `DELETE FROM members WHERE workspace_id = $1 AND user_id = $2`, workspace, user)
	}
	if err == nil {
		err = w.audit(ctx, workspace, "member:"+user, old.AuditHash(), "")
	}
	if err == nil {
		err = w.audit(ctx, workspace, "user:"+user, old.User.AuditHash(), "")
	}
	if err != nil {
		return fmt.Errorf("remove member: %w", err)
	}
	return nil
}
