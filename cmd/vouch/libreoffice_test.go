package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/importers"
)

// TestLibreOfficeOpensTheResult answers real and sample workbooks, has
// LibreOffice open each result and save it again, and reads every answer back
// from there.
func TestLibreOfficeOpensTheResult(t *testing.T) {
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed: no soffice on the path")
	}
	lib := func(t *testing.T) string { return shared(t, "qa/caiq-v4.csv") }
	sample := func(t *testing.T) string { return fixture(t, t.TempDir(), "library.csv") }
	for _, tt := range []struct {
		name string
		in   func(t *testing.T) string
		lib  func(t *testing.T) string
	}{
		{"hecvat-4.1.4", func(t *testing.T) string { return shared(t, "workbooks/hecvat-4.1.4.xlsx") }, lib},
		{"caiq-3.0.1", func(t *testing.T) string { return shared(t, "workbooks/caiq-3.0.1.xlsx") }, lib},
		{"caiq-4.0.3-filled", func(t *testing.T) string { return shared(t, "workbooks/caiq-4.0.3-filled.xlsx") }, lib},
		{"harbour-bank", func(t *testing.T) string { return fixture(t, t.TempDir(), "harbour-bank.xlsx") }, sample},
		{"vela-retail", func(t *testing.T) string { return fixture(t, t.TempDir(), "vela-retail.xlsx") }, sample},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out := filepath.Join(dir, "answered.xlsx")
			must(t, "answer", tt.in(t), "-q", "-o", out, "--library", tt.lib(t), "--overwrite", "--min-confidence", "0.4", "--data", filepath.Join(dir, "d"))
			saved := filepath.Join(dir, "saved")
			cmd := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--norestore", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", saved, out)
			if msg, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("LibreOffice: %v: %s", err, msg)
			}
			want, got := answersIn(t, out), answersIn(t, filepath.Join(saved, "answered.xlsx"))
			if len(want) == 0 {
				t.Fatal("nothing was answered")
			}
			for cell, v := range want {
				if got[cell] != v {
					t.Errorf("%s holds %q after LibreOffice saved it, want %q", cell, got[cell], v)
				}
			}
			if _, err := os.Stat(filepath.Join(saved, "answered.xlsx")); err != nil {
				t.Error(err)
			}
		})
	}
}

// answersIn returns the filled parts of a workbook, by cells, words only.
func answersIn(t *testing.T, path string) map[string]string {
	t.Helper()
	q, err := importers.Read(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, x := range q.Questions {
		for _, p := range x.Parts {
			if p.Value != "" {
				out[p.Locator.Sheet+"!"+strings.Join(p.Locator.Cells, "|")] = engine.FoldWords(p.Value)
			}
		}
	}
	return out
}
