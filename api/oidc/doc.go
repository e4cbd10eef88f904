// Package oidc signs people in with an identity provider by OpenID Connect: the
// authorization code flow with PKCE. It is the client's side of it, and makes
// an [engine.ExternalIdentity] of the provider's answer; what that person may is
// for the engine.
//
// [Client.Begin] returns where to send the browser and what to put in a cookie.
// The cookie binds the answer to the browser that asked: it holds the state, the
// nonce and the verifier of PKCE, so that no server keeps anything and any
// process can finish. It must be HttpOnly, Secure, SameSite=Lax, named __Host-…,
// which no other site and no subdomain can set, and be deleted when it comes
// back. [Client.Finish] takes it and the query that the provider sent:
//
//   - the cookie is not older than ten minutes, and the state is the one in it,
//     compared in constant time;
//   - where the answer says which provider it is from (RFC 9207), it is ours, and
//     it does say so if the provider promises to;
//   - the code is exchanged with the verifier, so that a code that was caught on
//     its way is worth nothing without the cookie;
//   - the ID token is signed with a key of the provider by an algorithm with two
//     keys (never none, never a shared secret), is for us, from the provider, has
//     not expired, holds the nonce, and the hash of the access token if any;
//   - the provider has verified the address.
//
// Groups come in a claim of the ID token, and [Grant] says where each leads. What
// is found at the provider (endpoints, keys) is looked up when the first person
// signs in, so that we start without it; every request to it has a time and a
// size limit, follows no redirect, and goes to https, or to this machine.
//
// Errors say what is wrong and hold no code, token or secret.
package oidc
