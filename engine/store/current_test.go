package store

import (
	"context"
	"errors"
	"testing"
)

// TestCurrent: the tables of an open database are current, until a newer
// program migrates them or it does not answer.
func TestCurrent(t *testing.T) { overBoth(t, emptyDatabase, current) }

func current(t *testing.T, path string) {
	s := mustOpen(t, path)
	if err := s.Current(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Current(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if _, err := s.write.ExecContext(t.Context(), `UPDATE goose_db_version SET version_id = 999 WHERE version_id = 13`); err != nil {
		t.Fatal(err)
	}
	if err := s.Current(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, want ErrNewer", err)
	}
}
