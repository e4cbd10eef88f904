package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

// currentTable names the table that holds the newest versions of entries or
// controls, and its column to find them by.
type currentTable struct{ name, hash string }

var (
	entryTable   = currentTable{"entries", "key_hash"}
	controlTable = currentTable{"controls", "ref_hash"}
)

// putCurrent makes the version after the given one the newest, and returns it;
// without an id, the first version of a new id. The version itself is for the
// caller to write.
func (w *writes) putCurrent(ctx context.Context, t currentTable, workspace, id string, version int, hash string) (string, int, error) {
	if id == "" {
		made, err := uuid.NewV7()
		if err != nil {
			return "", 0, fmt.Errorf("make id: %w", err)
		}
		id = made.String()
		_, err = w.t.exec(ctx, `INSERT INTO `+t.name+` (workspace_id, id, version, `+t.hash+`) VALUES ($1, $2, 1, $3)`, workspace, id, hash)
		return id, 1, err
	}
	n, err := w.t.exec(ctx, `UPDATE `+t.name+` SET version = version + 1, `+t.hash+` = $4 WHERE workspace_id = $1 AND id = $2 AND version = $3`,
		workspace, id, version, hash)
	if err != nil || n == 1 {
		return id, version + 1, err
	}
	found, err := collect(ctx, w.q, `SELECT version FROM `+t.name+` WHERE workspace_id = $1 AND id = $2`, []any{workspace, id}, scanInt)
	switch {
	case err != nil:
		return id, 0, err
	case len(found) == 0:
		return id, 0, engine.ErrNotFound
	}
	return id, 0, engine.ErrStaleVersion
}

func scanInt(rows *sql.Rows) (n int64, err error) {
	err = rows.Scan(&n)
	return n, err
}

// inOrder returns list as ids name it.
func inOrder[T any](ids []string, list []T, id func(*T) string) []T {
	at := make(map[string]int, len(list))
	for i := range list {
		at[id(&list[i])] = i
	}
	ordered := make([]T, 0, len(list))
	for _, x := range ids {
		if i, ok := at[x]; ok {
			ordered = append(ordered, list[i])
		}
	}
	return ordered
}

// byID returns list in the order of ids, each once.
func byID[T any](list []T, id func(*T) string) []T {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(id(&a), id(&b)) })
	return slices.CompactFunc(list, func(a, b T) bool { return id(&a) == id(&b) })
}

// hash is how a key of any length is found in an index.
func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func hashes(keys []string) []string {
	list := make([]string, 0, len(keys))
	for _, k := range keys {
		list = append(list, hash(k))
	}
	return list
}

// toMillis returns a time as it is stored, NULL for none.
func toMillis(t *time.Time) sql.NullInt64 {
	if t == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: true}
}

// fromMillis returns a stored time, nil for NULL.
func fromMillis(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := time.UnixMilli(ms.Int64).UTC()
	return &t
}

func toJSON(list []string) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

func fromJSON(s string) (list []string, err error) {
	if s == "[]" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(s), &list)
	return list, err
}

// toDay returns a day as it is stored, 0 for none.
func toDay(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixMilli()
}

// fromDay returns a stored day, nil for 0.
func fromDay(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}

// toBit returns a truth as it is stored.
func toBit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// toListJSON returns a list of anything as it is stored, and puts in its place
// what will be read from that: no list is nil, and JSON has no bytes that are no
// text.
func toListJSON[T any](list *[]T) (string, error) {
	if len(*list) == 0 {
		*list = nil
		return "[]", nil
	}
	b, err := json.Marshal(*list)
	if err != nil {
		return "", err
	}
	if *list, err = fromListJSON[T](string(b)); err != nil {
		return "", err
	}
	b, err = json.Marshal(*list)
	return string(b), err
}

// toTextJSON returns anything as it is stored, and puts in its place what will
// be read from that: JSON has no bytes that are no text.
func toTextJSON[T any](v *T) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var stored T
	if err := json.Unmarshal(b, &stored); err != nil {
		return "", err
	}
	*v = stored
	return string(b), nil
}

// fromListJSON returns a stored list, nil if it is empty.
func fromListJSON[T any](s string) (list []T, err error) {
	if s == "[]" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(s), &list)
	return list, err
}

// newID returns an id for something new.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make id: %w", err)
	}
	return id.String(), nil
}

// stamp is now as it is read back.
func stamp() time.Time { return time.UnixMilli(now()).UTC() }

// one returns the only row there should be, or that there is none.
func one[T any](list []T, err error) (T, error) {
	var zero T
	switch {
	case err != nil:
		return zero, err
	case len(list) == 0:
		return zero, engine.ErrNotFound
	}
	return list[0], nil
}
