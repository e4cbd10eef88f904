package list

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine"
)

// Entries returns the past answers in a table, in its order, and every row
// that was refused with the reason. file is the name of the file the table is
// from. The error is an [*engine.RefusedError] if there are no headings.
func Entries(t Table, file string) ([]engine.Entry, []Problem, error) {
	file = filepath.Base(file)
	h, ok := DetectEntries(t.Rows)
	if !ok {
		return nil, nil, refuseHeader(file, "question, and answer or explanation")
	}
	entries, problems := makeEntries(h.read(t, RoleQuestion), file)
	return entries, problems, nil
}

func makeEntries(list []fields, file string) ([]engine.Entry, []Problem) {
	var entries []engine.Entry
	var problems []Problem
	seen := map[string]int{}
	for _, f := range list {
		e, why := makeEntry(f)
		if why != "" {
			problems = append(problems, f.problem(why))
			continue
		}
		if e.Language == "" && f.line(RoleLanguage) != "" {
			p := f.problem("the language is none that is known, and left open; write a code such as en")
			p.Taken = true
			problems = append(problems, p)
		}
		key := e.Key() + "\x00" + e.Source.Ref
		e.Source.File, e.Source.Nth = file, seen[key]
		seen[key]++
		entries = append(entries, e)
	}
	return entries, problems
}

// makeEntry returns the entry that f describes, or why it is none.
func makeEntry(f fields) (e engine.Entry, why string) {
	e = engine.Entry{
		Question:  f.line(RoleQuestion),
		Ownership: f.line(RoleOwnership),
		Section:   f.line(RoleSection),
		Owner:     f.line(RoleOwner),
		Tags:      listOf(f.tags, f.texts[RoleTags]),
		Products:  productsOf(f),
		Language:  languageOf(f.line(RoleLanguage)),
		Source:    engine.Source{Ref: cleanRef(f.texts[RoleRef]), Place: f.place},
	}
	if e.Section == "" {
		e.Section = f.section
	}
	if engine.FoldWords(e.Question) == "" {
		return e, "there is no question"
	}
	if why := answerOf(&e, f); why != "" {
		return e, why
	}
	var known bool
	if e.Visibility, known = ParseVisibility(f.line(RoleVisibility)); !known {
		return e, "the visibility is none of public, nda and internal"
	}
	if e.ReviewedAt, why = f.day(RoleReviewed); why != "" {
		return e, "the review date " + why
	}
	if e.ReviewBy, why = f.day(RoleReviewBy); why != "" {
		return e, "the day to review it by " + why
	}
	if err := e.Validate(); err != nil {
		return e, err.Error()
	}
	return e, ""
}

// cleanRef cleans an id as ids in questionnaires are cleaned.
func cleanRef(s string) string { return strings.TrimSpace(engine.CleanRef(s)) }

// narrative stands in a verdict column for "there is no yes or no to it".
const narrative = "narrative"

// placeholders are answers that say that there is none yet, folded.
var placeholders = map[string]bool{
	"tbd": true, "tbc": true, "tba": true, "todo": true, "to do": true, "to be determined": true, "to be confirmed": true,
	"to be answered": true, "pending": true, "open": true, "offen": true, "à compléter": true, "pendiente": true,
	"pendente": true, "da completare": true, "nog in te vullen": true,
}

// isAnswer reports whether a cell says anything.
func isAnswer(s string) bool {
	folded := engine.FoldWords(s)
	return folded != "" && !placeholders[folded]
}

// answerOf fills verdict, answer and text of e, or returns why there is none.
func answerOf(e *engine.Entry, f fields) (why string) {
	answer, text := f.prose(RoleAnswer), f.prose(RoleExplanation)
	if !isAnswer(answer) {
		answer = ""
	}
	if !isAnswer(text) {
		text = ""
	}
	if v := f.line(RoleVerdict); v != "" {
		return statedAnswer(e, v, answer, text)
	}
	if answer == "" && text == "" {
		return "the question has no answer"
	}
	if answer == "" { // the explanation is all there is
		answer = text
		if v, ok := engine.ParseVerdict(answer); ok {
			e.Verdict, e.Answer = v, planOf(answer)
			return ""
		}
		if v, rest, ok := leading(answer); ok {
			e.Verdict, e.Text = v, rest
			return ""
		}
		e.Text = answer
		return ""
	}
	if v, ok := engine.ParseVerdict(answer); ok {
		e.Verdict, e.Answer, e.Text = v, planOf(answer), text
		return ""
	}
	v, rest, ok := leading(answer)
	switch {
	case ok && text == "":
		e.Verdict, e.Text = v, rest
	case ok:
		e.Verdict, e.Answer, e.Text = v, answer, text
	default:
		e.Answer, e.Text = answer, text
	}
	return ""
}

// planOf returns an answer that says "planned", "" for any other: its verdict
// is partial, and without the word it would say more than it does.
func planOf(answer string) string {
	if engine.IsPlan(answer) {
		return strings.TrimSpace(answer)
	}
	return ""
}

// statedAnswer is answerOf for a row with a verdict of its own.
func statedAnswer(e *engine.Entry, verdict, answer, text string) (why string) {
	v, ok := engine.ParseVerdict(verdict)
	switch {
	case engine.FoldWords(verdict) == narrative:
		v = engine.VerdictNone
		if answer == "" && text == "" {
			return "the question has no answer"
		}
	case !ok:
		return "the verdict is none of yes, no, partial, not applicable and narrative"
	}
	if said, ok := engine.ParseVerdict(answer); ok && v != engine.VerdictNone {
		if said != v {
			return "the verdict and the answer contradict each other"
		}
		answer = planOf(answer)
	}
	e.Verdict, e.Answer, e.Text = v, answer, text
	return ""
}

// leading is [engine.LeadingVerdict] for a cell: it returns what to keep as
// text, which is the rest if that is a sentence, else the whole. Openings that
// are words of another kind far more often than verdicts do not count.
func leading(s string) (v engine.Verdict, text string, ok bool) {
	v, rest, ok := engine.LeadingVerdict(s)
	if !ok {
		return engine.VerdictNone, s, false
	}
	head := strings.TrimSuffix(strings.TrimSpace(s), rest)
	word := engine.FoldWords(head)
	first, _ := utf8.DecodeRuneInString(rest)
	if word == "so" || utf8.RuneCountInString(word) == 1 || word == "no" && unicode.IsDigit(first) { // "So, we …", "S: drive", "No. 5"
		return engine.VerdictNone, s, false
	}
	if isSentence(rest, strings.ContainsAny(head, ".\n")) {
		return v, rest, true
	}
	return v, s, true
}

// isSentence reports whether s stands by itself: at least three words that end
// as sentences do, or begin with a capital behind a full stop.
func isSentence(s string, afterStop bool) bool {
	if len(strings.Fields(s)) < 3 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(".!?…", last) || afterStop && unicode.IsUpper(first)
}

// listOf returns the tags or products of a row, each once, in order: those that
// came as a list, else those in its cell.
func listOf(listed []string, cell string) []string {
	if listed == nil {
		listed = strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|\n", r) })
	}
	return unique(listed, engine.CleanText)
}

// productsOf returns what an entry is true of, nothing for "all".
func productsOf(f fields) []string {
	products := listOf(f.products, f.texts[RoleProducts])
	if len(products) == 1 && allProducts[engine.FoldWords(products[0])] {
		return nil
	}
	return products
}

// unique returns what clean makes of each of list, each once, in order.
func unique(list []string, clean func(string) string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if s = clean(s); s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
