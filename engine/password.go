package engine

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PasswordHasher turns passwords into what can be kept. It is slow and takes
// memory on purpose, so it runs a few at a time: when too many wait already,
// the error is [ErrCrowd].
type PasswordHasher interface {
	// HashPassword returns a password as it is kept, with what is needed to
	// check it later.
	HashPassword(ctx context.Context, password string) (encoded string, err error)

	// CheckPassword says whether a password is the one that was encoded, and
	// whether it should be encoded anew because it is done better by now. For
	// "" it does the same work and says no: who has no password must not be
	// told apart by time.
	CheckPassword(ctx context.Context, password, encoded string) (ok, outdated bool, err error)
}

// Bounds of a password.
const (
	minPasswordChars = 12
	maxPasswordBytes = 256 // more is no safer, and is work for us
)

// Errors of passwords. Compare with [errors.Is].
var (
	ErrCrowd          = errors.New("too many people sign in at this moment; try again in a few seconds")
	ErrPasswordShort  = errors.New("the password is too short; use at least 12 characters, for example four words that do not belong together")
	ErrPasswordLong   = errors.New("the password is too long; use at most 256 bytes")
	ErrPasswordText   = errors.New("the password holds a byte that is no text; use letters, digits, signs and blanks")
	ErrPasswordPerson = errors.New("the password is made of your name or address; use something that is not written beside it")
	ErrPasswordCommon = errors.New("the password is one of those that are tried first; use several words that do not belong together")
)

// CheckNewPassword returns the first thing wrong with a password that a user
// with this address and name wants to have, or nil.
func CheckNewPassword(password, email, name string) error {
	switch {
	case len(password) > maxPasswordBytes:
		return ErrPasswordLong
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return ErrPasswordText
	case utf8.RuneCountInString(password) < minPasswordChars:
		return ErrPasswordShort
	case ofThePerson(password, email, name):
		return ErrPasswordPerson
	case common(password):
		return ErrPasswordCommon
	}
	return nil
}

// ofThePerson says whether a password is the name or address of its user, or
// what is left of them, with nothing of weight around it.
func ofThePerson(password, email, name string) bool {
	p := letters(password)
	local, domain, _ := strings.Cut(email, "@")
	for _, own := range []string{email, local, name, name + local, local + domain} {
		if o := letters(own); len(o) >= 3 && (p == o || strings.EqualFold(password, own)) {
			return true
		}
	}
	return strings.EqualFold(password, email)
}

// first are the words that guessing begins with, among them those of this
// trade. A password that is made of them and of digits is refused.
var first = strings.Fields(`password passwort passphrase secret geheim welcome willkommen hello hallo admin administrator
	root user guest test login letmein access master changeme change default temp qwerty qwertz azerty asdf zxcv iloveyou
	love monkey dragon sunshine princess football baseball superman batman summer winter spring autumn sommer january
	monday company firma security sicherheit audit vouch questionnaire compliance customer cloud server office
	me it in is my the for a i you to let only one two abc xyz`)

// common says whether a password is one of those that are tried first: few
// different characters, a run along the alphabet, the digits or a row of the
// keyboard, or well-known words with digits and signs between them.
func common(password string) bool {
	different := map[rune]bool{}
	for _, r := range strings.ToLower(password) {
		different[r] = true
	}
	core := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	return len(different) < 5 || runs(password) || madeOf(letters(password), first) || madeOf(letters(plain(core)), first)
}

// plain returns a password with the signs that are written for letters read as
// those.
func plain(s string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(strings.ToLower(s))
}

// letters returns the letters of a text, small.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// rows are the runs that hands make, forwards; they are looked for backwards
// too.
var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn"}

// runs says whether a password is nothing but runs of four and more.
func runs(password string) bool {
	p := strings.ToLower(password)
	for len(p) > 0 {
		n := 0
		for _, row := range rows {
			n = max(n, runLength(p, row), runLength(p, reversed(row)))
		}
		if n < min(4, len(p)) {
			return false
		}
		p = p[n:]
	}
	return true
}

// runLength returns how much of the beginning of s stands in row.
func runLength(s, row string) int {
	n := 0
	for n < len(s) && strings.Contains(row, s[:n+1]) {
		n++
	}
	return n
}

func reversed(s string) string {
	b := []byte(s) // rows are ASCII
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// madeOf says whether s is words of a list one after the other, and nothing
// else. Where there are no letters there are no words.
func madeOf(s string, words []string) bool {
	reached := make([]bool, len(s)+1)
	reached[0] = true
	for i := range s {
		for _, w := range words {
			if reached[i] && strings.HasPrefix(s[i:], w) {
				reached[i+len(w)] = true
			}
		}
	}
	return s != "" && reached[len(s)]
}
