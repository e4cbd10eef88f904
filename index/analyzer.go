package index

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"golang.org/x/text/unicode/norm"
)

// analyzerVersion goes up with every change to the tokens that a text gives,
// so that indexes made with the old tokens are rebuilt.
//
//	1  the first
//	2  German, French, Spanish, Portuguese, Italian, Dutch; "optional" is not "option"
const analyzerVersion = 2

// maxTokenBytes bounds one token; what is longer is no word anybody asks for.
const maxTokenBytes = 64

// Analyzer turns text into the tokens that are indexed and compared. It is
// safe for concurrent use.
type Analyzer struct {
	acronyms map[string]bool   // never stemmed, their plural s is dropped
	joins    map[string]string // "back up" → "backup"
	opening  map[string]bool   // the first words of joins
	known    [numLanguages]wordCache
}

// NewAnalyzer returns an analyzer that protects the acronyms and joins the
// spellings of lex.
func NewAnalyzer(lex *Lexicon) *Analyzer {
	a := &Analyzer{acronyms: lex.acronyms, joins: lex.joins, opening: map[string]bool{}}
	for j := range lex.joins {
		first, _, _ := strings.Cut(j, " ")
		a.opening[first] = true
	}
	return a
}

// Tokens returns the tokens of text in its order. Tokens are lower-case and
// compatibility-composed (NFKC); English words are stemmed (Porter 2);
// acronyms, standards and control ids are one token each whatever their
// spelling (SOC-2, "SOC 2" and SOC2 are "soc2"); negations and quantifiers
// stay, articles, pronouns, auxiliaries and bare prepositions do not.
//
// The text is taken for English; see tokensIn.
func (a *Analyzer) Tokens(text string) []string { return a.tokensIn(english_, text) }

// tokensIn is Tokens for a language. Acronyms, standards and control ids are
// the same in all of them; negations, quantifiers, intervals and units of time
// become the tokens that English has for them.
func (a *Analyzer) tokensIn(l language, text string) []string {
	if languages[l].elides {
		text = elisions.Replace(text)
	}
	words := a.join(split(a, text))
	tokens := words[:0]
	for _, w := range words {
		if t := a.token(l, w); t != "" {
			tokens = append(tokens, t)
		}
	}
	return tokens
}

var elisions = strings.NewReplacer("'", " ", "’", " ")

// token returns the token of a word, "" for a stop word.
func (a *Analyzer) token(l language, w string) string {
	t, ok := a.known[l].get(w)
	if !ok {
		switch {
		case l != english_:
			t = languages[l].token(a, w)
		case !stopWords[w]:
			t = a.stem(w)
		}
		a.known[l].put(w, t)
	}
	return t
}

// languageOf returns the language of a text, and whether the text shows it.
func (a *Analyzer) languageOf(text string) (language, bool) {
	return languageOf(split(a, elisions.Replace(text)))
}

