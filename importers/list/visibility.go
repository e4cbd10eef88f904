package list

import (
	_ "embed"
	"strings"

	"vouch/engine"
)

//go:embed marks.tsv
var markTable string

// marks maps words in cells, folded, to visibilities, languages, and the word
// for all products.
var visibilities, languages, allProducts = readMarks(markTable)

func readMarks(table string) (map[string]engine.Visibility, map[string]string, map[string]bool) {
	visibilities, languages, all := map[string]engine.Visibility{}, map[string]string{}, map[string]bool{}
	for line := range strings.Lines(table) {
		cols := strings.Split(strings.TrimSpace(line), "\t")
		if len(cols) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Split(cols[2], "|") {
			switch w = engine.FoldWords(w); cols[0] {
			case "visibility":
				visibilities[w] = engine.Visibility(cols[1])
			case "language":
				languages[w] = cols[1]
			case "products":
				all[w] = true
			}
		}
	}
	return visibilities, languages, all
}

// ParseVisibility returns the visibility that a cell names, and whether it
// names one: an empty cell names that nobody has said. Words that mean one
// thing here and another there, such as "confidential", name none.
func ParseVisibility(s string) (engine.Visibility, bool) {
	folded := engine.FoldWords(s)
	if folded == "" {
		return engine.VisibilityUnmarked, true
	}
	v, ok := visibilities[folded]
	return v, ok
}

// languageOf returns the code of the language that a cell names, by its name or
// a code with or without a region ("en-GB"); "" if that is none we know.
func languageOf(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if code, ok := languages[engine.FoldWords(s)]; ok {
		return code
	}
	code, _, _ := strings.Cut(strings.ReplaceAll(s, "_", "-"), "-")
	if engine.IsLanguage(code) {
		return code
	}
	return ""
}
