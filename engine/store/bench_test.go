package store

import (
	"fmt"
	"strings"
	"testing"

	"vouch/engine"
)

// libraryOf returns n entries such as a large answer library has.
func libraryOf(n int) []engine.Entry {
	text := strings.Repeat("Customer data is encrypted at rest with AES-256 and in transit with TLS 1.2 or later. ", 4)
	entries := make([]engine.Entry, n)
	for i := range entries {
		entries[i] = engine.Entry{
			Question: fmt.Sprintf("Is question number %d about the encryption of customer data at rest answered here?", i), Verdict: engine.VerdictYes,
			Text: text, Section: "Cryptography", Tags: []string{"encryption", "data"}, Owner: "security@example.com",
			Source: engine.Source{File: "library.csv", Ref: fmt.Sprintf("Q-%d", i), Place: fmt.Sprintf("line %d", i+2)},
		}
	}
	return entries
}

// benchBoth runs a benchmark over SQLite, and PostgreSQL if there is a server.
func benchBoth(b *testing.B, bench func(b *testing.B, s *Store)) {
	b.Run("SQLite", func(b *testing.B) { bench(b, mustOpen(b, b.TempDir())) })
	b.Run("PostgreSQL", func(b *testing.B) { bench(b, mustOpen(b, newDatabase(b))) })
}

// filled puts n entries into an empty store.
func filled(b *testing.B, s *Store, n int) []engine.Entry {
	b.Helper()
	entries := libraryOf(n)
	if err := s.EnsureWorkspace(b.Context(), "w"); err != nil {
		b.Fatal(err)
	}
	if _, err := engine.ImportEntries(b.Context(), s, "w", entries); err != nil {
		b.Fatal(err)
	}
	return entries
}

func BenchmarkImport10000New(b *testing.B) { benchBoth(b, benchImport10000New) }

func benchImport10000New(b *testing.B, s *Store) {
	entries := libraryOf(10_000)
	for n := 0; b.Loop(); n++ {
		w := fmt.Sprint("w", n)
		if err := s.EnsureWorkspace(b.Context(), w); err != nil {
			b.Fatal(err)
		}
		if _, err := engine.ImportEntries(b.Context(), s, w, entries); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkImport10000Unchanged(b *testing.B) { benchBoth(b, benchImport10000Unchanged) }

func benchImport10000Unchanged(b *testing.B, s *Store) {
	entries := filled(b, s, 10_000)
	for b.Loop() {
		if r, err := engine.ImportEntries(b.Context(), s, "w", entries); err != nil || r.Unchanged != len(entries) {
			b.Fatal(r, err)
		}
	}
}

func BenchmarkStream10000(b *testing.B) { benchBoth(b, benchStream10000) }

func benchStream10000(b *testing.B, s *Store) {
	entries := filled(b, s, 10_000)
	for b.Loop() {
		n := 0
		for _, err := range s.AllEntries(b.Context(), "w", engine.EntryFilter{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != len(entries) {
			b.Fatal(n)
		}
	}
}

func BenchmarkEntries200Of10000(b *testing.B) { benchBoth(b, benchEntries200Of10000) }

func benchEntries200Of10000(b *testing.B, s *Store) {
	filled(b, s, 10_000)
	var ids []string
	for e, err := range s.AllEntries(b.Context(), "w", engine.EntryFilter{}) {
		if err != nil {
			b.Fatal(err)
		}
		if len(ids) < 200 {
			ids = append(ids, e.ID)
		}
	}
	for b.Loop() {
		if list, err := s.Entries(b.Context(), "w", ids); err != nil || len(list) != len(ids) {
			b.Fatal(len(list), err)
		}
	}
}

func BenchmarkPutEntry(b *testing.B) { benchBoth(b, benchPutEntry) }

func benchPutEntry(b *testing.B, s *Store) {
	entries := filled(b, s, 1)
	for b.Loop() {
		if _, err := s.PutEntry(b.Context(), "w", entries[0]); err != nil {
			b.Fatal(err)
		}
	}
}
