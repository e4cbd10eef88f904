package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

const sessionColumns = `s.id, s.user_id, s.created_at, s.seen_at, s.origin, s.agent`

// sessionScan reads [sessionColumns], also beside others.
type sessionScan struct {
	session       *engine.Session
	created, seen int64
}

func (s *sessionScan) fields() []any {
	return []any{&s.session.ID, &s.session.User, &s.created, &s.seen, &s.session.From, &s.session.Agent}
}

func (s *sessionScan) done() {
	s.session.CreatedAt, s.session.SeenAt = time.UnixMilli(s.created).UTC(), time.UnixMilli(s.seen).UTC()
}

// SessionOf returns the session of a secret's hash, with its user and where the
// user is a member: a row for each membership, or one without.
func (r reads) SessionOf(ctx context.Context, hash string) (engine.Session, engine.Account, error) {
	const stmt = `SELECT ` + sessionColumns + `, ` + userColumns + `, m.workspace_id, m.role FROM sessions s
		JOIN users u ON u.id = s.user_id LEFT JOIN members m ON m.user_id = s.user_id WHERE s.secret_hash = $1 ORDER BY m.workspace_id`
	var session engine.Session
	var account engine.Account
	list, err := collect(ctx, r.q, stmt, []any{hash}, func(rows *sql.Rows) (engine.Membership, error) {
		var workspace, role sql.NullString
		s, u := sessionScan{session: &session}, userScan{user: &account.User}
		err := rows.Scan(append(append(s.fields(), u.fields()...), &workspace, &role)...)
		s.done()
		u.done()
		return engine.Membership{Workspace: workspace.String, Role: engine.Role(role.String)}, err
	})
	if err == nil && len(list) == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return engine.Session{}, engine.Account{}, fmt.Errorf("read session: %w", err)
	}
	if list[0].Role != "" {
		account.Memberships = list
	}
	return session, account, nil
}

// Sessions returns the sessions of a user, the last used first.
func (r reads) Sessions(ctx context.Context, user string) ([]engine.Session, error) {
	const stmt = `SELECT ` + sessionColumns + ` FROM sessions s WHERE s.user_id = $1 ORDER BY s.seen_at DESC, s.id DESC`
	list, err := collect(ctx, r.q, stmt, []any{user}, func(rows *sql.Rows) (session engine.Session, err error) {
		s := sessionScan{session: &session}
		err = rows.Scan(s.fields()...)
		s.done()
		return session, err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// AddSession stores a session, in a transaction of its own.
func (s *Store) AddSession(ctx context.Context, session engine.Session, hash string) (stored engine.Session, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.AddSession(ctx, session, hash)
		return err
	})
	if err != nil {
		return engine.Session{}, err
	}
	return stored, nil
}

// AddSession stores a session. A user who is not there is [engine.ErrNotFound].
func (w *writes) AddSession(ctx context.Context, session engine.Session, hash string) (engine.Session, error) {
	id, err := uuid.NewV7()
	if err == nil {
		_, err = w.User(ctx, session.User)
	}
	if err == nil {
		session.ID, session.CreatedAt, session.SeenAt = id.String(), inMillis(session.CreatedAt), inMillis(session.SeenAt)
		const stmt = `INSERT INTO sessions (id, user_id, secret_hash, created_at, seen_at, origin, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)`
		_, err = w.t.exec(ctx, stmt, session.ID, session.User, hash, session.CreatedAt.UnixMilli(), session.SeenAt.UnixMilli(), session.From, session.Agent)
	}
	if err != nil {
		return engine.Session{}, fmt.Errorf("add session: %w", err)
	}
	return session, nil
}

// inMillis returns a time as it is read after it was stored.
func inMillis(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// SeeSession notes that a session was used, in a transaction of its own.
func (s *Store) SeeSession(ctx context.Context, id string, at time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.SeeSession(ctx, id, at) })
}

// SeeSession notes that a session was used.
func (w *writes) SeeSession(ctx context.Context, id string, at time.Time) error {
	if _, err := w.t.exec(ctx, `UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, id, at.UnixMilli()); err != nil {
		return fmt.Errorf("see session: %w", err)
	}
	return nil
}

// EndSession ends a session, in a transaction of its own.
func (s *Store) EndSession(ctx context.Context, user, id string) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.EndSession(ctx, user, id) })
}

// EndSession ends a session of a user.
func (w *writes) EndSession(ctx context.Context, user, id string) error {
	n, err := w.t.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, user, id)
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndSessions ends all sessions of a user but one, in a transaction of its own.
func (s *Store) EndSessions(ctx context.Context, user, but string) (n int, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		n, err = t.EndSessions(ctx, user, but)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// EndSessions ends all sessions of a user but one.
func (w *writes) EndSessions(ctx context.Context, user, but string) (int, error) {
	n, err := w.t.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, user, but)
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(n), nil
}

// EndOldSessions ends old sessions, in a transaction of its own.
func (s *Store) EndOldSessions(ctx context.Context, made, seen time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.EndOldSessions(ctx, made, seen) })
}

// EndOldSessions ends the sessions made or last used before a time.
func (w *writes) EndOldSessions(ctx context.Context, made, seen time.Time) error {
	if _, err := w.t.exec(ctx, `DELETE FROM sessions WHERE created_at < $1 OR seen_at < $2`, made.UnixMilli(), seen.UnixMilli()); err != nil {
		return fmt.Errorf("end old sessions: %w", err)
	}
	return nil
}
