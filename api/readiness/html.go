package readiness

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine/assurance"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": percent, "share": share, "words": words, "count": count, "upper": capital, "due": due,
	"letter": func(l any) string { return letters[assurance.Level(fmt.Sprint(l))] },
	"level":  func(l any) string { return levelTexts[assurance.Level(fmt.Sprint(l))] },
	"css":    func() template.CSS { return template.CSS(pageCSS) }, //nolint:gosec // our own embedded file
}).Parse(pageText))

// percent renders a share for people: 0.934 is 93 %, with a blank that does
// not break. Only all is 100 %.
func percent(p float64) string {
	if n := 100 * p; n > 99 && n < 100 {
		return "99\u00a0%"
	}
	return fmt.Sprintf("%.0f\u00a0%%", 100*p)
}

// share renders the share of a tally that is ready, a dash where nothing
// applies.
func share(t assurance.Tally) string {
	if t.Applicable() == 0 {
		return "–"
	}
	return percent(t.ReadyShare)
}

// words renders a status or a reason of a gap for people.
func words(s any) string { return strings.ReplaceAll(fmt.Sprint(s), "_", " ") }

// capital opens s with a capital letter.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// due reports whether there is evidence that has to be renewed one day: of a
// control that is in place, in part at least.
func due(c assurance.ControlStanding) bool {
	return c.Evidence != nil && (c.Status.Holds() || c.Status == assurance.Partial)
}

// group is a category with its criteria.
type group struct {
	assurance.Tally
	Criteria []standing
}

// standing is a criterion as the template sees it.
type standing struct {
	assurance.CriterionStanding
	Anchor string
}

// step is something to do as the template sees it.
type step struct {
	assurance.Step
	Anchor string
}

// firstSteps is how many steps the page shows at its head, and the text for
// terminals; the rest stands with the criteria.
const firstSteps = 12

// groups puts the criteria under their categories, and returns the anchor of
// each.
func groups(r *assurance.Readiness) ([]group, map[string]string) {
	out := make([]group, len(r.Categories))
	at := map[string]int{}
	for i, t := range r.Categories {
		out[i].Tally, at[t.Category] = t, i
	}
	taken, anchor := anchors{}, map[string]string{}
	for i, c := range r.Criteria {
		k, ok := at[c.Category]
		if !ok {
			continue
		}
		anchor[c.ID] = taken.of(c.ID, i)
		out[k].Criteria = append(out[k].Criteria, standing{c, anchor[c.ID]})
	}
	return out, anchor
}

// WriteHTML writes the page.
func WriteHTML(w io.Writer, r *Report) error {
	data := struct {
		*assurance.Readiness
		Name, MadeAt, Program string
		Groups                []group
		Fields                []field
		Steps                 []step
		MoreSteps             int
	}{Readiness: &r.Readiness, Name: frameworkName(r.Readiness.Framework), MadeAt: r.Made.UTC().Format("2006-01-02 15:04 UTC"), Program: r.Program}
	var anchor map[string]string
	data.Groups, anchor = groups(&r.Readiness)
	data.Fields = heatMap(data.Groups)
	for _, s := range r.Readiness.First {
		if len(data.Steps) == firstSteps {
			data.MoreSteps = len(r.Readiness.First) - firstSteps
			break
		}
		data.Steps = append(data.Steps, step{s, anchor[s.Criterion]})
	}
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("write readiness page: %w", err)
	}
	return nil
}
