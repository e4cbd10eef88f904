package engine_test

import (
	"errors"
	"strings"
	"testing"

	"vouch/engine"
)

// TestCheckNewPassword proves which passwords a person may have.
func TestCheckNewPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		password string
		want     error
	}{
		{"", engine.ErrPasswordShort},
		{"elevenchars", engine.ErrPasswordShort},
		{"grün🙂wörter", engine.ErrPasswordShort}, // 11 characters, 17 bytes
		{strings.Repeat("aB3 xyz!", 32), nil},
		{strings.Repeat("aB3 xyz!", 32) + "x", engine.ErrPasswordLong},
		{"not \xff text at all", engine.ErrPasswordText},
		{"not \x00 text at all", engine.ErrPasswordText},
		{"ada.lovelace@example.com", engine.ErrPasswordPerson},
		{"ADA.Lovelace@Example.com", engine.ErrPasswordPerson},
		{"Ada Lovelace", engine.ErrPasswordPerson},
		{"ada.lovelace1815", engine.ErrPasswordPerson},
		{"AdaLovelaceAdaLovelace", engine.ErrPasswordPerson},
		{"aaaaaaaaaaaaaaaa", engine.ErrPasswordCommon},
		{"121212121212", engine.ErrPasswordCommon},
		{"password1234", engine.ErrPasswordCommon},
		{"P@ssw0rd2026!", engine.ErrPasswordCommon},
		{"WelcomeAdmin99", engine.ErrPasswordCommon},
		{"questionnaire", engine.ErrPasswordCommon},
		{"vouch-audit-2026", engine.ErrPasswordCommon},
		{"12345678901234", engine.ErrPasswordCommon},
		{"abcdefghijklmn", engine.ErrPasswordCommon},
		{"qwertyuiopasdfgh", engine.ErrPasswordCommon},
		{"1qaz2wsx3edc4rfv", engine.ErrPasswordCommon},
		{"9876543210987654", engine.ErrPasswordCommon},
		{"correct horse battery staple", nil},
		{"Ada Lovelace rides seldom", nil},
		{"password of nobody else", nil},
		{"tr0ub4dor&3xyz", nil},
		{"漢字漢語日本学生東京大学", nil},
		{"58203174629517", nil},
	} {
		err := engine.CheckNewPassword(c.password, "ada.lovelace@example.com", "Ada Lovelace")
		if !errors.Is(err, c.want) {
			t.Errorf("%.40q: got %v, want %v", c.password, err, c.want)
		}
		if err != nil && len(c.password) > 8 && strings.Contains(err.Error(), c.password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// TestParseEmailAndName proves what an address and a name are.
func TestParseEmailAndName(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"ada@example.com": "ada@example.com", " Ada@Example.COM ": "ada@example.com", "a+b@x.y": "a+b@x.y",
		"": "", "ada": "", "ada@": "", "@x": "", "Ada <ada@example.com>": "", "a b@x.y": "", "a@x.y, b@x.y": "", "a@x.y\nBcc: b@x.y": "", "a\u202e@x.y": "",
		strings.Repeat("a", 251) + "@x.y": "",
	} {
		if got, err := engine.ParseEmail(s); got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, engine.ErrEmail) {
			t.Errorf("%q: %q (%v), want %q", s, got, err, want)
		}
	}
	for s, ok := range map[string]bool{
		"Ada": true, " 漢字 é ": true, strings.Repeat("é", 200): true,
		"": false, "  ": false, strings.Repeat("é", 201): false, "a\nb": false, "a\tb": false, "a\x00": false, "a\u202eb": false, "\xff": false,
	} {
		if got, err := engine.ParseName(s); (err == nil) != ok || ok && got != strings.TrimSpace(s) {
			t.Errorf("%q: %q (%v), want it taken: %t", s, got, err, ok)
		}
	}
}
