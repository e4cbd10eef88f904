package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"vouch/engine"
)

const (
	entryColumns = `v.id, v.version, v.question, v.verdict, v.answer, v.explanation, v.ownership, v.section, v.tags, v.owner,
		v.reviewed_at, v.review_by, v.source_file, v.source_ref, v.source_nth, v.source_place, v.visibility, v.products, v.language`

	selectEntries = `SELECT ` + entryColumns + ` FROM entries e
		JOIN entry_versions v ON v.workspace_id = e.workspace_id AND v.id = e.id AND v.version = e.version
		WHERE e.workspace_id = $1`
)

// Entries returns the entries with these ids, in the order of ids.
func (r reads) Entries(ctx context.Context, workspace string, ids []string) ([]engine.Entry, error) {
	list, err := inChunks(ctx, r.q, selectEntries+` AND e.id IN `, workspace, ids, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read %d entries: %w", len(ids), err)
	}
	return inOrder(ids, list, entryID), nil
}

// EntriesByKey returns the entries that ask one of the questions.
func (r reads) EntriesByKey(ctx context.Context, workspace string, keys []string) ([]engine.Entry, error) {
	list, err := inChunks(ctx, r.q, selectEntries+` AND e.key_hash IN `, workspace, hashes(keys), scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read entries of %d questions: %w", len(keys), err)
	}
	return byID(list, entryID), nil
}

// EntryVersions returns every version of an entry, oldest first.
func (r reads) EntryVersions(ctx context.Context, workspace, id string) ([]engine.Entry, error) {
	const stmt = `SELECT ` + entryColumns + ` FROM entry_versions v WHERE v.workspace_id = $1 AND v.id = $2 ORDER BY v.version`
	list, err := collect(ctx, r.q, stmt, []any{workspace, id}, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read versions of entry %s: %w", id, err)
	}
	return list, nil
}

// AllEntries streams the entries that pass f.
func (r reads) AllEntries(ctx context.Context, workspace string, f engine.EntryFilter) iter.Seq2[engine.Entry, error] {
	w := where{stmt: selectEntries, args: []any{workspace}}
	w.and("v.source_file =", f.File)
	w.and("v.section =", f.Section)
	w.and("v.owner =", f.Owner)
	w.and("v.language =", f.Language)
	if f.Visibility != "" {
		w.args = append(w.args, markOf(f.Visibility))
		w.stmt += fmt.Sprintf(" AND v.visibility = $%d", len(w.args))
	}
	w.and("e.id >", f.After)
	if f.Product != "" {
		condition, arg := r.d.holds("v.products", f.Product, len(w.args)+1)
		w.args = append(w.args, arg)
		w.stmt += " AND " + condition
	}
	if f.Tag != "" {
		condition, arg := r.d.holds("v.tags", f.Tag, len(w.args)+1)
		w.args = append(w.args, arg)
		w.stmt += " AND " + condition
	}
	if !f.ReviewedBefore.IsZero() {
		w.args = append(w.args, f.ReviewedBefore.UnixMilli())
		w.stmt += fmt.Sprintf(" AND (v.reviewed_at IS NULL OR v.reviewed_at < $%d)", len(w.args))
	}
	if !f.ReviewDueBefore.IsZero() {
		w.args = append(w.args, f.ReviewDueBefore.UnixMilli())
		w.stmt += fmt.Sprintf(" AND v.review_by < $%d", len(w.args))
	}
	w.page("e.id", f.Limit)
	return named("list entries", stream(ctx, r.q, w.stmt, w.args, scanEntry))
}

// PutEntry stores e as the next version, in a transaction of its own.
func (s *Store) PutEntry(ctx context.Context, workspace string, e engine.Entry) (stored engine.Entry, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.PutEntry(ctx, workspace, e)
		return err
	})
	if err != nil {
		return engine.Entry{}, err
	}
	return stored, nil
}

// PutEntry stores e as the next version.
func (w *writes) PutEntry(ctx context.Context, workspace string, e engine.Entry) (engine.Entry, error) {
	stored, err := w.putEntry(ctx, workspace, e)
	if err != nil {
		return engine.Entry{}, fmt.Errorf("put entry %s: %w", e.ID, err)
	}
	return stored, nil
}

func (w *writes) putEntry(ctx context.Context, workspace string, e engine.Entry) (engine.Entry, error) {
	if err := e.Validate(); err != nil {
		return e, err
	}
	tags, err := toListJSON(&e.Tags)
	if err != nil {
		return e, err
	}
	products, err := toListJSON(&e.Products)
	if err != nil {
		return e, err
	}
	before, err := auditBefore(ctx, workspace, e.ID, w.Entries)
	if err != nil {
		return e, err
	}
	e.ID, e.Version, err = w.putCurrent(ctx, entryTable, workspace, e.ID, e.Version, hash(e.Key()))
	if err != nil {
		return e, err
	}
	reviewed, due := toMillis(e.ReviewedAt), toMillis(e.ReviewBy)
	e.ReviewedAt, e.ReviewBy = fromMillis(reviewed), fromMillis(due)
	const stmt = `INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section,
		tags, owner, reviewed_at, review_by, source_file, source_ref, source_nth, source_place, created_at,
		visibility, products, language)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`
	_, err = w.t.exec(ctx, stmt, workspace, e.ID, e.Version, e.Question, string(e.Verdict), e.Answer, e.Text, e.Ownership, e.Section,
		tags, e.Owner, reviewed, due, e.Source.File, e.Source.Ref, e.Source.Nth, e.Source.Place, now(),
		string(e.Visibility), products, e.Language)
	if err != nil {
		return e, err
	}
	if err := w.audit(ctx, workspace, "entry:"+e.ID, before, engine.AuditHash(&e)); err != nil {
		return e, err
	}
	return e, w.changed(ctx, workspace, engine.PassageEntry, e.ID)
}

func entryID(e *engine.Entry) string { return e.ID }

func scanEntry(rows *sql.Rows) (engine.Entry, error) {
	var e engine.Entry
	var tags, products string
	var reviewed, due sql.NullInt64
	err := rows.Scan(&e.ID, &e.Version, &e.Question, (*string)(&e.Verdict), &e.Answer, &e.Text, &e.Ownership, &e.Section, &tags, &e.Owner,
		&reviewed, &due, &e.Source.File, &e.Source.Ref, &e.Source.Nth, &e.Source.Place,
		(*string)(&e.Visibility), &products, &e.Language)
	if err != nil {
		return e, err
	}
	e.ReviewedAt, e.ReviewBy = fromMillis(reviewed), fromMillis(due)
	if e.Tags, err = fromJSON(tags); err != nil {
		return e, err
	}
	e.Products, err = fromJSON(products)
	return e, err
}

// markOf is the visibility that a filter names, as the column holds it.
func markOf(filter string) string {
	if filter == engine.Unmarked {
		return string(engine.VisibilityUnmarked)
	}
	return filter
}
