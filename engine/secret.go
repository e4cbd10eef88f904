package engine

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// secretBytes is how long a secret is: 256 bits cannot be guessed, so that its
// hash needs no salt and no work to be safe in a table.
const secretBytes = 32

// TokenPrefix begins every API token, for people and for programs that look
// for secrets in the wrong places.
const TokenPrefix = "vouch_"

// newSecret returns a new secret that begins with prefix, and its hash. Only
// the hash is ever stored.
func newSecret(prefix string) (secret, hash string) {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // it never fails: the program ends where there is no randomness
	secret = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, HashSecret(secret)
}

// HashSecret returns the hash by which a secret is found: SHA-256 in hex. The
// time to find it says nothing of the secret, since who guesses does not choose
// the hash.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
