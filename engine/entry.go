package engine

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Entry is an approved answer in the answer library. An entry is never
// changed in place: each change is a new version, and the old ones are kept.
type Entry struct {
	ID         string     `json:"id"`      // UUIDv7, made by the store
	Version    int        `json:"version"` // from 1
	Question   string     `json:"question"`
	Verdict    Verdict    `json:"verdict,omitempty"`
	Answer     string     `json:"answer,omitempty"` // the answer cell as it was given when it is no plain verdict: "AES-256", "Quarterly"
	Text       string     `json:"text,omitempty"`   // the explanation
	Ownership  string     `json:"ownership,omitempty"`
	Section    string     `json:"section,omitempty"`
	Tags       []string   `json:"tags,omitempty"`
	Owner      string     `json:"owner,omitempty"`
	ReviewedAt *time.Time `json:"reviewed_at,omitempty"` // the day it was last reviewed, UTC midnight
	ReviewBy   *time.Time `json:"review_by,omitempty"`   // the day by which it must be reviewed again, UTC midnight: the last day on which it may be used
	Source     Source     `json:"source"`

	Visibility Visibility `json:"visibility,omitempty"` // who may be given it
	Products   []string   `json:"products,omitempty"`   // what it is true of; none is all of them
	Language   string     `json:"language,omitempty"`   // ISO 639-1, "" if unknown
}

// Source says where an imported entry or control came from: the file's base
// name and the place in it. Together with the question it makes importing
// the same file twice change nothing.
type Source struct {
	File  string `json:"file"`
	Ref   string `json:"ref,omitempty"`   // the id it had there
	Nth   int    `json:"nth,omitempty"`   // 0 for the first entry with this question and ref in the file, 1 for the second …
	Place string `json:"place,omitempty"` // where, for people: Sheet!B5, line 12
}

// Limits on one entry and one control. Longer texts do not fit an Excel cell
// (32,767 characters) and are refused on import instead of cut.
const (
	MaxQuestionChars = 8_000
	MaxAnswerChars   = 32_767
)

// Errors of [Entry.Validate].
var (
	ErrNoQuestion      = errors.New("the question is empty")
	ErrNoAnswer        = errors.New("there is no answer")
	ErrTooLong         = errors.New("longer than a cell can hold (32,767 characters)")
	ErrQuestionTooLong = errors.New("the question is longer than 8,000 characters")
	ErrReviewBy        = errors.New("the day to review it by is before the day it was last reviewed; it must be that day or a later one")
	ErrVisibility      = errors.New("the visibility is none of public, nda and internal")
	ErrLanguage        = errors.New("the language is no code of two small letters, such as en")
	ErrProducts        = errors.New("a product has no name or one with a comma, semicolon, bar or line break, or there are more than 50")
)

// maxProducts bounds what one entry is true of.
const maxProducts = 50

// Validate returns why e cannot be an entry, or nil.
func (e *Entry) Validate() error {
	switch {
	case FoldWords(e.Question) == "":
		return ErrNoQuestion
	case runeCount(e.Question) > MaxQuestionChars:
		return ErrQuestionTooLong
	case e.Verdict == VerdictNone && strings.TrimSpace(e.Answer) == "" && strings.TrimSpace(e.Text) == "":
		return ErrNoAnswer
	case runeCount(e.Answer) > MaxAnswerChars || runeCount(e.Text) > MaxAnswerChars:
		return ErrTooLong
	case e.ReviewBy != nil && e.ReviewedAt != nil && e.ReviewBy.Before(*e.ReviewedAt):
		return ErrReviewBy
	case !e.Visibility.IsValid():
		return ErrVisibility
	case e.Language != "" && !IsLanguage(e.Language):
		return ErrLanguage
	case len(e.Products) > maxProducts || slices.ContainsFunc(e.Products, noProduct):
		return ErrProducts
	}
	return nil
}

// IsLanguage reports whether s is written as a code of ISO 639-1.
func IsLanguage(s string) bool {
	return len(s) == 2 && s[0] >= 'a' && s[0] <= 'z' && s[1] >= 'a' && s[1] <= 'z'
}

// noProduct reports whether p cannot name a product: lists part the names by
// these signs.
func noProduct(p string) bool { return productKey(p) == "" || strings.ContainsAny(p, ",;|\r\n") }

// productKey is what makes two names the same product: blanks around it and
// case do not count.
func productKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// IsFor reports whether e holds for a product: every entry that names none,
// and those that name it. An unnamed product is none that any of them names.
func (e *Entry) IsFor(product string) bool {
	return len(e.Products) == 0 ||
		slices.ContainsFunc(e.Products, func(p string) bool { return productKey(p) == productKey(product) })
}

// shareProduct reports whether there can be a product that both entries are
// true of.
func shareProduct(a, b *Entry) bool {
	return len(a.Products) == 0 || slices.ContainsFunc(a.Products, b.IsFor)
}

// Key is what makes two entries ask the same: the folded question.
func (e *Entry) Key() string { return FoldWords(e.Question) }

// SaysSame reports whether e and o say the same in every field a reviewer
// answers for; id, version and source are not compared.
func (e *Entry) SaysSame(o *Entry) bool {
	return e.Question == o.Question && e.Verdict == o.Verdict && e.Answer == o.Answer && e.Text == o.Text &&
		e.Ownership == o.Ownership && e.Section == o.Section && strings.Join(e.Tags, "\x00") == strings.Join(o.Tags, "\x00") &&
		e.Owner == o.Owner && sameDay(e.ReviewedAt, o.ReviewedAt) && sameDay(e.ReviewBy, o.ReviewBy) &&
		e.Visibility == o.Visibility && slices.Equal(e.Products, o.Products) && e.Language == o.Language
}

func sameDay(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

func runeCount(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}
