package api

import (
	"net/http"
	"time"
)

// Cookies are named without the prefix where the server is reached over plain
// HTTP: clients keep __Host- and Secure by HTTPS only.
const (
	hostPrefix    = "__Host-"
	sessionCookie = "vouch_session"
	flowCookie    = "vouch_oidc"
)

// cookies writes and reads the cookies of browsers. secure says that they reach
// the server by HTTPS, its own or that of a proxy it trusts. Then a cookie is
// named __Host-…: no subdomain and nobody on the way can set another.
type cookies struct{ secure bool }

func (c cookies) name(name string) string {
	if c.secure {
		return hostPrefix + name
	}
	return name
}

// write returns a cookie as a header. It lasts as long as life says; with 0,
// until the browser is closed.
func (c cookies) write(name, value string, life time.Duration) string {
	return c.header(name, value, int(life/time.Second))
}

// remove returns the header that takes a cookie away.
func (c cookies) remove(name string) string { return c.header(name, "", -1) }

func (c cookies) header(name, value string, seconds int) string {
	x := http.Cookie{Name: c.name(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode} //nolint:gosec // Secure wherever it would be kept
	return x.String()
}

// read returns the value of a cookie, "" if there is none. Of two with one name
// somebody else has set one, and none counts.
func (c cookies) read(r *http.Request, name string) string {
	if list := r.CookiesNamed(c.name(name)); len(list) == 1 {
		return list[0].Value
	}
	return ""
}

// session returns the secret of a browser's session. A token is none.
func (c cookies) session(r *http.Request) string {
	if secret := c.read(r, sessionCookie); !isToken(secret) {
		return secret
	}
	return ""
}
