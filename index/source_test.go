package index

import (
	"context"
	"slices"
	"sync"

	"vouch/engine"
)

// fakeSource is a store in memory.
type fakeSource struct {
	mu       sync.Mutex
	changes  []engine.Change
	entries  map[string]engine.Entry   // by passage id
	controls map[string]engine.Control // by passage id
	tunings  map[string]engine.Tuning  // by workspace
	err      error                     // returned by Changes once changes after errAfter are asked for
	errAfter int64
	reads    int // calls of Changes
}

var _ Source = engine.Store(nil)

func newFakeSource() *fakeSource {
	return &fakeSource{entries: map[string]engine.Entry{}, controls: map[string]engine.Control{}, tunings: map[string]engine.Tuning{}}
}

func (s *fakeSource) putEntry(ws string, e engine.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[passageID(ws, engine.PassageEntry, e.ID)] = e
	s.changed(ws, engine.PassageEntry, e.ID, false)
}

func (s *fakeSource) putControl(ws string, c engine.Control) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.controls[passageID(ws, engine.PassageControl, c.ID)] = c
	s.changed(ws, engine.PassageControl, c.ID, false)
}

func (s *fakeSource) removeEntry(ws, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, passageID(ws, engine.PassageEntry, id))
	s.changed(ws, engine.PassageEntry, id, true)
}

func (s *fakeSource) changed(ws string, k engine.PassageKind, id string, deleted bool) {
	s.changes = append(s.changes, engine.Change{Seq: int64(len(s.changes) + 1), Workspace: ws, Kind: k, ID: id, Deleted: deleted})
}

func (s *fakeSource) Changes(_ context.Context, after int64, limit int) ([]engine.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.err != nil && after >= s.errAfter {
		return nil, s.err
	}
	if after >= int64(len(s.changes)) {
		return nil, nil
	}
	return slices.Clone(s.changes[after:min(int(after)+limit, len(s.changes))]), nil
}

func (s *fakeSource) LastChange(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.changes)), nil
}

func (s *fakeSource) Entries(_ context.Context, ws string, ids []string) ([]engine.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []engine.Entry
	for _, id := range ids {
		if e, ok := s.entries[passageID(ws, engine.PassageEntry, id)]; ok {
			out = append(out, e)
		}
	}
	return out, nil
}

func (s *fakeSource) Controls(_ context.Context, ws string, ids []string) ([]engine.Control, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []engine.Control
	for _, id := range ids {
		if c, ok := s.controls[passageID(ws, engine.PassageControl, id)]; ok {
			out = append(out, c)
		}
	}
	return out, nil
}

func (s *fakeSource) Tuning(_ context.Context, ws string) (engine.Tuning, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tunings[ws], nil
}