// cutToken shortens w to maxTokenBytes at a rune boundary.
func cutToken(w string) string {
	n := maxTokenBytes
	for n > 0 && !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// stopWords are dropped: they say nothing about what is asked. No negation
// and no quantifier is among them.
var stopWords = wordSet(`a an the of to in on for and or is are be been being was were am do does did done doing
	you your yours we our ours us i me my it its he she his her they them their theirs this that these those
	by with at as from into onto upon have has had having any there here than then so such etc eg ie if
	will would shall should can could may might must please also both about`)

// keptWords are the words the analyzer must never drop or change: negations,
// quantifiers, intervals ("quarterly" is not "a quarter"), and words that the
// stemmer would take for others ("optional" for "option").
var keptWords = wordSet(`no not without never all atleast only none neither nor each every
	hourly nightly daily weekly biweekly monthly quarterly semiannual annual biennial
	optional informal anonymous`)

// contractions are the negated auxiliaries, apostrophe gone.
var contractions = wordSet(`dont doesnt didnt isnt arent wasnt werent wont wouldnt cant cannot couldnt shouldnt hasnt havent hadnt mustnt`)

// prefixes are written with a hyphen by some and joined by others. Those
// that are true stand alone too ("sub processor").
var prefixes = map[string]bool{
	"sub": true, "multi": true, "anti": true, "non": true, "micro": true, "cyber": true,
	"e": false, "re": false, "pre": false, "co": false, "de": false, "un": false, "inter": false, "intra": false,
}

// families are the names that a number follows; the pair is one token. For
// those that are true the bare name is a token as well, so that "TLS" finds
// "TLS 1.2".
var families = map[string]bool{
	"tls": true, "ssl": true, "aes": true, "sha": true, "rsa": true, "ssh": true, "oauth": true, "wpa": true,
	"soc": false, "iso": false, "fips": false, "nist": false, "type": false, "isae": false, "ssae": false,
}

var romans = map[string]string{"i": "1", "ii": "2", "iii": "3", "iv": "4"}

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// isJoiner reports whether r may stand inside a word or an id.
func isJoiner(r rune) bool {
	switch r {
	case '.', ',', '-', '‐', '‑', '–', '/', '&', '_', '\'', '’':
		return true
	}
	return false
}

// split cuts text into raw words: lower-case, unstemmed, stop words included.
func split(a *Analyzer, text string) []string {
	text = norm.NFKC.String(text)
	words := make([]string, 0, len(text)/6+1)
	var chunk []byte
	joined := false
	flush := func() {
		if len(chunk) > 0 {
			words = a.splitChunk(words, string(chunk), joined)
			chunk, joined = chunk[:0], false
		}
	}
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			chunk = utf8.AppendRune(chunk, unicode.ToLower(r))
		case isJoiner(r):
			joined = true
			switch r {
			case '‐', '‑', '–':
				r = '-'
			case '’':
				r = '\''
			}
			chunk = utf8.AppendRune(chunk, r)
		default:
			flush()
		}
	}
	flush()
	return words
}

// splitChunk appends the words of one chunk without blanks.
func (a *Analyzer) splitChunk(words []string, c string, joined bool) []string {
	if !joined {
		return appendWord(words, c)
	}
	c = strings.Trim(c, ".,-/&_'")
	if strings.Contains(c, "'") {
		c = strings.TrimSuffix(c, "'s")
		c = strings.ReplaceAll(c, "'", "")
	}
	switch {
	case c == "":
		return words
	case !strings.ContainsAny(c, ".,-/&_"):
		return appendWord(words, c)
	case c == "e.g" || c == "i.e":
		return words
	case isNumber(c):
		return append(words, strings.ReplaceAll(c, ",", ""))
	case isControlID(c):
		return appendID(words, c)
	case a.acronyms[lettersOnly(c)]:
		return append(words, lettersOnly(c))
	}
	return a.splitParts(words, c)
}

// splitParts cuts a chunk at its joiners, gluing a prefix to what follows.
func (a *Analyzer) splitParts(words []string, c string) []string {
	for _, side := range strings.FieldsFunc(c, func(r rune) bool { return r == '/' || r == '&' || r == '_' || r == ',' }) {
		if isControlID(side) {
			words = appendID(words, side)
			continue
		}
		parts := strings.FieldsFunc(side, func(r rune) bool { return r == '-' || r == '.' && !isNumber(side) })
		for i := 0; i < len(parts); i++ {
			w := parts[i]
			if _, ok := prefixes[w]; ok && i+1 < len(parts) {
				i++
				w += parts[i]
			}
			words = appendWord(words, w)
		}
	}
	return words
}

// appendWord appends w, a contraction as its negation.
func appendWord(words []string, w string) []string {
	if contractions[w] {
		return append(words, "not")
	}
	return append(words, w)
}

// isNumber reports whether c is a number: 90, 1,000, 99.95, 140-2.
func isNumber(c string) bool {
	for i := range len(c) {
		if (c[i] < '0' || c[i] > '9') && !strings.ContainsRune(".,-", rune(c[i])) {
			return false
		}
	}
	return c != ""
}

// isControlID reports whether c is one to five letters (perhaps with & in
// them), then numbers parted by single separators: cc6.1, a.8.24, iam-14.1.
func isControlID(c string) bool {
	i := 0
	for i < len(c) && (c[i] >= 'a' && c[i] <= 'z' || c[i] == '&' && i > 0) {
		i++
	}
	if i == 0 || i > 5 || i == len(c) {
		return false
	}
	digits := 0
	for sep := false; i < len(c); i++ {
		switch {
		case c[i] >= '0' && c[i] <= '9':
			digits++
			sep = false
		case (c[i] == '.' || c[i] == '-') && !sep:
			sep = true
		default:
			return false
		}
	}
	return digits > 0
}

