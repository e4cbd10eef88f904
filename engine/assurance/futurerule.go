package assurance

import (
	"regexp"
	"strings"
)

var (
	futureAfter = regexp.MustCompile(`^[^.;]{0,25}?,?\s*(?:we|it|this|the [\w\s]{1,40}?|they|our [\w\s]{1,30}?|all [\w\s]{1,20}?|mfa|sso|[a-z0-9-]+) (?:will|shall|(?:is|are) (?:planned|scheduled|expected|due|going|to be|set to|slated)|plans?|intends?|expects?|aims?|go(?:es)? live)\b`)
	happened    = regexp.MustCompile(`\b(?:complet(?:ed|ing)|conducted|performed|achieved|finished|done|was|were|has been|have been|had been|had|took place|delivered|implemented|closed|obtained|issued|passed|remediated|held|tested|reviewed|approved|introduced|launched|rolled out|since|began|started|deployed|migrated|established|replaced|founded|decommissioned|published|validated|in force|effective|last|ended|expired|lapsed|retired|dated|as of)\b`)
)

func (c *Checker) pastDateAsFuture(d *draft) (out []Finding) {
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, at := range s.dates {
			if !at.last.Before(c.today) || !s.isFuture(at) {
				continue
			}
			out = append(out, Finding{
				Words: s.words(at.start, at.end), Gap: "stale",
				Why: "presented as in the future, and it has passed",
			})
		}
	}
	return out
}

// datedBreak parts what happened from what is to come.
var datedBreak = regexp.MustCompile(`;|[–—]|\s-\s|,? \b(?:but|however|although|though|whereas|while)\b`)

// isFuture reports whether a sentence speaks of a date as of one to come: the
// word nearest to the date that says when decides.
func (s *sentence) isFuture(at span) bool {
	from, to := 0, len(s.lower)
	for _, b := range datedBreak.FindAllStringIndex(s.lower, -1) {
		if b[1] <= at.start {
			from = b[1]
		} else if b[0] >= at.end {
			to = b[0]
			break
		}
	}
	for _, p := range s.findPeriods() {
		if at.start >= p.start && at.end <= p.end && !p.to.last.Before(at.last) && at.start == p.start {
			return false // a period is over when its end is
		}
	}
	head, tail := toCome.ReplaceAllString(s.lower[from:at.start], "$1$2"), s.lower[at.end:to]
	if f := lastMatch(futureWords, head); f >= 0 {
		h := lastMatch(happened, head)
		if between := head[f:]; h < f && !pastEvent.MatchString(between) && !wasPlanned.MatchString(head) && !happenedAfter.MatchString(tail) && len(between) < 110 {
			return true
		}
	}
	if deadline.MatchString(head) && happenedIn(head) < 0 && !happenedAfter.MatchString(tail) {
		return true
	}
	return len(strings.Fields(head)) <= 5 && happenedIn(head) < 0 && lastWord(head) != "since" && futureAfter.MatchString(tail) && !strings.HasPrefix(strings.TrimLeft(tail, " ,"), "and ")
}

// futureWords are those of futureBefore without what follows them.
var (
	futureWords   = regexp.MustCompile(`\b(?:will|shall|plan(?:s|ned)?|planning|schedul(?:ed|es)|expect(?:s|ed)?|target(?:s|ed|ing)?(?: date)?|intend(?:s|ed)?|anticipat(?:e|es|ed)|aim(?:s|ing)?|roadmap|upcoming|forthcoming|due|eta|to be|going to|slated|next|estimated|on track|projected|forecast|foreseen|set to|about to|goal|looking to|hop(?:e|es|ing) to|coming|launch(?: date)?:|go-live:|(?:is|are) to \w+|(?:we|it|they)['’]ll|expected completion|in progress|under ?way|working towards?|pending|going live|goes? live|rolling out)\b`)
	pastEvent     = regexp.MustCompile(`\b(?:completed in|conducted in|performed in|since)\b`)
	wasPlanned    = regexp.MustCompile(`\b(?:was|were|had been|originally|initially) (?:\w+ )?(?:planned|scheduled|expected|targeted|due|intended|anticipated)\b`)
	happenedAfter = regexp.MustCompile(`^[^.;]{0,40}\b(?:was|were|has been|have been|(?:and |, )?(?:completed|finished|done|delivered|achieved|live since))\b`)
)

// deadline stands before the day by which something is to be done.
var deadline = regexp.MustCompile(`\b(?:by|no later than|not later than|before) (?:the )?(?:end of (?:the )?)?$|\b(?:launch|go-live|eta|target|due)(?: date)?:? $`)

// happenedIn returns where words say that something happened: one of the list,
// or a participle.
func happenedIn(s string) int { return max(lastMatch(happened, s), lastMatch(participle, s)) }

var participle = regexp.MustCompile(`\b[a-z]{3,}(?:ed|ught|ent|orn)\b`)

func lastMatch(re *regexp.Regexp, s string) int {
	at := -1
	for _, m := range re.FindAllStringIndex(s, -1) {
		at = m[0]
	}
	return at
}

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// toCome is what will be done: its participle is no word for what happened.
var toCome = regexp.MustCompile(`\b((?:will|shall|to|should|would)(?: \w+)? be|(?:is|are) (?:being|to be))(?: \w+ly)? \w+(?: out| off| up| live)?|((?:will|['’]ll) have) [^.;]{0,40} (?:done|completed|finished|in place)`)
