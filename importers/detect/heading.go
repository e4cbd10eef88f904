package detect

import (
	_ "embed"
	"fmt"
	"strings"

	"vouch/engine"
)

//go:embed headings.txt
var headingsText string

// phrase is one line item of headings.txt, folded into words.
type phrase struct {
	role     engine.ColumnRole
	lang     string
	strength int
	words    []string // a trailing * in the source becomes prefix matching
	prefix   []bool
}

// headingPhrases holds the parsed headings.txt by the first word's first
// letter, so that a heading is compared with few phrases only.
var headingPhrases = mustParseHeadings(headingsText)

// mustParseHeadings parses the embedded table. The table is part of the
// program and a test parses it, so a fault in it is a fault of the build.
func mustParseHeadings(text string) map[rune][]phrase {
	m, err := parseHeadings(text)
	if err != nil {
		panic(err)
	}
	return m
}

func parseHeadings(text string) (map[rune][]phrase, error) {
	out := map[rune][]phrase{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.SplitN(line, " ", 4)
		if len(f) != 4 || len(f[2]) != 1 || f[2][0] < '1' || f[2][0] > '3' {
			return nil, fmt.Errorf("headings line %d: want role, language, strength 1 to 3, phrases", i+1)
		}
		role := engine.ColumnRole(f[0])
		if !role.IsValid() {
			return nil, fmt.Errorf("headings line %d: unknown role %q", i+1, f[0])
		}
		for _, p := range strings.Split(f[3], "|") {
			ph := phrase{role: role, lang: f[1], strength: int(f[2][0] - '0')}
			for _, w := range strings.Fields(p) {
				star := strings.HasSuffix(w, "*")
				folded := strings.Fields(engine.FoldWords(w))
				for k, x := range folded {
					ph.words = append(ph.words, x)
					ph.prefix = append(ph.prefix, star && k == len(folded)-1)
				}
			}
			if len(ph.words) == 0 {
				return nil, fmt.Errorf("headings line %d: empty phrase", i+1)
			}
			first := []rune(ph.words[0])[0]
			out[first] = append(out[first], ph)
		}
	}
	return out, nil
}

// match is what a heading says of its column.
type match struct {
	role   engine.ColumnRole
	weight int // 1 to 4; 0 for no match
	lang   string
	exact  bool // the heading is the phrase and nothing else

	// scores holds the best weight of every role that matched at all: "Control
	// description" reads as a description, but may be the question column
	// where no better one is.
	scores map[engine.ColumnRole]int
}

// score returns the weight with which a heading reads as role r, 0 if not.
func (m match) score(r engine.ColumnRole) int { return m.scores[r] }

// maxHeadingWords and maxHeadingRunes bound what can be a column heading:
// longer texts are instructions or questions.
const (
	maxHeadingWords = 14
	maxHeadingRunes = 110
)

// rolePrecedence decides between roles of equal weight in one heading: the
// more special meaning wins ("Question ID" is an id, "Analyst notes" the
// analyst's, "Evidence comments" a comment).
var rolePrecedence = map[engine.ColumnRole]int{
	engine.RoleAnalyst: 15, engine.RoleCustomer: 14, engine.RoleReference: 13, engine.RoleOwnership: 12,
	engine.RoleMaturity: 11, engine.RoleGuidance: 10, engine.RoleRef: 9, engine.RoleExplanation: 8,
	engine.RoleEvidence: 7, engine.RoleDate: 6, engine.RoleIgnore: 5, engine.RoleAnswer: 4, engine.RoleQuestion: 3, engine.RoleSection: 2,
}

