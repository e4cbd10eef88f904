package index

import (
	"fmt"
	"slices"
	"strings"
)

// AddToOverlay returns an overlay of l with further lines in it, and what of
// those does not fit: if there is any, nothing of it should be stored. What
// the overlay or l says already is not added, and a phrase that was taken
// away and is added again is back, so that the text stays as it is when there
// is nothing new. Lines of the addition before its first head stand in section.
// The result has one line for each name, and no comments.
func (l *Lexicon) AddToOverlay(text, section, addition string) (string, []OverlayError) {
	lines, _ := overlayLines("concepts", text)
	more, problems := overlayLines(section, addition)
	if len(problems) > 0 {
		return text, problems
	}
	for _, ln := range more {
		ln.added = true
		lines = l.merged(lines, ln)
	}
	if len(lines) > maxOverlayPhrases {
		return text, []OverlayError{{Text: fmt.Sprintf("the lexicon would have more than %d phrases", maxOverlayPhrases)}}
	}
	_, problems = l.lay(lines)
	problems = slices.DeleteFunc(problems, func(p OverlayError) bool { return !p.added })
	return overlayText(lines), inOrderOfLines(problems)
}

// merged returns lines with ln among them.
func (l *Lexicon) merged(lines []lexLine, ln lexLine) []lexLine {
	at := slices.IndexFunc(lines, func(x lexLine) bool { return x.sameAs(ln) })
	switch {
	case at >= 0 && lines[at].removes != ln.removes:
		return slices.Delete(lines, at, at+1)
	case at >= 0 || !ln.removes && l.ships(ln):
		return lines
	}
	return append(lines, ln)
}

func (ln lexLine) sameAs(o lexLine) bool {
	return ln.section == o.section && ln.name == o.name && ln.side == o.side && samePhrase(ln.body, o.body)
}

// ships reports whether l has the phrase of a line of an overlay, in the same
// place.
func (l *Lexicon) ships(ln lexLine) bool {
	for _, x := range l.lines {
		if x.section != ln.section || x.name != ln.name {
			continue
		}
		sides := strings.Split(x.body, "|")
		if ln.side < len(sides) && slices.ContainsFunc(phrasesOf(sides[ln.side]), func(p string) bool { return samePhrase(p, ln.body) }) {
			return true
		}
	}
	return false
}

// RemoveFromOverlay returns an overlay without the phrases of a line, which
// is written as for AddToOverlay, or without everything that has a name, and
// how many phrases are gone.
func RemoveFromOverlay(text, section, line string) (string, int, error) {
	if !slices.Contains(LexiconSections(), section) {
		return text, 0, fmt.Errorf("there is no section %q; the sections are %s", section, strings.Join(LexiconSections(), ", "))
	}
	lines, _ := overlayLines("concepts", text)
	gone := func(x lexLine) bool {
		return x.section == section && x.name == strings.ToLower(strings.Trim(line, ": "))
	}
	if section == "acronyms" || section == "weak" || strings.Trim(line[strings.IndexByte(line, ':')+1:], " |;") != "" && strings.Contains(line, ":") {
		unwanted, err := overlayLine(section, line)
		if err != nil {
			return text, 0, err
		}
		gone = func(x lexLine) bool {
			return slices.ContainsFunc(unwanted, func(u lexLine) bool { return u.removes == x.removes && u.sameAs(x) })
		}
	}
	kept := slices.DeleteFunc(slices.Clone(lines), gone)
	return overlayText(kept), len(lines) - len(kept), nil
}

// overlayText writes lines as an overlay: one line for each name, in the order
// in which the names came, section by section.
func overlayText(lines []lexLine) string {
	var b strings.Builder
	for _, section := range LexiconSections() {
		heads := []string{}
		sides := map[string][][]string{}
		for _, ln := range lines {
			if ln.section != section {
				continue
			}
			if sides[ln.name] == nil {
				heads = append(heads, ln.name)
			}
			for len(sides[ln.name]) < ln.sides {
				sides[ln.name] = append(sides[ln.name], nil)
			}
			p := ln.body
			if ln.removes {
				p = "-" + p
			}
			sides[ln.name][ln.side] = append(sides[ln.name][ln.side], p)
		}
		if len(heads) == 0 {
			continue
		}
		fmt.Fprintf(&b, "[%s]\n", section)
		for _, h := range heads {
			if h != "" {
				b.WriteString(h + ": ")
			}
			for i, s := range sides[h] {
				if i > 0 {
					b.WriteString(" | ")
				}
				b.WriteString(strings.Join(s, "; "))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
