package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/engine/draft"
)

// judgedTable reads a CSV of ../shared/eval into maps by heading.
func judgedTable(t *testing.T, name string) (out []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join("../../../shared/eval", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no evaluation data at ../shared/eval/%s: skipped", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// judgedControls returns the controls that were judged relevant for each
// question of VSA Full.
func judgedControls(t *testing.T) map[string]map[string]bool {
	t.Helper()
	f, err := os.Open("../../../shared/eval/qrels/vsa-full__adobe-ccf-v5.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]map[string]bool{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		c := strings.Split(sc.Text(), "\t")
		if len(c) == 3 && c[1] != "NONE" {
			if out[c[0]] == nil {
				out[c[0]] = map[string]bool{}
			}
			out[c[0]][c[1]] = true
		}
	}
	return out
}

// TestCitedControls measures whether the controls that drafts cite are the
// ones an analyst would cite: VSA Full drafted from the same vendor's CAIQ,
// over the 317 controls of the Adobe CCF. Citing fewer is right, citing wrong
// ones is not.
func TestCitedControls(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var entries []engine.Entry
	for _, r := range judgedTable(t, "qa/caiq-v4.csv") {
		v := engine.Verdict(r["answer"])
		if v == "na" {
			v = engine.VerdictNotApplicable
		}
		entries = append(entries, engine.Entry{Question: r["question"], Section: r["section"], Verdict: v, Text: r["explanation"], Source: engine.Source{File: "caiq", Ref: r["id"]}})
	}
	var controls []engine.Control
	for _, r := range judgedTable(t, "controls/adobe-ccf-v5.csv") {
		controls = append(controls, engine.Control{Ref: r["id"], Domain: r["domain"], Title: r["title"], Description: r["description"], Criteria: strings.Fields(r["tsc"]), Source: engine.Source{File: "ccf"}})
	}
	q := &engine.Questionnaire{Language: "en"}
	for _, r := range judgedTable(t, "qa/vsa-full.csv") {
		q.Questions = append(q.Questions, engine.Question{Ref: r["id"], Section: r["section"], Text: r["question"], Locator: engine.Locator{Cells: []string{r["id"]}}, Parts: []engine.Part{
			{Kind: engine.PartText, Locator: engine.Locator{Cells: []string{r["id"]}}},
		}})
	}
	w, err := openTemporary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if _, err := engine.ImportEntries(ctx, w.store, w.name, entries); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.ImportControls(ctx, w.store, w.name, controls); err != nil {
		t.Fatal(err)
	}
	if err := w.buildIndex(ctx, &terminal{out: t.Output(), err: t.Output()}); err != nil {
		t.Fatal(err)
	}
	r, _, err := engine.ReadRegister(ctx, w.store, w.name)
	if err != nil {
		t.Fatal(err)
	}
	judged := judgedControls(t)
	for _, c := range []struct {
		name      string
		threshold float64
		least     int // drafts that must cite for the shares to mean anything
	}{{"at the default threshold", defaultMinConfidence, 4}, {"of every draft", 0, 15}} {
		a := engine.Answering{
			Retriever: w.index, Drafter: draft.Reuse{}, MinConfidence: c.threshold,
			Assured: engine.NewAssured(&r, assurance.NewDay(2026, 11, 26), assurance.Reader{NDA: true}),
		}
		answers, err := a.Run(ctx, w.name, q, nil)
		if err != nil {
			t.Fatal(err)
		}
		drafts, citing, first, cited, relevant := 0, 0, 0, 0, 0
		for i := range answers {
			rev := answers[i].Revision
			if rev == nil {
				continue
			}
			drafts++
			for k, x := range rev.Cites {
				good := judged[answers[i].Question.Ref][x.Control]
				if k == 0 {
					citing++
				}
				if k == 0 && good {
					first++
				}
				cited++
				if good {
					relevant++
				}
			}
		}
		t.Logf("%s: %d of %d questions drafted, %d cite; a relevant control first in %d of them; %d of %d cited controls are relevant",
			c.name, drafts, len(q.Questions), citing, first, relevant, cited)
		if citing < c.least || float64(first) < 0.75*float64(citing) || float64(relevant) < 0.85*float64(cited) {
			t.Errorf("%s: want a relevant control first in 0.75 of the drafts that cite, and 0.85 of all that are cited relevant", c.name)
		}
	}
}
