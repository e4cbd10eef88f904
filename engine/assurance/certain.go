package assurance

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// factRules put a fact of the register in place of another. What the fact is
// about is read from the words around it, and where those leave a doubt a
// correction could make a true text false: of an earlier report, of somebody
// else's, of another thing. Then a person decides.
var factRules = []string{"register-type", "register-period", "register-auditor", "register-certificate", "register-date"}

// hesitate makes corrections that are not certain block. What they would have
// written stays as the proposal.
func (c *Checker) hesitate(d *draft, list []Finding) {
	for i := range list {
		f := &list[i]
		if f.Severity == Correct && slices.Contains(factRules, f.Rule) && !c.isCertain(d, f) {
			f.Severity, f.Gap = Block, "conflict"
		}
	}
}

// isCertain reports whether a fact may be put right without a person: it stands
// once in the text, in a sentence that names the report and has no word that is
// strange to such sentences, no other time and nobody else in it, nor has the
// question.
func (c *Checker) isCertain(d *draft, f *Finding) bool {
	s := d.sentenceOf(f.Words)
	if s == nil || len(f.Cites) == 0 {
		return false
	}
	r := c.reports[strings.ToLower(f.Cites[0].Report)]
	if r == nil || !d.namesInPlace(s, r.Kind) {
		return false
	}
	rest := strings.Replace(s.lower, lowerASCII(f.Words), " ", 1)
	if elsewhere.MatchString(rest) || elsewhere.MatchString(lowerASCII(d.Question)) || c.namesOther(rest+" "+lowerASCII(d.Question)) {
		return false
	}
	for _, w := range c.register.strangeWords(rest) {
		if !topicWords[w] && !factWords[w] {
			return false
		}
	}
	return c.isOnlyTime(s, f, r) && !c.isFactOfAnother(f)
}

// sentenceOf returns the sentence in which words stand by themselves, nil if
// they stand in the text more than once, or as part of something longer.
func (d *draft) sentenceOf(words string) *sentence {
	if words == "" || strings.Count(d.Text, words) != 1 {
		return nil
	}
	at := strings.Index(d.Text, words)
	before, _ := utf8.DecodeLastRuneInString(d.Text[:at])
	after, _ := utf8.DecodeRuneInString(d.Text[at+len(words):])
	if joins(before) || joins(after) {
		return nil
	}
	for i := range d.sentences {
		if s := &d.sentences[i]; s.start <= at && at+len(words) <= s.end {
			return s
		}
	}
	return nil
}

// joins reports whether a character makes what stands beside it part of a longer
// word or number.
func joins(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Pd, r) || r == '/' || r == '_'
}

// namesOther reports whether a subservice organisation or a customer is named.
func (c *Checker) namesOther(lower string) bool {
	return slices.ContainsFunc(c.subserviceNames(), func(n string) bool { return containsWord(lower, lowerASCII(n)) >= 0 }) ||
		slices.ContainsFunc(c.register.Customers, func(n string) bool { return containsWord(lower, lowerASCII(n)) >= 0 })
}

// isOnlyTime reports whether every other date of a sentence is one of the
// report's, and the fact itself none that is still to come.
func (c *Checker) isOnlyTime(s *sentence, f *Finding, r *Report) bool {
	from := strings.Index(s.text, f.Words)
	for _, at := range s.dates {
		if at.start < from+len(f.Words) && at.end > from {
			if f.Rule == "register-period" && at.last.After(c.today) {
				return false
			}
			continue
		}
		if !slices.ContainsFunc([]Day{r.From, r.To, r.AsOf, r.Issued, r.ValidUntil, r.NextAudit, r.Bridge.Issued, r.Bridge.Until}, at.holds) {
			return false
		}
	}
	return true
}

// isFactOfAnother reports whether what a finding is about is a fact in the
// register, of whatever report.
func (c *Checker) isFactOfAnother(f *Finding) bool {
	dates := findDates(lowerASCII(f.Words))
	for i := range c.register.Reports {
		x := &c.register.Reports[i]
		if x.Auditor != "" && sameFirm(x.Auditor, f.Words) || x.Certificate != "" && plainNumber(x.Certificate) == plainNumber(f.Words) {
			return true
		}
		if f.Rule == "register-date" && slices.ContainsFunc(dates, func(at span) bool {
			return slices.ContainsFunc([]Day{x.From, x.To, x.AsOf, x.Issued, x.ValidUntil, x.NextAudit}, at.holds)
		}) {
			return true
		}
	}
	return false
}

var (
	// elsewhere are words of another time, another report or somebody else.
	elsewhere = regexp.MustCompile(`\b(?:previous\w*|prior|former\w*|earlier|preced\w+|predecessor\w*|last year|first|initial\w*|original\w*|then|since|before|ago|once|replac\w*|supersed\w*|succe\w+|next|upcoming|future|will|shall|plan\w*|expect\w*|used to|old|older|histor\w+|two|second|other|another|others|their|theirs|them|whose|vendors?|suppliers?|providers?|sub-?processors?|sub-?service\w*|partners?|parent|affiliat\w*|subsidiar\w*|hosting|hosted|hosts?|data ?cent\w+|carve\w*|bridge|gap|comfort|not|never|neither|nor|would|could|if|unless)\b`)

	// factWords are what sentences that state a fact of a report are made of,
	// beside the words of questions about reports.
	factWords = contentWords(`our ours its itself attached enclosed number reference dated signed opinion firm name names being gave given conducts conducted performs performing runs ran covering spans spanning
		stretches ranges ran states stated shows showing confirms latest newest present window months date annual yearly registered body assessed attest attests attesting renewed holds serves acts acting
		engaged appointed chosen retained yes certificate`)
)
