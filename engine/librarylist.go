package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vouch/engine/assurance"
)

// ReadLibrary returns all entries of a workspace, in the order they were added.
func ReadLibrary(ctx context.Context, store EntryStore, workspace string) ([]Entry, error) {
	var list []Entry
	for e, err := range store.AllEntries(ctx, workspace, EntryFilter{}) {
		if err != nil {
			return nil, fmt.Errorf("read library: %w", err)
		}
		list = append(list, e)
	}
	return list, nil
}

// StaleEntry is an entry that may not be used without a new review.
type StaleEntry struct {
	Entry Entry  `json:"entry"`
	Why   string `json:"why"` // one sentence
}

// Stale returns the entries that are past their review on a day: those that
// [Answering] makes stale gaps of.
func Stale(entries []Entry, now time.Time, maxAge time.Duration) (out []StaleEntry) {
	for i := range entries {
		if why := entries[i].stale(now, maxAge); why != "" {
			out = append(out, StaleEntry{Entry: entries[i], Why: why})
		}
	}
	return out
}

// DuplicateGroup is entries of which one would do.
type DuplicateGroup struct {
	Entries []Entry `json:"entries"` // the first is the one that was added first, and each other a duplicate of it
	Exact   bool    `json:"exact"`   // all ask in the same words, spelling aside
}

// Duplicates returns the groups of entries that ask the same and give the same
// answer, for the same products and in the same language: in the same words, or
// in words that package assurance takes for the same. Two texts to a question in
// the same words are duplicates whatever they say, if the same readers may have
// them; to one in other words, if they say the same too.
//
// On the 76 pairs in testdata/duplicates.tsv, as first run, precision was 0.968
// and recall 0.833 (go test ./engine -run TestDuplicatePairs -v). In 506 answers
// of four public questionnaires 15 of 18 groups were right, 15 of 17 since sections
// are looked at: the others are questions that only point to the one before them.
// 10,000 entries take 0.66 s (go test ./engine -run '^$' -bench Duplicates).
func Duplicates(entries []Entry) []DuplicateGroup {
	l := newLookalikes(entries)
	var groups []DuplicateGroup
	led := map[int][]int{} // the groups that entries of a question lead, by its place among the questions
	leader := []int{}      // of each group
	for j := range entries {
		at := -1
		for _, k := range append([]int{l.question[j]}, l.near[l.question[j]]...) {
			for _, g := range led[k] {
				if at < 0 && l.duplicate(leader[g], j) {
					at = g
				}
			}
		}
		if at < 0 {
			led[l.question[j]] = append(led[l.question[j]], len(groups))
			groups, leader = append(groups, DuplicateGroup{Exact: true}), append(leader, j)
			at = len(groups) - 1
		}
		groups[at].Entries = append(groups[at].Entries, entries[j])
		groups[at].Exact = groups[at].Exact && l.question[j] == l.question[leader[at]]
	}
	return slices.DeleteFunc(groups, func(g DuplicateGroup) bool { return len(g.Entries) < 2 })
}

// otherSection reports whether two entries come from two sections of one file.
// "Are the policies reviewed annually?" then asks about the policies of each.
// Two files name their sections as they like, and nothing can be told from it.
func otherSection(a, b *Entry) bool {
	return a.Source.File == b.Source.File && a.Section != "" && b.Section != "" && FoldWords(a.Section) != FoldWords(b.Section)
}

// lookalikes knows which entries ask the same.
type lookalikes struct {
	entries  []Entry
	question []int         // the place of each entry's question among the different ones
	near     map[int][]int // the questions that ask the same in other words
	said     []assurance.Wording
	apart    []bool   // whether it was taken apart
	folded   []string // what each entry says, folded
}

