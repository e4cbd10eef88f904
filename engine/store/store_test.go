package store_test

import (
	"testing"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/engine/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t *testing.T) engine.Store { return open(t, t.TempDir()) })
}

func TestTwoStoresOnOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	storetest.ConcurrentWriters(t, open(t, dir), open(t, dir))
}

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
