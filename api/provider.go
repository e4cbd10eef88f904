package api

import (
	"context"
	"net/http"
	"net/url"

	"vouch/api/oidc"
	"vouch/engine"
)

// Provider signs people in elsewhere. [*oidc.Client] is one.
type Provider interface {
	// Begin returns where to send a browser, and what it keeps meanwhile.
	Begin(ctx context.Context) (oidc.Begun, error)

	// Finish returns who it is, by what the browser kept and came back with.
	Finish(ctx context.Context, cookie string, query url.Values) (engine.ExternalIdentity, error)
}

// CallbackPath is where a provider sends browsers back to.
const CallbackPath = "/api/v1/oidc/callback"

// afterSignIn is where browsers go that have signed in with a provider.
const afterSignIn = "/api/v1/me"

// StartProviderSignIn sends a browser to the provider.
func (s *Server) StartProviderSignIn(ctx context.Context, _ StartProviderSignInRequestObject) (StartProviderSignInResponseObject, error) {
	if s.Provider == nil {
		return nil, noProvider()
	}
	b, err := s.Provider.Begin(requestContext(ctx))
	if err != nil {
		return nil, err
	}
	return toProvider{b.URL, s.cookies.write(flowCookie, b.Cookie, b.Life)}, nil
}

// FinishProviderSignIn makes a session for who comes back from the provider.
// The cookie of the beginning goes in any case: it is good for one try.
func (s *Server) FinishProviderSignIn(ctx context.Context, _ FinishProviderSignInRequestObject) (FinishProviderSignInResponseObject, error) {
	if s.Provider == nil {
		return nil, noProvider()
	}
	x := callOf(ctx)
	ctx = requestContext(ctx)
	in, err := s.fromProvider(ctx, x)
	s.hub.askAgain() // roles follow the groups, also of who is not let in any more
	if err != nil {
		x.writer.Header().Add("Set-Cookie", s.cookies.remove(flowCookie))
		return nil, err
	}
	return fromProvider{s.cookies.write(sessionCookie, in.Secret, 0), s.cookies.remove(flowCookie)}, nil
}

func (s *Server) fromProvider(ctx context.Context, x *call) (engine.SignedIn, error) {
	id, err := s.Provider.Finish(ctx, s.cookies.read(x.request, flowCookie), x.request.URL.Query())
	if err != nil {
		return engine.SignedIn{}, err
	}
	return s.Accounts.SignInExternal(ctx, id, s.browser(x))
}

func noProvider() error { return notFound.because("No identity provider is set up here.") }

// toProvider is the reply that sends a browser to the provider.
type toProvider struct{ to, cookie string }

// VisitStartProviderSignInResponse writes it.
func (r toProvider) VisitStartProviderSignInResponse(w http.ResponseWriter) error {
	return redirect(w, r.to, r.cookie)
}

// fromProvider is the reply to a browser that came back: the session, and the
// end of what it kept.
type fromProvider struct{ session, flow string }

// VisitFinishProviderSignInResponse writes it.
func (r fromProvider) VisitFinishProviderSignInResponse(w http.ResponseWriter) error {
	return redirect(w, afterSignIn, r.session, r.flow)
}