// appendID appends a control id as it is, and a standard ("soc-2",
// "aes-256") as its name and number, for join to glue.
func appendID(words []string, c string) []string {
	i := firstDigit(c)
	name := strings.TrimRight(c[:i], ".-")
	if _, ok := families[name]; ok {
		return append(words, name, c[i:])
	}
	return append(words, c)
}

func lettersOnly(c string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, c)
}

// join glues what is one word to the field: standards with their number,
// prefixes, and the spellings that the lexicon joins.
func (a *Analyzer) join(words []string) []string {
	out := make([]string, 0, len(words)+2)
	for i := 0; i < len(words); i++ {
		w := words[i]
		if name, number, used := standardAt(words[i:]); used > 0 {
			out = append(out, name+number)
			if families[name] {
				out = append(out, name)
			}
			i += used - 1
			continue
		}
		opens := a.opening[w]
		if i+1 < len(words) {
			if opens {
				if j, ok := a.joins[w+" "+words[i+1]]; ok {
					out = append(out, j)
					i++
					continue
				}
			}
			if prefixes[w] && len(words[i+1]) > 3 && isAlpha(words[i+1]) {
				out = append(out, w+words[i+1])
				i++
				continue
			}
		}
		if opens {
			if j, ok := a.joins[w]; ok {
				w = j
			}
		}
		out = append(out, w)
	}
	return out
}

// standardAt returns the name and number of the standard that words open
// with, and how many words it takes; 0 if they do not.
func standardAt(words []string) (name, number string, used int) {
	w := words[0]
	if n := firstDigit(w); n > 0 { // one word: soc2, tlsv1
		name = strings.TrimSuffix(w[:n], "v")
		if _, ok := families[name]; ok {
			return name, trimVersion(w[n:]), 1
		}
		return "", "", 0
	}
	if _, ok := families[w]; !ok {
		return "", "", 0
	}
	i := 1
	for i < len(words) && i < 3 && (words[i] == "iec" || words[i] == "sp" || words[i] == "v" || words[i] == "version") {
		i++
	}
	if i == len(words) {
		return "", "", 0
	}
	number = strings.TrimPrefix(words[i], "v")
	if w == "type" {
		if r, ok := romans[number]; ok {
			number = r
		}
		if len(number) > 1 {
			return "", "", 0
		}
	}
	if number == "" || number[0] < '0' || number[0] > '9' || !isNumber(number) {
		return "", "", 0
	}
	return w, trimVersion(number), i + 1
}

// trimVersion drops what spellings of one version differ in: "2.0" is "2".
func trimVersion(n string) string { return strings.TrimSuffix(n, ".0") }

// firstDigit returns where the first digit of w is, -1 if there is none.
func firstDigit(w string) int {
	for i := range len(w) {
		if w[i] >= '0' && w[i] <= '9' {
			return i
		}
	}
	return -1
}

func isAlpha(w string) bool {
	for _, r := range w {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// stem returns the token of a word that is no stop word.
func (a *Analyzer) stem(w string) string {
	switch {
	case len(w) > maxTokenBytes:
		return cutToken(w)
	case keptWords[w] || a.acronyms[w] || !isASCIIWord(w):
		return w
	}
	if s := strings.TrimSuffix(w, "s"); s != w && a.acronyms[s] {
		return s
	}
	env := snowballstem.NewEnv(w)
	english.Stem(env)
	if s := env.Current(); s != "" {
		return s
	}
	return w
}

func isASCIIWord(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

// wordCache remembers the tokens of words: to find one costs some 20 times
// as much as to look it up.
type wordCache struct {
	mu sync.RWMutex
	m  map[string]string
}

// maxWords bounds the cache; the English of questionnaires has some 10,000 words.
const maxWords = 32_768

func (c *wordCache) get(w string) (token string, ok bool) {
	c.mu.RLock()
	token, ok = c.m[w]
	c.mu.RUnlock()
	return token, ok
}

func (c *wordCache) put(w, token string) {
	if len(w) > maxTokenBytes {
		return
	}
	c.mu.Lock()
	if c.m == nil || len(c.m) >= maxWords {
		c.m = make(map[string]string, 4096)
	}
	c.m[strings.Clone(w)] = strings.Clone(token)
	c.mu.Unlock()
}
