package index

import (
	"testing"

	"vouch/engine"
)

// TestContents proves that whoever asks what something has in it is not
// answered by there being the thing.
func TestContents(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	for name, c := range map[string]struct {
		question, entry, answer string
		lacks                   bool
	}{
		"TheThingAlone":        {"Does your change management process include privacy review?", "Do you have a formal change management process?", "Every change is reviewed.", true},
		"OneOfTwo":             {"Does the plan cover ransomware and floods?", "Does the plan cover ransomware?", "", true},
		"InTheQuestion":        {"Does the training include phishing simulations?", "Are phishing simulations part of the training?", "", false},
		"InTheAnswer":          {"Does the training include phishing?", "Is there security training?", "It ends with a phishing exercise.", false},
		"ASynonym":             {"Does authentication include MFA?", "Is two-factor authentication required?", "", false},
		"PlainWords":           {"Does the policy cover all employees?", "Is there a policy?", "", false},
		"NoSuchVerb":           {"Is there a privacy review of changes?", "Is there a change process?", "", false},
		"NothingBehindTheVerb": {"Which systems are covered?", "Is there a list of systems?", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &statistics{terms: map[uint64]termStats{}, weak: l.weakHashes}
			s.finish(l)
			q := l.newQuery(engine.Query{Text: c.question}, s)
			d := l.analyseEntry(&engine.Entry{Question: c.entry, Text: c.answer}).doc
			if got := l.lacksContents(q, d); got != c.lacks {
				t.Errorf("lacks %v, want %v", got, c.lacks)
			}
		})
	}
}
