package assurance

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

// wording is a question taken apart for comparing with others.
type wording struct {
	said    *Said
	words   []string // what it asks about: sorted, each once; figures too, no word that says how often
	often   []string // how often: "annual"
	sides   []side   // of the contrasts, sorted
	denials int
}

// side is one side of a contrast that a question stands on.
type side struct{ contrast, side int }

func newWording(s *Said) wording {
	lower := sameThing.Replace(lowerASCII(s.Question))
	lower = address.ReplaceAllString(lower, " ")
	w := wording{said: s, denials: len(denial.FindAllStringIndex(lower, -1)) + len(turning.FindAllStringIndex(lower, -1))}
	var all []string
	for _, word := range strings.FieldsFunc(lower, func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) }) {
		if at, ok := contrastOf[word]; ok {
			w.sides = append(w.sides, at)
		}
		if len(word) < 2 && (word[0] < '0' || word[0] > '9') || functionWords[word] {
			continue
		}
		stem := stemOf(word)
		switch all = append(all, stem); {
		case frequencyStems[stem]:
			w.often = append(w.often, stem)
		case !emptyStems[stem]:
			w.words = append(w.words, stem)
		}
	}
	if len(w.words) == 0 {
		w.words = all // "Do you have an information security policy?"
	}
	w.words, w.often = sortedOnce(w.words), sortedOnce(w.often)
	slices.SortFunc(w.sides, func(a, b side) int { return (a.contrast-b.contrast)*1000 + a.side - b.side })
	w.sides = slices.Compact(w.sides)
	return w
}

