package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"vouch/engine"
)

const (
	controlColumns = `v.id, v.version, v.ref, v.domain, v.title, v.description, v.criteria, v.owner, v.frequency, v.status, v.planned,
		v.source_file, v.source_ref, v.source_nth, v.source_place`

	selectControls = `SELECT ` + controlColumns + ` FROM controls c
		JOIN control_versions v ON v.workspace_id = c.workspace_id AND v.id = c.id AND v.version = c.version
		WHERE c.workspace_id = $1`
)

// Controls returns the controls with these ids, in the order of ids.
func (r reads) Controls(ctx context.Context, workspace string, ids []string) ([]engine.Control, error) {
	list, err := inChunks(ctx, r.q, selectControls+` AND c.id IN `, workspace, ids, scanControl)
	if err != nil {
		return nil, fmt.Errorf("read %d controls: %w", len(ids), err)
	}
	return inOrder(ids, list, controlID), nil
}

// ControlsByRef returns the controls with these refs.
func (r reads) ControlsByRef(ctx context.Context, workspace string, refs []string) ([]engine.Control, error) {
	keys := make([]string, 0, len(refs))
	for _, ref := range refs {
		keys = append(keys, hash(engine.ControlKey(ref)))
	}
	list, err := inChunks(ctx, r.q, selectControls+` AND c.ref_hash IN `, workspace, keys, scanControl)
	if err != nil {
		return nil, fmt.Errorf("read controls of %d refs: %w", len(refs), err)
	}
	return byID(list, controlID), nil
}

// ControlVersions returns every version of a control, oldest first.
func (r reads) ControlVersions(ctx context.Context, workspace, id string) ([]engine.Control, error) {
	const stmt = `SELECT ` + controlColumns + ` FROM control_versions v WHERE v.workspace_id = $1 AND v.id = $2 ORDER BY v.version`
	list, err := collect(ctx, r.q, stmt, []any{workspace, id}, scanControl)
	if err != nil {
		return nil, fmt.Errorf("read versions of control %s: %w", id, err)
	}
	return list, nil
}

// AllControls streams the controls that pass f.
func (r reads) AllControls(ctx context.Context, workspace string, f engine.ControlFilter) iter.Seq2[engine.Control, error] {
	w := where{stmt: selectControls, args: []any{workspace}}
	w.and("v.source_file =", f.File)
	w.and("v.domain =", f.Domain)
	w.and("v.owner =", f.Owner)
	w.and("v.status =", f.Status)
	w.and("c.id >", f.After)
	w.page("c.id", f.Limit)
	return named("list controls", stream(ctx, r.q, w.stmt, w.args, scanControl))
}

// PutControl stores c as the next version, in a transaction of its own.
func (s *Store) PutControl(ctx context.Context, workspace string, c engine.Control) (stored engine.Control, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.PutControl(ctx, workspace, c)
		return err
	})
	if err != nil {
		return engine.Control{}, err
	}
	return stored, nil
}

// PutControl stores c as the next version.
func (w *writes) PutControl(ctx context.Context, workspace string, c engine.Control) (engine.Control, error) {
	stored, err := w.putControl(ctx, workspace, c)
	if err != nil {
		return engine.Control{}, fmt.Errorf("put control %s: %w", c.ID, err)
	}
	return stored, nil
}

func (w *writes) putControl(ctx context.Context, workspace string, c engine.Control) (engine.Control, error) {
	if err := c.Validate(); err != nil {
		return c, err
	}
	criteria, err := toListJSON(&c.Criteria)
	if err != nil {
		return c, err
	}
	before, err := auditBefore(ctx, workspace, c.ID, w.Controls)
	if err != nil {
		return c, err
	}
	c.ID, c.Version, err = w.putCurrent(ctx, controlTable, workspace, c.ID, c.Version, hash(engine.ControlKey(c.Ref)))
	if err != nil {
		return c, err
	}
	const stmt = `INSERT INTO control_versions (workspace_id, id, version, ref, domain, title, description, criteria, owner, frequency,
		status, planned, source_file, source_ref, source_nth, source_place, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	_, err = w.t.exec(ctx, stmt, workspace, c.ID, c.Version, c.Ref, c.Domain, c.Title, c.Description, criteria, c.Owner, c.Frequency,
		c.Status, c.Planned, c.Source.File, c.Source.Ref, c.Source.Nth, c.Source.Place, now())
	if err != nil {
		return c, err
	}
	if err := w.audit(ctx, workspace, "control:"+c.ID, before, engine.AuditHash(&c)); err != nil {
		return c, err
	}
	return c, w.changed(ctx, workspace, engine.PassageControl, c.ID)
}

func controlID(c *engine.Control) string { return c.ID }

func scanControl(rows *sql.Rows) (engine.Control, error) {
	var c engine.Control
	var criteria string
	err := rows.Scan(&c.ID, &c.Version, &c.Ref, &c.Domain, &c.Title, &c.Description, &criteria, &c.Owner, &c.Frequency, &c.Status, &c.Planned,
		&c.Source.File, &c.Source.Ref, &c.Source.Nth, &c.Source.Place)
	if err != nil {
		return c, err
	}
	c.Criteria, err = fromJSON(criteria)
	return c, err
}
