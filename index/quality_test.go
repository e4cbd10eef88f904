package index

import (
	"context"
	"testing"

	"vouch/engine"
)

// evalSource is the library of a task as a store.
func evalSource(task evalTask) *fakeSource {
	src := newFakeSource()
	for _, it := range task.library {
		if it.entry != nil {
			src.putEntry("w", *it.entry)
		} else {
			src.putControl("w", *it.control)
		}
	}
	return src
}

// passageName is the id that the judgments use.
func passageName(p engine.Passage) string {
	if p.Control != nil {
		return p.Control.ID
	}
	return p.Entry.Source.Ref
}

// TestRetrievalQuality measures the whole way, index included, and holds it
// to a floor a little below what was measured.
func TestRetrievalQuality(t *testing.T) {
	for _, c := range []struct {
		target, library  string
		ndcg, hit1, hit5 float64
	}{
		{"vsa-full", "caiq-v4", 0.60, 0.63, 0.82},
		{"vsa-core", "caiq-v4", 0.65, 0.69, 0.82},
		{"vsa-full", "adobe-ccf-v5", 0.58, 0.50, 0.82},
	} {
		t.Run(c.target+"→"+c.library, func(t *testing.T) {
			task := loadTask(t, c.target, c.library)
			x := mustOpen(t, "", evalSource(task), Options{})
			f := measure(task, func(q evalItem) (ids []string) {
				list, err := x.Retrieve(context.Background(), "w", engine.Query{Text: q.text, Section: q.section, Limit: 50})
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range list {
					ids = append(ids, passageName(p))
				}
				return ids
			})
			t.Logf("%d queries: nDCG@10 %.3f, Hit@1 %.3f, Hit@5 %.3f, MRR %.3f", f.queries, f.ndcg, f.hit1, f.hit5, f.mrr)
			if f.ndcg < c.ndcg || f.hit1 < c.hit1 || f.hit5 < c.hit5 {
				t.Errorf("below the floor: nDCG@10 %.2f, Hit@1 %.2f, Hit@5 %.2f", c.ndcg, c.hit1, c.hit5)
			}
		})
	}
}

// TestConfidence compares the confidence of the first passage with what came
// of it. Relevance is judged for two of the pairs; of the others only whether
// the verdicts agree is known.
func TestConfidence(t *testing.T) {
	for _, pair := range [][2]string{{"vsa-full", "caiq-v4"}, {"vsa-core", "caiq-v4"}, {"mvsp", "caiq-v4"}, {"vsa-core", "vsa-full"}, {"vsa-full", "vsa-core"}} {
		t.Run(pair[0]+"→"+pair[1], func(t *testing.T) {
			task := loadTask(t, pair[0], pair[1])
			verdicts := map[string]string{}
			for _, it := range task.library {
				verdicts[it.id] = it.verdict
			}
			x := mustOpen(t, "", evalSource(task), Options{})
			var list []believed
			sure, wrong := 0, 0
			for _, q := range task.queries {
				got, err := x.Retrieve(context.Background(), "w", engine.Query{Text: q.text, Section: q.section, Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				if len(got) == 0 {
					continue
				}
				id := passageName(got[0])
				o := believed{given: got[0].Confidence}
				if verdicts[id] == q.verdict {
					o.agrees, o.fits = 1, float64(task.rels[q.id][id])/2
				}
				if o.given >= 0.8 {
					sure++
					if o.agrees == 0 {
						wrong++
					}
				}
				list = append(list, o)
			}
			t.Logf("first passage of each query:\n%s", reliability(list, func(o believed) float64 { return o.given }))
			if wrong*10 > sure {
				t.Errorf("of %d answers with confidence 0.8 and more %d are wrong", sure, wrong)
			}
		})
	}
}
