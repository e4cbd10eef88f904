package list

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"vouch/engine"
)

// exportHeadings are the columns of an exported list, as Entries reads them.
var exportHeadings = []string{"ID", "Section", "Question", "Verdict", "Answer", "Explanation", "Ownership", "Tags", "Owner", "Reviewed", "Review by", "Visibility", "Products", "Language"}

// WriteEntriesCSV writes entries as a list that [Entries] reads back: UTF-8
// with byte order mark (so that Excel reads it as such), comma, CRLF, and
// with formulas defused. Versions and sources stay behind; Source.Ref is the
// id.
func WriteEntriesCSV(w io.Writer, entries []engine.Entry) error {
	return StreamEntriesCSV(w, each(entries))
}

// StreamEntriesCSV is [WriteEntriesCSV] for entries that come one by one. An
// error among them ends the list, and is returned.
func StreamEntriesCSV(w io.Writer, entries iter.Seq2[engine.Entry, error]) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("\ufeff") // the writer keeps its first error for Flush
	WriteRow(b, exportHeadings)
	for e, err := range entries {
		if err != nil {
			return err
		}
		WriteRow(b, []string{
			e.Source.Ref, e.Section, e.Question, verdictWord(e.Verdict), e.Answer, e.Text, e.Ownership,
			strings.Join(e.Tags, "; "), e.Owner, isoDay(e.ReviewedAt), isoDay(e.ReviewBy), string(e.Visibility), strings.Join(e.Products, "; "), e.Language,
		})
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write list of answers: %w", err)
	}
	return nil
}

// WriteRow writes one row of a list in CSV: commas, CRLF, formulas defused. b
// keeps the first error for Flush.
func WriteRow(b *bufio.Writer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		c = Defuse(strings.ToValidUTF8(c, "\uFFFD"))
		if strings.ContainsAny(c, "\",;\t|\r\n") || strings.TrimSpace(c) != c {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		_, _ = b.WriteString(c)
	}
	_, _ = b.WriteString("\r\n")
}

// verdictWord is never empty: an empty cell would be read from the answer.
func verdictWord(v engine.Verdict) string {
	if v == engine.VerdictNone {
		return narrative
	}
	return string(v)
}

func isoDay(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// exported is an entry as JSON says it; EntriesJSON reads the same names.
type exported struct {
	ID          string   `json:"id,omitempty"`
	Section     string   `json:"section,omitempty"`
	Question    string   `json:"question"`
	Verdict     string   `json:"verdict"`
	Answer      string   `json:"answer,omitempty"`
	Explanation string   `json:"explanation,omitempty"`
	Ownership   string   `json:"ownership,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Reviewed    string   `json:"reviewed,omitempty"`
	ReviewBy    string   `json:"review_by,omitempty"`
	Visibility  string   `json:"visibility,omitempty"`
	Products    []string `json:"products,omitempty"`
	Language    string   `json:"language,omitempty"`
}

// WriteEntriesJSON writes entries as {"entries": […]}, which [EntriesJSON]
// reads back. Versions and sources stay behind; Source.Ref is the id.
func WriteEntriesJSON(w io.Writer, entries []engine.Entry) error {
	return StreamEntriesJSON(w, each(entries))
}

// StreamEntriesJSON is [WriteEntriesJSON] for entries that come one by one. An
// error among them ends the file, which is no JSON then, and is returned.
func StreamEntriesJSON(w io.Writer, entries iter.Seq2[engine.Entry, error]) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("{\n  \"entries\": [") // the writer keeps its first error for Flush
	between, end := "\n    ", "]\n}\n"
	for e, err := range entries {
		if err != nil {
			return err
		}
		text, err := exportedJSON(&e)
		if err != nil {
			return fmt.Errorf("write list of answers: %w", err)
		}
		_, _ = b.WriteString(between)
		_, _ = b.Write(text)
		between, end = ",\n    ", "\n  ]\n}\n"
	}
	_, _ = b.WriteString(end)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write list of answers: %w", err)
	}
	return nil
}

// exportedJSON returns an entry as the list in JSON has it, in its depth.
func exportedJSON(e *engine.Entry) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("    ", "  ")
	err := enc.Encode(exported{
		ID: e.Source.Ref, Section: e.Section, Question: e.Question, Verdict: verdictWord(e.Verdict), Answer: e.Answer,
		Explanation: e.Text, Ownership: e.Ownership, Tags: e.Tags, Owner: e.Owner, Reviewed: isoDay(e.ReviewedAt), ReviewBy: isoDay(e.ReviewBy),
		Visibility: string(e.Visibility), Products: e.Products, Language: e.Language,
	})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// each yields a list.
func each(entries []engine.Entry) iter.Seq2[engine.Entry, error] {
	return func(yield func(engine.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}
