package store

import (
	"testing"

	"vouch/engine"
	"vouch/engine/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		storetest.Exercise(t, func(t *testing.T) engine.Store { return mustOpen(t, t.TempDir()) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		server(t)
		storetest.Exercise(t, func(t *testing.T) engine.Store { return mustOpen(t, newDatabase(t)) })
	})
}

func TestTwoStoresOnOneDatabase(t *testing.T) {
	overBoth(t, newDatabase, func(t *testing.T, path string) {
		storetest.ConcurrentWriters(t, mustOpen(t, path), mustOpen(t, path))
	})
}

func TestTwoStoresOfReviewers(t *testing.T) {
	overBoth(t, newDatabase, func(t *testing.T, path string) {
		storetest.ConcurrentReviewers(t, mustOpen(t, path), mustOpen(t, path))
	})
}
