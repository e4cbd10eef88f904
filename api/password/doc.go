// Package password keeps passwords with argon2id. [Hasher] is the engine's
// PasswordHasher.
//
// A password is kept as text with everything needed to check it:
//
//	$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH
//
// with 16 random bytes of salt and 32 of hash in base64 without padding. The
// parameters are memory in KiB, passes and lanes; those above are [Default],
// which OWASP's cheat sheet on password storage names as enough. When they rise,
// what was encoded with lower ones still counts, and is outdated: whoever signs
// in next has their password encoded anew. Until then a wrong password for
// such a user takes less time than one for nobody, which tells that there is
// somebody; raise them seldom.
//
// Each hash takes its memory for some tens of milliseconds. A flood of sign-ins
// would take all there is, so that only a few run at a time, some wait, and who
// comes then is sent away with engine.ErrCrowd.
package password
