package draft

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// legend says what numbers and abbreviations stand for, folded; one that it
// names and whose text is not understood stands for nothing ([unknown]).
type legend map[string]degree

var (
	// equation is a number or abbreviation that is defined: "0 = ", "F = ".
	equation = regexp.MustCompile(`(?:^|[\s,;|/(\[])(\d{1,3}|\p{Lu}{1,3})\s*=\s*`)
	// numbering is a number before a text, which may as well be a list of other
	// things: "0: ", "1 – ".
	numbering = regexp.MustCompile(`(?:^|[\s,;|/(\[])(\d{1,3})(?::\s|\s[–—-]\s)\s*`)
	// reversed is a text that is given a number: "Yes = 1", "No (0)" is not.
	reversed = regexp.MustCompile(`^\s*(\p{L}[^=]*?)\s*=\s*(\d{1,3})\s*[.)\]]?\s*$`)
)

// legendOf reads a legend out of the texts around a question: its guidance, the
// heading of the cell's column, the question itself. It must define two things
// that differ, or it is none. What one text defines twice, or two texts
// differently, stands for nothing.
func legendOf(texts ...string) legend {
	out := legend{}
	for _, text := range texts {
		found := out.define(text, equation)
		for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|/()\n", r) }) {
			if m := reversed.FindStringSubmatch(piece); m != nil {
				out.add(m[2], m[1])
				found = true
			}
		}
		if !found && counts(numbering.FindAllStringSubmatch(text, -1)) {
			out.define(text, numbering)
		}
	}
	differ := map[degree]bool{}
	for _, d := range out {
		if d != unknown {
			differ[d] = true
		}
	}
	if len(differ) < 2 {
		return nil
	}
	return out
}

// define adds what a text defines in the form of a pattern, and reports
// whether it does.
func (l legend) define(text string, form *regexp.Regexp) bool {
	marks := form.FindAllStringSubmatchIndex(text, -1)
	for i, m := range marks {
		label := text[m[1]:]
		if i+1 < len(marks) {
			label = text[m[1]:marks[i+1][0]]
		} else {
			label = firstSentence(label)
		}
		if !isBare(label) { // "YES = 1" is the other way round
			l.add(text[m[2]:m[3]], label)
		}
	}
	return len(marks) > 0
}

func (l legend) add(key, label string) {
	key = foldLabel(key)
	d := unknown
	if r := readLabel(trimLabel(label)); r.states() {
		d = r.degree
	}
	if old, ok := l[key]; ok && old != d {
		d = unknown
	}
	l[key] = d
}

// firstSentence returns what stands before the end of a sentence, of a line or
// of the brackets around a legend.
func firstSentence(s string) string {
	for _, end := range []string{"\n", ". ", ") ", "] "} {
		if i := strings.Index(s, end); i >= 0 && strings.Count(s[:i], "(") == 0 {
			s = s[:i]
		}
	}
	return s
}

// trimLabel takes off what parts a label from the next.
func trimLabel(s string) string {
	s = strings.TrimRight(s, " ,;|/.\n")
	for _, and := range []string{" and", " or", " und", " oder", " et", " ou", " y", " o", " e", " en", " of"} {
		s = strings.TrimSuffix(s, and)
	}
	s = strings.Trim(s, " ,;|/.\n\"“”„«»")
	if strings.Count(s, ")") > strings.Count(s, "(") {
		s = strings.TrimRight(s, ")")
	}
	return strings.TrimRight(s, "]")
}

// counts reports whether the numbers of matches are a scale: two or more, each
// one more than the one before, or one less.
func counts(matches [][]string) bool {
	if len(matches) < 2 {
		return false
	}
	step := 0
	for i := range matches[1:] {
		a, _ := strconv.Atoi(matches[i][1])
		b, _ := strconv.Atoi(matches[i+1][1])
		if b-a != 1 && b-a != -1 || step != 0 && b-a != step {
			return false
		}
		step = b - a
	}
	return true
}

// isKey reports whether an option is a number or an abbreviation as legends
// explain them, and nothing is lost in folding it: "-1" and "1%" are not 1.
func isKey(option string) bool {
	option = strings.TrimSpace(option)
	return utf8.RuneCountInString(option) <= 3 && strings.ToLower(option) == foldLabel(option)
}
