package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"runtime"

	"golang.org/x/crypto/argon2"

	"vouch/engine"
)

var _ engine.PasswordHasher = (*Hasher)(nil)

// Sizes of what is encoded, in bytes.
const (
	saltBytes = 16
	hashBytes = 32
)

// Hasher encodes and checks passwords. It is safe for concurrent use.
type Hasher struct {
	params  Params
	running chan struct{} // has a place for each that may run
	coming  chan struct{} // has a place for each that may run or wait
	nobody  string        // an encoded password that nobody has
}

// New returns a hasher that runs at most so many hashes at a time, each with the
// memory that p says, and lets 16 times as many wait. With 0 there are as many
// as processors.
func New(p Params, atOnce int) (*Hasher, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	if atOnce <= 0 {
		atOnce = runtime.GOMAXPROCS(0)
	}
	h := &Hasher{params: p, running: make(chan struct{}, atOnce), coming: make(chan struct{}, 17*atOnce)}
	var unknown [hashBytes]byte
	_, _ = rand.Read(unknown[:])
	h.nobody = p.encode(newSalt(), unknown[:])
	return h, nil
}

// HashPassword returns a password as it is kept.
func (h *Hasher) HashPassword(ctx context.Context, password string) (string, error) {
	salt := newSalt()
	hash, err := h.run(ctx, password, salt, h.params)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return h.params.encode(salt, hash), nil
}

// CheckPassword says whether a password is the encoded one, and whether that is
// outdated. For "" it works as long, and says no.
func (h *Hasher) CheckPassword(ctx context.Context, password, encoded string) (ok, outdated bool, err error) {
	known := encoded != ""
	if !known {
		encoded = h.nobody
	}
	p, salt, want, err := decode(encoded)
	if err != nil {
		return false, false, fmt.Errorf("check password: %w", err)
	}
	got, err := h.run(ctx, password, salt, p)
	if err != nil {
		return false, false, fmt.Errorf("check password: %w", err)
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && known
	return ok, ok && p.below(h.params), nil
}

// run hashes when it is its turn. Who has given up is not hashed for.
func (h *Hasher) run(ctx context.Context, password string, salt []byte, p Params) ([]byte, error) {
	select {
	case h.coming <- struct{}{}:
		defer func() { <-h.coming }()
	default:
		return nil, engine.ErrCrowd
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return argon2.IDKey([]byte(password), salt, p.Passes, p.KiB, p.Lanes, hashBytes), nil
}

func newSalt() []byte {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails: the program ends where there is no randomness
	return salt
}
