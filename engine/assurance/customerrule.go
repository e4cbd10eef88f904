package assurance

import (
	"regexp"
	"strings"
)

// customer is a name to look for.
type customer struct {
	name string
	full *regexp.Regexp // the name, legal form aside
	word *regexp.Regexp // its first word alone, nil if that names nobody
	one  bool           // the name is one word, which may be a word of the language too

	first string // the first word, lower case: without it nothing is looked for
}

// legalForms end a company's name and are left out by those who speak of it.
var legalForms = regexp.MustCompile(`(?i)[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|plc|gmbh|ag|se|sa|s\.a\.|sas|s\.a\.s\.|bv|b\.v\.|nv|n\.v\.|ab|as|a/s|oy|oyj|kg|srl|s\.r\.l\.|spa|s\.p\.a\.|pty|group|holdings?)\.?$`)

func customersOf(names []string) (out []customer) {
	for _, name := range names {
		name = strings.TrimSpace(name)
		short := name
		for legalForms.MatchString(short) {
			short = legalForms.ReplaceAllString(short, "")
		}
		if len(short) < 3 {
			short = name
		}
		words := strings.Fields(short)
		if len(words) == 0 {
			continue
		}
		x := customer{name: name, one: len(words) == 1, first: strings.ToLower(words[0])}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.Join(words, " ")), " ", `[\s-]+`)
		if !x.one {
			pattern = `(?i)` + pattern
			if len(words[0]) >= 4 && !commonWord[strings.ToLower(words[0])] {
				x.word = regexp.MustCompile(boundary(regexp.QuoteMeta(words[0])))
			}
		}
		x.full = regexp.MustCompile(boundary(pattern))
		out = append(out, x)
	}
	return out
}

// boundary makes a pattern match whole words only, as far as the name ends in
// letters or figures.
func boundary(pattern string) string {
	return `(?:^|[^\p{L}\p{N}])(` + pattern + `)(?:$|[^\p{L}\p{N}-])`
}

// find returns where a text names the customer. A single word must look like a
// name: with a capital inside of a sentence and apart from other names, or at
// its beginning with what is said of customers behind it.
func (x *customer) find(p *passage) (from, to int, ok bool) {
	for _, form := range []*regexp.Regexp{x.full, x.word} {
		if form == nil {
			continue
		}
		for i := range p.sentences {
			s := &p.sentences[i]
			for _, at := range form.FindAllStringSubmatchIndex(s.text, -1) {
				if form == x.full && !x.one || s.looksLikeName(at[2], at[3]) {
					return s.start + at[2], s.start + at[3], true
				}
			}
		}
	}
	return 0, 0, false
}

var (
	nameBefore = regexp.MustCompile(`(?:[A-Z][\w'’.&-]*|[A-Z]+)[ -]$`)
	nameAfter  = regexp.MustCompile(`^[ -][A-Z][\w'’.&-]*`)
	saysOfName = regexp.MustCompile(`^(?:['’]s?)? ?(?:and [A-Z]|, [A-Z]|uses?\b|used\b|went live|goes live|go live|has (?:been|used|chosen|run)|have (?:been|used)|is (?:a|an|one of|among) (?:our|\w+ )?(?:customer|client|reference)|chose\b|runs? (?:our|on|its)|relies on|signed\b|became\b|joined\b|asked (?:us|for)|required (?:us|that)|requested\b|migrated\b|stores\b|integrates?\b|renewed\b|connects?\b|trusts?\b|selected\b|picked\b|bought\b|deployed\b|operates\b|processes\b|also (?:uses|has|runs|relies))|^['’]s? `)
)

// looksLikeName reports whether the capitalised word from one place to another
// names somebody.
func (s *sentence) looksLikeName(from, to int) bool {
	head, tail := s.text[:from], s.text[to:]
	if strings.Trim(head, " \t\"“(•*-") == "" {
		return saysOfName.MatchString(tail)
	}
	tail = legalTail.ReplaceAllString(tail, "")
	if nameBefore.MatchString(head) && !listBefore.MatchString(head) {
		return false
	}
	return !nameAfter.MatchString(tail) || saysOfName.MatchString(tail)
}

// legalTail is the legal form behind a name.
var legalTail = regexp.MustCompile(`^,? (?:Inc|Corp|Co|Ltd|Limited|LLC|LLP|PLC|plc|GmbH|AG|SE|SA|BV|NV|AB|AS|Oy|KG|SpA|Srl|Pty|Group)\b\.?`)

// listBefore are capitals before a name that are no part of it.
var listBefore = regexp.MustCompile(`(?:^|[.:!?] )(?:For|At|With|Like|As|And|When|While|Since|To|From|By|In|Our|Besides|Both|See|Customers?|Clients?|Mr|Ms) $`)

// commonWord are first words of company names that are words of the language:
// alone they name nobody.
var commonWord = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`first united national american general global international world central northern southern eastern western north south east west
		new royal city state federal public community credit union bank insurance health healthcare medical university college school home green blue red black white gold silver
		open smart digital data cloud cyber secure safe safety trust prime premier universal standard modern advanced applied alpha beta delta omega gamma sigma nova harbour harbor river lake
		mountain summit peak bridge stone rock iron steel energy power capital financial finance direct express rapid fast swift atlantic pacific continental metro regional local town county
		the great grand big little true real best better total complete perfect simple clear bright light star sun moon sky ocean forest field garden park valley hill point port gate tower castle crown
		king queen eagle lion bear wolf falcon phoenix horizon vision mission legacy heritage pioneer frontier liberty freedom independence unity alliance partners associated consolidated integrated`) {
		m[w] = true
	}
	return m
}()

func (c *Checker) otherCustomer(d *draft) (out []Finding) {
	reader, lower := strings.ToLower(d.Reader.Name), strings.ToLower(d.Text)
	for i := range c.customers {
		x := &c.customers[i]
		if reader != "" && sameCompany(reader, strings.ToLower(x.name)) {
			continue
		}
		if !strings.Contains(lower, x.first) {
			continue
		}
		if from, to, ok := x.find(&d.passage); ok {
			out = append(out, Finding{Words: d.Text[from:to], Gap: "not_disclosable", Why: "names another customer"})
		}
	}
	return out
}

// sameCompany reports whether two names, lower case, are of one company: the
// same but for legal forms.
func sameCompany(a, b string) bool {
	for legalForms.MatchString(a) {
		a = legalForms.ReplaceAllString(a, "")
	}
	for legalForms.MatchString(b) {
		b = legalForms.ReplaceAllString(b, "")
	}
	return a == b || len(a) > 3 && len(b) > 3 && (strings.HasPrefix(a, b+" ") || strings.HasPrefix(b, a+" "))
}
