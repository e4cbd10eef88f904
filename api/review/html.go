package review

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": percent, "gap": GapText, "sentence": sentence, "width": func(p float64) int { return int(100*p + 0.5) },
	"css": func() template.CSS { return template.CSS(pageCSS) }, //nolint:gosec // our own embedded file
}).Parse(pageText))

// sentence opens s with a capital and ends it with a full stop.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + strings.TrimSuffix(s[n:], ".") + "."
}

// group is a run of questions under one sheet and section.
type group struct {
	Sheet, Section string
	Rows           []row
}

// row is one question as the template sees it.
type row struct {
	*engine.Answer
	Status   status
	Shown    *engine.Revision
	Controls []engine.Control
	Cells    string // where the answer goes, for a question without values
}

// skipRun is a run of rows skipped for one reason.
type skipRun struct {
	Sheet       string
	First, Last int
	Reason      string
	Detail      string
	Text        string
}

// gapCount is one line of the gap statistics.
type gapCount struct {
	Reason engine.GapReason
	Count  int
}

// WriteHTML writes the page.
func WriteHTML(w io.Writer, r *Report) error {
	data := struct {
		*Report
		Groups  []group
		Skips   []skipRun
		GapList []gapCount
		GapSum  int
		MadeAt  string
	}{Report: r, Groups: groups(r.Answers), Skips: skipRuns(r.Questionnaire.Skipped), MadeAt: r.Made.UTC().Format("2006-01-02 15:04 UTC")}
	for _, reason := range engine.GapReasons() {
		if n := r.Summary.Gaps[reason]; n > 0 {
			data.GapList = append(data.GapList, gapCount{reason, n})
			data.GapSum += n
		}
	}
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("write review page: %w", err)
	}
	return nil
}

// groups parts the answers by sheet and section, in order.
func groups(answers []engine.Answer) []group {
	var out []group
	for i := range answers {
		a := &answers[i]
		q := a.Question
		if n := len(out); n == 0 || out[n-1].Sheet != q.Locator.Sheet || out[n-1].Section != q.Section {
			out = append(out, group{Sheet: q.Locator.Sheet, Section: q.Section})
		}
		g := &out[len(out)-1]
		var cells []string
		for _, p := range q.Parts {
			cells = append(cells, strings.Join(p.Locator.Cells, "|"))
		}
		g.Rows = append(g.Rows, row{Answer: a, Status: statusOf(a), Shown: shown(a), Controls: controls(a), Cells: strings.Join(cells, ", ")})
	}
	return out
}

// skipRuns joins neighbouring rows with the same reason.
func skipRuns(skipped []engine.Skipped) []skipRun {
	var out []skipRun
	for _, s := range skipped {
		if n := len(out); n > 0 && s.Detail == "" && out[n-1].Detail == "" && out[n-1].Sheet == s.Sheet && out[n-1].Reason == s.Reason.Text() && out[n-1].Last+1 == s.Row {
			out[n-1].Last = s.Row
			continue
		}
		out = append(out, skipRun{s.Sheet, s.Row, s.Row, s.Reason.Text(), s.Detail, s.Text})
	}
	return out
}