// matchHeading returns what a cleaned heading text says. Weight is the
// phrase's strength, one more if the heading is exactly the phrase, one less
// if it holds many other words.
func matchHeading(text string) match {
	if text == "" || len([]rune(text)) > maxHeadingRunes {
		return match{}
	}
	best := match{}
	scores := map[engine.ColumnRole]int{}
	full := strings.Fields(engine.FoldWords(text))
	try := func(words []string, outOf int) {
		for at := range words {
			r := []rune(words[at])[0]
			for i := range headingPhrases[r] {
				p := &headingPhrases[r][i]
				if !p.matches(words[at:]) {
					continue
				}
				m := match{role: p.role, weight: p.strength, lang: p.lang, exact: len(p.words) == outOf}
				if m.exact {
					m.weight++
				} else if outOf-len(p.words) > 3 || p.lang != "en" && p.strength < 3 {
					m.weight-- // also false friends: "data" is a date in Portuguese
				}
				// "Control" inside "Access control for branches" says nothing.
				if p.strength == 1 && !m.exact || p.role == engine.RoleRef && p.strength == 2 && !m.exact && len(words) > 3 {
					continue
				}
				scores[m.role] = max(scores[m.role], m.weight)
				if better(m, best) {
					best = m
				}
			}
		}
	}
	if strings.TrimSpace(text) == "#" {
		return match{role: engine.RoleRef, weight: 3, exact: true, scores: map[engine.ColumnRole]int{engine.RoleRef: 3}}
	}
	if len(full) == 0 || len(full) > maxHeadingWords {
		return match{}
	}
	try(full, len(full))
	// "Response (Yes/No/NA)" and "Answer - please select": what stands before
	// the bracket or dash is the heading, the rest a hint.
	if head, _, ok := cutHint(text); ok {
		w := strings.Fields(engine.FoldWords(head))
		if len(w) > 0 {
			prev := best
			best = match{}
			try(w, len(w))
			if !better(best, prev) || prev.role == engine.RoleAnalyst || prev.role == engine.RoleExplanation && best.role == engine.RoleAnswer {
				best = prev
			}
		}
	}
	best.scores = scores
	return best
}

// cutHint parts a heading from the hint in brackets or behind a line end.
func cutHint(text string) (head, hint string, ok bool) {
	i := strings.IndexAny(text, "([{:")
	if i <= 0 {
		return text, "", false
	}
	return strings.TrimSpace(text[:i]), strings.Trim(text[i:], "([{}]): "), true
}

func better(a, b match) bool {
	if a.role == engine.RoleAnalyst && a.weight >= 3 && b.role != engine.RoleAnalyst {
		return true
	}
	if b.role == engine.RoleAnalyst && b.weight >= 3 && a.role != engine.RoleAnalyst {
		return false
	}
	if a.weight != b.weight {
		return a.weight > b.weight
	}
	return rolePrecedence[a.role] > rolePrecedence[b.role]
}

func (p *phrase) matches(words []string) bool {
	if len(words) < len(p.words) {
		return false
	}
	for i, w := range p.words {
		if p.prefix[i] {
			if !strings.HasPrefix(words[i], w) {
				return false
			}
		} else if words[i] != w {
			return false
		}
	}
	return true
}

// optionsInHeading returns the options a heading lists itself, as in
// "Response (Yes / No / N/A)" or "Y/N": at least two, each a verdict word.
func optionsInHeading(text string) []string {
	_, hint, ok := cutHint(text)
	if !ok {
		hint = text
	}
	var out []string
	for _, sep := range []string{"/", ",", ";", "|"} {
		out = out[:0]
		fields := strings.Split(protectSlash(hint), sep)
		if len(fields) < 2 || len(fields) > 8 {
			continue
		}
		good := true
		for _, f := range fields {
			f = strings.TrimSpace(strings.ReplaceAll(f, "\x00", "/"))
			for _, or := range []string{"or ", "oder ", "ou ", "o ", "of "} {
				f = strings.TrimPrefix(f, or)
			}
			if _, ok := engine.ParseVerdict(f); !ok {
				good = false
				break
			}
			out = append(out, f)
		}
		if good {
			return out
		}
	}
	return nil
}

// protectSlash keeps the slash of "N/A" from being read as a separator.
func protectSlash(s string) string {
	for _, na := range []string{"N/A", "n/a", "N/a", "S/O", "s/o"} {
		s = strings.ReplaceAll(s, na, strings.ReplaceAll(na, "/", "\x00"))
	}
	return s
}
