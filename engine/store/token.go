package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

const tokenColumns = `t.workspace_id, t.id, t.user_id, t.name, t.scopes, t.role, t.created_at, t.expires_at, t.used_at, t.revoked_at` //nolint:gosec // names of columns

// tokenScan reads [tokenColumns], also beside others.
type tokenScan struct {
	token            *engine.Token
	scopes           string
	created, expires int64
	used, revoked    sql.NullInt64
}

func (s *tokenScan) fields() []any {
	t := s.token
	return []any{&t.Workspace, &t.ID, &t.User, &t.Name, &s.scopes, (*string)(&t.Role), &s.created, &s.expires, &s.used, &s.revoked}
}

func (s *tokenScan) done() error {
	t := s.token
	t.CreatedAt, t.ExpiresAt = time.UnixMilli(s.created).UTC(), time.UnixMilli(s.expires).UTC()
	t.UsedAt, t.RevokedAt = fromMillis(s.used), fromMillis(s.revoked)
	names, err := fromJSON(s.scopes)
	t.Scopes = make([]engine.Scope, len(names))
	for i, name := range names {
		t.Scopes[i] = engine.Scope(name)
	}
	return err
}

// TokenOf returns the token of a secret's hash, its maker, and what the maker is
// in its workspace.
func (r reads) TokenOf(ctx context.Context, hash string) (engine.Token, engine.Account, error) {
	const stmt = `SELECT ` + tokenColumns + `, ` + userColumns + `, m.role FROM tokens t JOIN users u ON u.id = t.user_id
		LEFT JOIN members m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id WHERE t.secret_hash = $1`
	var account engine.Account
	t, err := one(collect(ctx, r.q, stmt, []any{hash}, func(rows *sql.Rows) (token engine.Token, err error) {
		var role sql.NullString
		t, u := tokenScan{token: &token}, userScan{user: &account.User}
		if err = rows.Scan(append(append(t.fields(), u.fields()...), &role)...); err != nil {
			return token, err
		}
		u.done()
		if role.Valid {
			account.Memberships = []engine.Membership{{Workspace: token.Workspace, Role: engine.Role(role.String)}}
		}
		return token, t.done()
	}))
	if err != nil {
		return engine.Token{}, engine.Account{}, fmt.Errorf("read token: %w", err)
	}
	return t, account, nil
}

// Tokens returns the tokens of a user in a workspace, or of all.
func (r reads) Tokens(ctx context.Context, workspace, user string) ([]engine.Token, error) {
	q := where{stmt: `SELECT ` + tokenColumns + ` FROM tokens t WHERE t.workspace_id = $1`, args: []any{workspace}}
	q.and("t.user_id =", user)
	q.page("t.id DESC", 0)
	list, err := collect(ctx, r.q, q.stmt, q.args, scanToken)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return list, nil
}

func scanToken(rows *sql.Rows) (token engine.Token, err error) {
	t := tokenScan{token: &token}
	if err = rows.Scan(t.fields()...); err != nil {
		return token, err
	}
	return token, t.done()
}

// AddToken stores a token, in a transaction of its own.
func (s *Store) AddToken(ctx context.Context, workspace string, t engine.Token, hash string) (stored engine.Token, err error) {
	err = s.InTx(ctx, func(tx engine.Tx) error {
		stored, err = tx.AddToken(ctx, workspace, t, hash)
		return err
	})
	if err != nil {
		return engine.Token{}, err
	}
	return stored, nil
}

// AddToken stores a token. A maker who is no member is [engine.ErrNotFound].
func (w *writes) AddToken(ctx context.Context, workspace string, t engine.Token, hash string) (engine.Token, error) {
	stored, err := w.addToken(ctx, workspace, t, hash)
	if err != nil {
		return engine.Token{}, fmt.Errorf("add token: %w", err)
	}
	return stored, nil
}

func (w *writes) addToken(ctx context.Context, workspace string, t engine.Token, hash string) (engine.Token, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return t, fmt.Errorf("make id: %w", err)
	}
	if _, err := w.Member(ctx, workspace, t.User); err != nil {
		return t, err
	}
	t.Workspace, t.ID, t.CreatedAt, t.ExpiresAt, t.UsedAt, t.RevokedAt = workspace, id.String(), inMillis(t.CreatedAt), inMillis(t.ExpiresAt), nil, nil
	scopes, err := toListJSON(&t.Scopes)
	if err != nil {
		return t, err
	}
	const stmt = `INSERT INTO tokens (workspace_id, id, user_id, secret_hash, name, scopes, role, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	if _, err := w.t.exec(ctx, stmt, workspace, t.ID, t.User, hash, t.Name, scopes, string(t.Role), t.CreatedAt.UnixMilli(), t.ExpiresAt.UnixMilli()); err != nil {
		return t, err
	}
	return t, w.audit(ctx, workspace, "token:"+t.ID, "", t.AuditHash())
}

// UseToken notes that a token was used, in a transaction of its own.
func (s *Store) UseToken(ctx context.Context, workspace, id string, at time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.UseToken(ctx, workspace, id, at) })
}

// UseToken notes that a token was used.
func (w *writes) UseToken(ctx context.Context, workspace, id string, at time.Time) error {
	const stmt = `UPDATE tokens SET used_at = $3 WHERE workspace_id = $1 AND id = $2 AND (used_at IS NULL OR used_at < $3)`
	if _, err := w.t.exec(ctx, stmt, workspace, id, at.UnixMilli()); err != nil {
		return fmt.Errorf("use token: %w", err)
	}
	return nil
}

// RevokeToken ends a token, in a transaction of its own.
func (s *Store) RevokeToken(ctx context.Context, workspace, id string, at time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.RevokeToken(ctx, workspace, id, at) })
}

// RevokeToken ends a token that is there.
func (w *writes) RevokeToken(ctx context.Context, workspace, id string, at time.Time) error {
	if err := w.revokeToken(ctx, workspace, id, at); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

func (w *writes) revokeToken(ctx context.Context, workspace, id string, at time.Time) error {
	const find = `SELECT ` + tokenColumns + ` FROM tokens t WHERE t.workspace_id = $1 AND t.id = $2`
	t, err := one(collect(ctx, w.q, find, []any{workspace, id}, scanToken))
	if err != nil || t.RevokedAt != nil {
		return err
	}
	before, ended := t.AuditHash(), inMillis(at)
	t.RevokedAt = &ended
	if _, err := w.t.exec(ctx, `UPDATE tokens SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2`, workspace, id, ended.UnixMilli()); err != nil {
		return err
	}
	return w.audit(ctx, workspace, "token:"+id, before, t.AuditHash())
}
