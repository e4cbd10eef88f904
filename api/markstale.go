package api

import (
	"context"

	"vouch/engine"
)

// changing does a change of entries or controls and, in the same transaction,
// marks the answers that rest on what they said before.
func changing[T any](ctx context.Context, store engine.Store, workspace string, do func(engine.Store) (T, engine.StaleCheck, error)) (v T, err error) {
	err = store.InTx(ctx, func(tx engine.Tx) error {
		joined := engine.Joined(tx)
		var check engine.StaleCheck
		if v, check, err = do(joined); err != nil {
			return err
		}
		_, err = engine.MarkStale(ctx, joined, workspace, check)
		return err
	})
	return v, err
}

// changedBy returns the ids of what an import changed.
func changedBy(r *engine.ImportReport) (ids []string) {
	for _, o := range r.Outcomes {
		if o.Result == engine.ImportChanged {
			ids = append(ids, o.ID)
		}
	}
	return ids
}
