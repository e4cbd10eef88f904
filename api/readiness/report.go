package readiness

import (
	"time"

	"vouch/engine/assurance"
)

// Report is what a page is made from.
type Report struct {
	Readiness assurance.Readiness
	Made      time.Time // shown in UTC
	Program   string    // name and version
}

// frameworks are what people call the frameworks.
var frameworks = map[assurance.Framework]string{
	assurance.TrustServices: "SOC 2 Trust Services Criteria",
	assurance.AnnexA:        "ISO/IEC 27001 Annex A",
	assurance.CCM:           "CSA Cloud Controls Matrix",
}

// frameworkName returns what people call a framework.
func frameworkName(framework assurance.Framework) string {
	if n, ok := frameworks[framework]; ok {
		return n
	}
	return string(framework)
}

// letters say each level in one character, the dash and the dot that
// nothing applies.
var letters = map[assurance.Level]string{
	assurance.LevelReady:         "R",
	assurance.LevelAttention:     "A",
	assurance.LevelMissing:       "M",
	assurance.LevelNotApplicable: "–",
	assurance.LevelOutOfScope:    "·",
}

// levelTexts are the levels in words.
var levelTexts = map[assurance.Level]string{
	assurance.LevelReady:         "ready",
	assurance.LevelAttention:     "needs attention",
	assurance.LevelMissing:       "missing",
	assurance.LevelNotApplicable: "not applicable",
	assurance.LevelOutOfScope:    "not in scope",
}
