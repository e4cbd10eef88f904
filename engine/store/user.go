package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

// userColumns are those of the table users, which a statement calls u.
const userColumns = `u.id, u.email, u.name, u.disabled, u.password, u.subject, u.created_at`

// User returns a user by id.
func (r reads) User(ctx context.Context, id string) (engine.User, error) {
	return r.user(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = $1`, id)
}

// UserByEmail returns the user with an address.
func (r reads) UserByEmail(ctx context.Context, email string) (engine.User, error) {
	return r.user(ctx, `SELECT `+userColumns+` FROM users u WHERE u.email = $1`, email)
}

// UserBySubject returns who a provider knows as this.
func (r reads) UserBySubject(ctx context.Context, subject string) (engine.User, error) {
	return r.user(ctx, `SELECT `+userColumns+` FROM users u WHERE u.subject = $1`, subject)
}

// user returns the user a statement finds. The error does not say by what: it
// may be an address.
func (r reads) user(ctx context.Context, stmt, value string) (engine.User, error) {
	u, err := one(collect(ctx, r.q, stmt, []any{value}, func(rows *sql.Rows) (u engine.User, err error) {
		s := userScan{user: &u}
		err = rows.Scan(s.fields()...)
		s.done()
		return u, err
	}))
	if err != nil {
		return engine.User{}, fmt.Errorf("read user: %w", err)
	}
	return u, nil
}

// userScan reads [userColumns], also beside others.
type userScan struct {
	user    *engine.User
	subject sql.NullString
	created int64
}

func (s *userScan) fields() []any {
	return []any{&s.user.ID, &s.user.Email, &s.user.Name, &s.user.Disabled, &s.user.Password, &s.subject, &s.created}
}

func (s *userScan) done() {
	s.user.Subject, s.user.CreatedAt = s.subject.String, time.UnixMilli(s.created).UTC()
}

// AnyUser says whether there is a user.
func (r reads) AnyUser(ctx context.Context) (bool, error) {
	list, err := collect(ctx, r.q, `SELECT 1 FROM users LIMIT 1`, nil, scanInt)
	if err != nil {
		return false, fmt.Errorf("look for users: %w", err)
	}
	return len(list) > 0, nil
}

// PutUser stores a user, in a transaction of its own.
func (s *Store) PutUser(ctx context.Context, u engine.User) (stored engine.User, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.PutUser(ctx, u)
		return err
	})
	if err != nil {
		return engine.User{}, err
	}
	return stored, nil
}

// PutUser stores a user, new or changed.
func (w *writes) PutUser(ctx context.Context, u engine.User) (stored engine.User, err error) {
	if u.ID == "" {
		stored, err = w.addUser(ctx, u)
	} else {
		stored, err = w.changeUser(ctx, u)
	}
	if err != nil {
		return engine.User{}, fmt.Errorf("put user: %w", err)
	}
	return stored, nil
}

func (w *writes) addUser(ctx context.Context, u engine.User) (engine.User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return u, fmt.Errorf("make id: %w", err)
	}
	u.ID, u.CreatedAt = id.String(), time.UnixMilli(now()).UTC()
	const stmt = `INSERT INTO users (id, email, name, disabled, password, subject, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err = w.t.exec(ctx, stmt, u.ID, u.Email, u.Name, toInt(u.Disabled), u.Password, toNull(u.Subject), u.CreatedAt.UnixMilli())
	return u, err
}

func (w *writes) changeUser(ctx context.Context, u engine.User) (engine.User, error) {
	old, err := w.User(ctx, u.ID)
	if err != nil {
		return u, err
	}
	u.CreatedAt = old.CreatedAt
	const stmt = `UPDATE users SET email = $2, name = $3, disabled = $4, password = $5, subject = $6 WHERE id = $1`
	if _, err := w.t.exec(ctx, stmt, u.ID, u.Email, u.Name, toInt(u.Disabled), u.Password, toNull(u.Subject)); err != nil {
		return u, err
	}
	list, err := w.Memberships(ctx, u.ID)
	if err != nil {
		return u, err
	}
	for _, m := range list {
		if err := w.audit(ctx, m.Workspace, "user:"+u.ID, old.AuditHash(), u.AuditHash()); err != nil {
			return u, err
		}
	}
	return u, nil
}

// toNull returns a text as it is stored where "" is none.
func toNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
