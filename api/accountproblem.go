package api

import (
	"errors"
	"strings"
	"time"

	"vouch/api/oidc"
	"vouch/engine"
)

// The kinds of problems that people have with their accounts.
var (
	signInFailed    = &problemKind{"sign_in_failed", 401, "The address or the password is wrong", "Try again, or ask who runs vouch for another password."}
	needsPerson     = &problemKind{"needs_person", 403, "This is for people, not for tokens", "Sign in, and send the session's cookie."}
	notLetIn        = &problemKind{"not_let_in", 403, "The identity provider does not let you in here", "Do what detail says, and begin again at /api/v1/oidc/start."}
	badLink         = &problemKind{"invalid_link", 404, "The secret is not valid, or not any more", "Ask for a new one."}
	setUpAlready    = &problemKind{"set_up_already", 409, "vouch is set up already", "Sign in, or ask an admin for an invitation."}
	signInFirst     = &problemKind{"sign_in_first", 409, "The address has an account", "Sign in with it, then join at /api/v1/invitations/join."}
	lastAdmin       = &problemKind{"last_admin", 409, "A workspace keeps one admin who can sign in", "Make another member admin first."}
	limitReached    = &problemKind{"limit_reached", 409, "There are as many as may be", "Do what detail says."}
	tooManySignIns  = &problemKind{"too_many_sign_ins", 429, "Too many sign-ins have failed", "Wait as long as Retry-After says."}
	providerFailed  = &problemKind{"provider_failed", 502, "The identity provider does not answer as it should", "Begin again; if it stays, tell who runs the server."}
	crowded         = &problemKind{"crowded", 503, "Too many people sign in at this moment", "Try again as Retry-After says."}
	accountProblems = []*problemKind{signInFailed, needsPerson, notLetIn, badLink, setUpAlready, signInFirst, lastAdmin, limitReached, tooManySignIns, providerFailed, crowded}
)

// accountKinds says which problem an error of accounts is. Its text is what the
// caller is told.
var accountKinds = []struct {
	err  error
	kind *problemKind
}{
	{engine.ErrSignedOut, unauthenticated},
	{engine.ErrSignIn, signInFailed},
	{engine.ErrNeedsPerson, needsPerson},
	{engine.ErrScope, forbidden},
	{engine.ErrForbidden, forbidden},
	{engine.ErrMemberOfOther, forbidden},
	{engine.ErrLink, badLink},
	{engine.ErrSetUp, setUpAlready},
	{engine.ErrSignInFirst, signInFirst},
	{engine.ErrMember, exists},
	{engine.ErrLastAdmin, lastAdmin},
	{engine.ErrManyTokens, limitReached},
	{engine.ErrNotLetIn, notLetIn},
	{engine.ErrNotLinked, notLetIn},
	{oidc.ErrFlow, notLetIn},
	{oidc.ErrRefused, notLetIn},
	{oidc.ErrEmail, notLetIn},
	{oidc.ErrToken, providerFailed},
	{oidc.ErrProvider, providerFailed},
}

// accountFields says which part of what was sent an error of accounts is about.
var accountFields = map[error]string{
	engine.ErrEmail: "/email", engine.ErrName: "/name", engine.ErrTokenRole: "/role", engine.ErrTokenLife: "/days",
	engine.ErrPasswordShort: "/password", engine.ErrPasswordLong: "/password", engine.ErrPasswordText: "/password",
	engine.ErrPasswordPerson: "/password", engine.ErrPasswordCommon: "/password",
}

// accountFailure returns the problem that an error of accounts is, nil if it is
// none.
func accountFailure(err error) *ProblemError {
	var slow *engine.ThrottledError
	switch {
	case errors.As(err, &slow):
		return &ProblemError{kind: tooManySignIns, detail: capital(slow.Error()) + ".", retry: slow.Wait}
	case errors.Is(err, engine.ErrCrowd):
		return &ProblemError{kind: crowded, detail: capital(engine.ErrCrowd.Error()) + ".", retry: crowdWait}
	}
	for _, x := range accountKinds {
		if errors.Is(err, x.err) {
			f := x.kind.because("%s.", capital(x.err.Error()))
			f.cause = err
			return f
		}
	}
	for known, pointer := range accountFields {
		if errors.Is(err, known) {
			return invalid.because("%s.", capital(known.Error())).at(pointer, known.Error())
		}
	}
	return nil
}

// crowdWait is how long to wait where too many sign in.
const crowdWait = 3 * time.Second

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
