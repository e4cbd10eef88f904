package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"vouch/importers"
)

// TestCSVKeepsItsDialect answers a German CSV file in Windows-1252 with
// semicolons and CRLF: the answers are in its own charset, break lines inside
// fields as the file does, and every line without an answer is the same bytes.
func TestCSVKeepsItsDialect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := fixture(t, dir, "kontor-logistik.csv")
	q, err := importers.Read(context.Background(), in, nil)
	if err != nil || len(q.Questions) < 30 {
		t.Fatalf("%d questions, %v", len(q.Questions), err)
	}
	var lib bytes.Buffer
	w := csv.NewWriter(&lib)
	_ = w.Write([]string{"Frage", "Antwort", "Bemerkung"})
	_ = w.Write([]string{q.Questions[2].Text, "ja", "Schlüssel für größere Räume; mit \"Protokoll\"\nund Prüfung"})
	_ = w.Write([]string{q.Questions[4].Text, "nein", "=1+1"})
	w.Flush()
	past := filepath.Join(dir, "vergangen.csv")
	if err := os.WriteFile(past, lib.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "beantwortet.csv")
	must(t, "answer", in, "-q", "-o", out, "--library", past, "--data", filepath.Join(dir, "d"))
	before, _ := os.ReadFile(in)
	after, _ := os.ReadFile(out)
	text, err := charmap.Windows1252.NewDecoder().Bytes(after)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Schlüssel für größere Räume; mit ""Protokoll""` + "\n" + `und Prüfung"`, ";Ja;", ";Nein;", "'=1+1"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the answered file does not hold %q", want)
		}
	}
	same, changed := 0, 0
	written := map[string]bool{}
	for _, l := range bytes.SplitAfter(after, []byte("\r\n")) {
		written[string(l)] = true
	}
	for _, l := range bytes.SplitAfter(before, []byte("\r\n")) {
		if written[string(l)] {
			same++
		} else {
			changed++
		}
	}
	if changed != 2 || same < 30 {
		t.Errorf("%d lines of the original changed and %d did not, want 2 changed", changed, same)
	}
}