func newLookalikes(entries []Entry) *lookalikes {
	l := &lookalikes{entries: entries, near: map[int][]int{}, said: make([]assurance.Wording, len(entries)), apart: make([]bool, len(entries)), folded: make([]string, len(entries))}
	places := map[string]int{}
	var questions []assurance.Wording
	for i := range entries {
		key := entries[i].Key()
		k, known := places[key]
		if !known {
			k = len(places)
			places[key] = k
			questions = append(questions, assurance.NewWording(entries[i].Question))
		}
		l.question = append(l.question, k)
		l.folded[i] = FoldWords(entries[i].Answer + " " + entries[i].Text)
	}
	for a, b := range assurance.SameWordings(questions) {
		l.near[a], l.near[b] = append(l.near[a], b), append(l.near[b], a)
	}
	return l
}

// duplicate reports whether one of two entries that ask the same would do.
func (l *lookalikes) duplicate(i, j int) bool {
	a, b := &l.entries[i], &l.entries[j]
	switch {
	case a.Verdict != b.Verdict || !slices.Equal(a.Products, b.Products) || otherLanguage(a, b) || otherSection(a, b):
		return false
	case l.folded[i] == l.folded[j]:
		return true
	case l.question[i] == l.question[j] && a.Visibility == b.Visibility:
		return true
	case l.folded[i] == "" || l.folded[j] == "":
		return false
	}
	for _, k := range []int{i, j} {
		if !l.apart[k] {
			l.said[k], l.apart[k] = assurance.NewWording(l.entries[k].Answer+"\n"+l.entries[k].Text), true
		}
	}
	return l.said[i].Same(&l.said[j])
}

// EntryConflict is two entries that ask the same and answer otherwise.
type EntryConflict struct {
	A    Entry  `json:"a"` // the one that was added first
	B    Entry  `json:"b"`
	Like int    `json:"like,omitempty"` // how many further entries ask in the words of A and answer as it does, or of B
	Why  string `json:"why"`            // one sentence
}

// Conflicts returns the pairs of entries with different verdicts on one thing,
// for a product that both are about and in one language: the same question, or
// one that [assurance.Contradictions] takes for the same. Entries that agree
// with one of a pair in the words of its question are counted with it. Those
// from two sections of one file are about two things.
func Conflicts(entries []Entry) (out []EntryConflict) {
	type answer struct{ key, verdict, products, language, file, section string }
	first, like := map[answer]int{}, map[int]int{}
	var said []assurance.Said
	byKey := map[string][]int{}
	for i := range entries {
		e := &entries[i]
		if e.Verdict == VerdictNone {
			continue
		}
		a := answer{e.Key(), string(e.Verdict), strings.Join(e.Products, "\n"), e.Language, "", ""}
		if e.Section != "" {
			a.file, a.section = e.Source.File, FoldWords(e.Section)
		}
		if k, known := first[a]; known {
			like[k]++
			continue
		}
		first[a] = i
		byKey[a.key] = append(byKey[a.key], i)
		said = append(said, assurance.Said{Ref: strconv.Itoa(i), Question: e.Question, Verdict: string(e.Verdict)})
	}
	type pair struct{ a, b int }
	var pairs []pair
	for _, list := range byKey {
		for n, i := range list {
			for _, j := range list[n+1:] {
				pairs = append(pairs, pair{i, j})
			}
		}
	}
	for _, c := range assurance.Contradictions(said, nil) {
		i, _ := strconv.Atoi(c.A.Ref) // both are ours
		j, _ := strconv.Atoi(c.B.Ref)
		if entries[i].Key() != entries[j].Key() {
			pairs = append(pairs, pair{min(i, j), max(i, j)})
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	for _, p := range pairs {
		a, b := &entries[p.a], &entries[p.b]
		if a.Verdict == b.Verdict || !shareProduct(a, b) || otherLanguage(a, b) || otherSection(a, b) {
			continue
		}
		how := "nearly the same question"
		if a.Key() == b.Key() {
			how = "the same question"
		}
		out = append(out, EntryConflict{A: *a, B: *b, Like: like[p.a] + like[p.b], Why: fmt.Sprintf("%s is answered %s and %s", how, verdictWord(a.Verdict), verdictWord(b.Verdict))})
	}
	return out
}
