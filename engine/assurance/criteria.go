package assurance

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Framework is a set of criteria that vouch holds a list of.
type Framework string

// The frameworks.
const (
	TrustServices Framework = "tsc"      // AICPA Trust Services Criteria, of SOC 2 and SOC 3
	AnnexA        Framework = "iso27001" // ISO/IEC 27001:2022, Annex A
	CCM           Framework = "ccm"      // CSA Cloud Controls Matrix 4.0
)

// Frameworks lists every framework there is.
func Frameworks() []Framework { return []Framework{TrustServices, AnnexA, CCM} }

// Criterion is one criterion of a framework.
type Criterion struct {
	Framework Framework
	ID        string // as the framework spells it: "CC6.1", "A.8.24", "CEK-03"
	Category  string // of tsc the Trust Services category, of iso27001 the theme, of ccm the domain's letters
	Title     string // a few words of ours, no text of the framework
}

//go:embed criteria.tsv
var criteriaTable string

// criteria holds every criterion in the order of the table, and by id.
var criteria = sync.OnceValue(func() (c struct {
	list []Criterion
	byID map[string]Criterion
},
) {
	c.byID = map[string]Criterion{}
	for line := range strings.Lines(criteriaTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, x := range criteriaIn(strings.TrimSpace(line)) {
			c.list = append(c.list, x)
			c.byID[x.ID] = x
		}
	}
	return c
})

// criteriaIn returns the criteria that a row of the table stands for.
func criteriaIn(row string) []Criterion {
	cols := strings.Split(row, "\t")
	if len(cols) != 4 {
		panic("engine/assurance: criteria.tsv has a row without 4 columns") // the file is embedded, a test reads all of it
	}
	c := Criterion{Framework: Framework(cols[0]), ID: cols[1], Category: cols[2], Title: cols[3]}
	if c.Framework != CCM {
		return []Criterion{c}
	}
	n, err := strconv.Atoi(cols[2])
	if err != nil {
		panic("engine/assurance: criteria.tsv has a ccm row without a number")
	}
	out := make([]Criterion, n)
	for i := range out {
		out[i] = Criterion{
			Framework: CCM, ID: fmt.Sprintf("%s-%02d", c.ID, i+1), Category: c.ID, Title: fmt.Sprintf("%s, no. %d", c.Title, i+1),
		}
	}
	return out
}

// CriteriaOf returns the criteria of a framework in its order; none for a
// framework that is not one of [Frameworks].
func CriteriaOf(f Framework) []Criterion {
	var out []Criterion
	for _, c := range criteria().list {
		if c.Framework == f {
			out = append(out, c)
		}
	}
	return out
}

// The forms of ids, by framework. An A with a number that starts with 1 is an
// availability criterion, with 5 to 8 one of Annex A. A question of the CAIQ
// ("CEK-03.1") is about the control before its dot.
var (
	trustForm = regexp.MustCompile(`^(CC|PI|C|A|P)[ .-]?([0-9]+)\.([0-9]+)$`)
	annexForm = regexp.MustCompile(`^A[ .-]?([5-8])\.([0-9]+)$`)
	ccmForm   = regexp.MustCompile(`^(A&A|AIS|BCR|CCC|CEK|DCS|DSP|GRC|HRS|IAM|IPY|IVS|LOG|SEF|STA|TVM|UEM)[ .-]?([0-9]{1,2})(?:\.[0-9]{1,2})?$`)
)

// FindCriterion returns the criterion with that id, however it is spelled:
// "CC 6.1", "cc6.1", "A8.24", "cek 3".
func FindCriterion(id string) (Criterion, bool) {
	c, ok := criteria().byID[canonicalID(id)]
	return c, ok
}

// canonicalID returns an id as its framework spells it, "" if it has the form
// of none. It may be an id that the framework does not have.
func canonicalID(id string) string {
	id = strings.ToUpper(strings.TrimSpace(id))
	if m := annexForm.FindStringSubmatch(id); m != nil {
		return "A." + m[1] + "." + m[2]
	}
	if m := trustForm.FindStringSubmatch(id); m != nil {
		return m[1] + m[2] + "." + m[3]
	}
	if m := ccmForm.FindStringSubmatch(id); m != nil {
		return fmt.Sprintf("%s-%02s", m[1], m[2])
	}
	return ""
}
