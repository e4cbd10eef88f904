package store

import (
	"context"
	"fmt"

	"vouch/engine"
)

// Current returns nil if the database answers and has the tables of this
// program. A newer program that shares the database may have changed them since
// it was opened: that is [ErrNewer].
func (s *Store) Current(ctx context.Context) error {
	known, err := Schema()
	if err != nil {
		return err
	}
	const stmt = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
	list, err := collect(ctx, s.q, stmt, nil, scanInt)
	if err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	if list[0] > known {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, list[0], known)
	}
	if list[0] < known {
		return fmt.Errorf("the tables have version %d, this program needs %d: %w", list[0], known, engine.ErrBusy)
	}
	return nil
}