func sortedOnce(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// stemOf makes the forms of a word one, and words that say the same.
func stemOf(word string) string {
	if s, ok := synonyms[word]; ok {
		return s
	}
	if word[0] >= '0' && word[0] <= '9' {
		return word
	}
	for _, e := range endings {
		if short, ok := strings.CutSuffix(word, e.of); ok && len(short) >= 3 {
			word = short + e.with
			break
		}
	}
	if n := len(word); n > 3 && word[n-1] == word[n-2] && word[n-1] != 's' {
		word = word[:n-1] // "scanned", "scan"
	}
	return word[:min(len(word), stemLength)]
}

// endings are what forms of a word end in, the first that fits, and what is
// written instead: "handling" and "handle", "policies" and "policy".
var endings = []struct{ of, with string }{
	{"ies", "i"}, {"ied", "i"}, {"ing", ""}, {"ed", ""}, {"sses", "ss"}, {"ss", "ss"}, {"es", ""}, {"s", ""}, {"y", "i"}, {"e", ""},
}

// stemLength is how many bytes of a word count. Where two words that begin
// alike mean different things, a contrast or a synonym tells them apart.
const stemLength = 6

// alike is how much of two questions' words must be common, of all that either
// has, for them to ask one thing. With 0.6 two questions of five words passed
// for one that named different things ("tests of your applications", "of your
// network"): of the 63 pairs in the tests that do not contradict, 27 were
// reported. With 0.75 one word may differ of four, if one question has no
// other, and each may have one of its own beside six in common.
const alike = 0.75

// common counts the words that both have.
func (w *wording) common(o *wording) (n int) {
	for i, j := 0, 0; i < len(w.words) && j < len(o.words); {
		switch c := strings.Compare(w.words[i], o.words[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			i, j, n = i+1, j+1, n+1
		}
	}
	return n
}

// asksSame reports whether two questions ask one thing, of the same people,
// places and figures.
func (w *wording) asksSame(o *wording) bool {
	common := w.common(o)
	all := len(w.words) + len(o.words) - common
	return all > 0 && float64(common) >= alike*float64(all) && !figuresDiffer(w.words, o.words) && !contrasted(w.sides, o.sides)
}

// figuresDiffer reports whether two questions name different figures: TLS 1.2
// is not TLS 1.3, 30 days are not 90.
func figuresDiffer(a, b []string) bool {
	isFigure := func(w string) bool { return w[0] >= '0' && w[0] <= '9' }
	for _, pair := range [][2][]string{{a, b}, {b, a}} {
		for _, w := range pair[0] {
			if _, has := slices.BinarySearch(pair[1], w); isFigure(w) && !has {
				return true
			}
		}
	}
	return false
}

// contrasted reports whether two questions stand on different sides of a
// contrast. Of a narrowing one it is enough that only one question is narrowed.
func contrasted(a, b []side) bool {
	of := func(list []side, contrast int) []side {
		from, _ := slices.BinarySearchFunc(list, contrast, func(s side, c int) int { return s.contrast - c })
		to := from
		for to < len(list) && list[to].contrast == contrast {
			to++
		}
		return list[from:to]
	}
	for _, s := range slices.Concat(a, b) {
		x, y := of(a, s.contrast), of(b, s.contrast)
		if !slices.Equal(x, y) && (contrasts[s.contrast].narrows || len(x) > 0 && len(y) > 0) {
			return true
		}
	}
	return false
}

// rarest returns as many of the rarest words as it takes that whoever asks the
// same has one of them among its own: of n words alike×n are common, so that
// one of the n - alike×n + 1 rarest is.
func (w *wording) rarest(count map[string]int) []string {
	list := slices.Clone(w.words)
	slices.SortFunc(list, func(a, b string) int {
		if c := count[a] - count[b]; c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return list[:min(len(list), len(list)-int(math.Ceil(alike*float64(len(list))))+1)]
}

// sameThing writes in one way what is said in several words.
var sameThing = strings.NewReplacer(
	"multi-factor authentication", "mfa", "multifactor authentication", "mfa", "multi factor authentication", "mfa", "two-factor authentication", "mfa",
	"two factor authentication", "mfa", "2fa", "mfa", "single sign-on", "sso", "single sign on", "sso", "third-party", "vendor", "third party", "vendor",
	"third parties", "vendors", "clear text", "cleartext", "plain text", "plaintext", "plain-text", "plaintext", "clear-text", "cleartext", "sub-processor", "subprocessor",
	"anti-virus", "antivirus", "carried out", "performed", "carry out", "perform",
)

// address is how a question speaks of whoever answers it. "The vendor" is you,
// "your vendors" and "vendor risk" are others.
var address = regexp.MustCompile(`\b(?:the|your|our) (?:vendor|supplier|service provider|provider|organi[sz]ation|company|firm|business)(?:'s|’s)?\b`)

// turning are words that ask for the opposite without denying anything.
var turning = regexp.MustCompile(`\b(?:prohibit\w*|forbid\w*|prevent\w*|block\w*|disabl\w+|bypass\w*|circumvent\w*|exempt\w*|exclud\w+|plaintext|cleartext|unencrypted|unrestricted|unlimited|shared|anonymous|lack\w*|fail\w*|refus\w+|avoid\w*|restrict\w*|outstanding|missing|absent|unsupported|unpatched|remov\w+|revok\w+|withheld|denied|ruled? out|refrain\w*)\b`)

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

func stemSet(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[stemOf(w)] = true
	}
	return out
}

// functionWords hold sentences together.
var functionWords = wordSet(`a an the and or of to in on at by for from with as is are was were be been being do does did has have had having can could will would shall should may
	might you your yours yourself we our us it its they their them this that these those there here who whom whose which what when where why how if than then so not no nor
	but via per upon into onto within all any each every some such both either also out up down over under about e.g i.e etc eg ie`)

// emptyStems are of words that questions are made of whatever they ask.
var emptyStems = stemSet(`company organisation organization please describe explain provide provided provides whether formal formally documented document written place
	policy policies process processes procedure procedures plan plans program programme ensure ensures maintain maintained establish established define defined implement implemented
	currently system systems information security data used using use uses perform performed conduct conducted undertake undertaken regularly periodically
	operate operated operates appropriate adequate relevant effective effectively`)

// frequencyStems are of words that say how often.
var frequencyStems = stemSet(`annually quarterly monthly weekly daily semiannually continuously hourly biannually`)

// synonyms are words and what is written for them.
var synonyms = func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(`annual annually year years yearly
		quarter quarterly
		month monthly
		week weekly
		day-by-day daily
		require enforce enforced enforces enforcing required requires mandatory must mandate mandated
		employ employee employees staff personnel workforce worker workers
		custom customer customers client clients tenant tenants
		vendor vendors supplier suppliers subcontractor subcontractors
		admin admins administrator administrators administrative privileged
		allow allowed allows permit permitted permits
		revoke revoked revokes remove removed removes
		deploy deployed install installed
		log logged logging logs
		encrypt encrypted encryption
		back-up backup backups
		patch patched patches patching
		test tested tests testing
		review reviewed reviews
		intern-al internal internally
		intern-et internet
		extern-al external externally
		contract-or contractor contractors
		contract contract contracts contractual
		produc-tion production
		product product products
		train training trained
		go goes going
		keep keeps kept keeping
		hold holds held holding
		send sends sent sending
		build builds built building
		take takes took taken taking
		give gives gave given giving
		write writes wrote writing
		make makes made making
		run runs ran running
		find finds found finding
		begin begins began begun
		know knows known
		see seen saw
		leave leaves left leaving
		cert certified certificate certification certifications`) {
		list := strings.Fields(line)
		for _, w := range list {
			out[w] = list[0]
		}
	}
	return out
}()

// contrast is a choice that questions differ by though all their other words
// are alike. Each side is the words that put a question there.
type contrast struct {
	narrows bool // who names a side asks about less than who names none
	sides   []string
}

var contrasts = []contrast{
	{true, []string{"rest stored", "transit transmission transmitted transport motion"}},
	{true, []string{"production prod", "test tests testing staging nonproduction", "development dev", "corporate office"}},
	{true, []string{"internal internally", "external externally internet-facing", "remote remotely", "onsite on-site"}},
	{true, []string{"contractor contractors temporary", "vendor vendors supplier suppliers subcontractor subcontractors", "visitor visitors", "subprocessor subprocessors",
		"admin admins administrator administrators administrative privileged", "developer developers", "executive executives management board", "partner partners"}},
	{false, []string{"employee employees staff personnel workforce", "customer customers client clients tenant tenants", "user users"}},
	{true, []string{"laptop laptops", "server servers", "mobile smartphones smartphone phone phones byod", "workstation workstations desktop desktops", "database databases",
		"network networks", "application applications app apps", "api apis", "backup backups", "cloud", "email emails", "wireless wifi wi-fi", "wired", "printer printers", "website websites web",
		"container containers", "code", "infrastructure", "media", "firewall firewalls"}},
	{true, []string{"physical physically", "logical logically"}},
	{true, []string{"inbound incoming ingress", "outbound outgoing egress"}},
	{true, []string{"public publicly", "private privately", "hybrid"}},
	{true, []string{"critical", "high", "medium", "low", "sensitive", "confidential", "personal", "pii phi"}},
	{true, []string{"two twice", "three", "four", "five", "six", "seven", "eight", "ten", "twelve", "fifteen", "twenty", "thirty", "sixty", "ninety", "ii", "iii", "iv", "vi"}},
	{true, []string{"major significant", "minor", "emergency urgent"}},
	{true, []string{"can could able optional"}},
	{false, []string{"before prior pre", "after following post", "during while"}},
	{false, []string{"policy policies", "procedure procedures", "process processes", "plan plans", "program programme", "standard standards"}},
	{true, []string{"tested tests testing exercised", "reviewed review reviews", "approved approval", "updated", "communicated published", "audited", "monitored", "signed acknowledged"}},
	{false, []string{"enabled enable", "disabled disable"}},
	{false, []string{"deleted delete deletion erased destroyed purged disposed", "retained retain retention kept keep"}},
	{false, []string{"automatic automatically automated", "manual manually"}},
	{false, []string{"included include includes covered", "excluded exclude excludes"}},
	{false, []string{"open outstanding unresolved", "closed resolved remediated fixed"}},
	{false, []string{"detect detects detection", "prevent prevents prevention", "respond response", "recover recovery"}},
	{false, []string{"disaster", "incident incidents", "continuity"}},
	{false, []string{"allowed allow permitted permit", "prohibited prohibit forbidden blocked"}},
	{false, []string{"primary", "secondary alternate"}},
	{true, []string{"eu eea europe european", "us usa states", "uk kingdom", "india", "china", "canada"}},
	{true, []string{"independent independently", "own internally"}},
	{false, []string{"symmetric", "asymmetric"}},
	{false, []string{"hashed hash salted", "encrypted encryption", "masked tokenised tokenized", "anonymised anonymized", "pseudonymised pseudonymized"}},
}

// contrastOf finds the side of a word.
var contrastOf = func() map[string]side {
	out := map[string]side{}
	for i, c := range contrasts {
		for j, words := range c.sides {
			for w := range strings.FieldsSeq(words) {
				if _, twice := out[w]; !twice {
					out[w] = side{i, j}
				}
			}
		}
	}
	return out
}()
