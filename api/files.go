package api

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
)

// LibraryFiles are what the API asks of those who know the formats of files:
// this package imports none of them. All are needed.
type LibraryFiles struct {
	// ReadControls reads the controls in a file that somebody sent.
	ReadControls func(ctx context.Context, path string) (ControlFile, error)

	// ReadRegister reads what a file says of a register. With problems the
	// rest is of no use.
	ReadRegister func(ctx context.Context, path string) (RegisterFile, []FieldError, error)

	// WriteEntries and WriteControls write lists as csv or json, controls as
	// oscal too.
	WriteEntries  func(w io.Writer, format string, entries iter.Seq2[engine.Entry, error]) error
	WriteControls func(w io.Writer, format, company string, controls []engine.Control) error

	// CheckLexicon says which lines of a workspace's own lexicon do not fit.
	CheckLexicon func(text string) ([]FieldError, error)
}

func (f *LibraryFiles) complete() bool {
	return f.ReadControls != nil && f.ReadRegister != nil && f.WriteEntries != nil && f.WriteControls != nil && f.CheckLexicon != nil
}

// ControlFile is what a file held of controls.
type ControlFile struct {
	Controls []engine.Control
	Refused  []RowNote // rows that are no controls
	Notes    []RowNote // rows that were taken all the same
}

// RegisterFile is what a file says of a register.
type RegisterFile interface {
	// Over lays it over a register, and says what of the whole cannot be.
	Over(stored *assurance.Register) (*assurance.Register, []FieldError)
}

// patient is a reply of any length: each piece of it has its own time, so that
// a slow reader gets all and one who does not read is cut off.
type patient struct {
	http.ResponseWriter
	deadlines *http.ResponseController
	each      time.Duration
}

func (s *Server) patient(w http.ResponseWriter) patient {
	return patient{w, http.NewResponseController(w), 6 * s.Limits.Write}
}

// Write writes a piece.
func (p patient) Write(b []byte) (int, error) {
	if err := p.deadlines.SetWriteDeadline(time.Now().Add(p.each)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}

// file begins a reply that is a file.
func (p patient) file(kind, name string) {
	p.Header().Set("Content-Type", kind)
	p.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}
