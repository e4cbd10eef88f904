package quality

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"vouch/engine"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": percent, "share": share, "verdict": verdict, "points": curvePoints, "bars": bars, "ticks": ticks, "tableCurve": tableCurve,
	"n":   func(x float64) string { return fmt.Sprintf("%.1f", x) },
	"css": func() template.CSS { return template.CSS(pageCSS) }, //nolint:gosec // our own embedded file
}).Parse(pageText))

// percent renders a share for people: 0.934 is 93 %, with a blank that does
// not break.
func percent(p float64) string { return fmt.Sprintf("%.0f\u00a0%%", 100*p) }

// share renders a part of a whole, a dash for a part of nothing.
func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return percent(float64(part) / float64(whole))
}

// verdict renders a verdict for people.
func verdict(v engine.Verdict) string {
	if v == engine.VerdictNone {
		return "neither yes nor no"
	}
	return strings.ReplaceAll(string(v), "_", " ")
}

// WriteHTML writes the page.
func WriteHTML(w io.Writer, r *Report) error {
	data := struct {
		*Report
		MadeAt string
		Rows   []Figures // all together first
	}{r, r.Made.UTC().Format("2006-01-02 15:04 UTC"), nil}
	all := r.Together
	all.Name = "All together"
	data.Rows = append(append(data.Rows, all), r.Questionnaires...)
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("write quality page: %w", err)
	}
	return nil
}
