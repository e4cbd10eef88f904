package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Params say how much work a hash is.
type Params struct {
	KiB    uint32 // memory
	Passes uint32
	Lanes  uint8
}

// Default returns what passwords are encoded with.
func Default() Params { return Params{KiB: 19 * 1024, Passes: 2, Lanes: 1} }

// Bounds of the parameters. What is above is no password of ours: a changed row
// of the table must not make a sign-in take all memory.
const (
	leastKiB   = 8 * 1024
	mostKiB    = 256 * 1024
	mostPasses = 10
	mostLanes  = 4
)

// ErrEncoded says that an encoded password is none. It does not say what it is.
var ErrEncoded = errors.New("what is kept of the password cannot be read; set a new one")

func (p Params) validate() error {
	if p.KiB < leastKiB || p.KiB > mostKiB || p.Passes < 1 || p.Passes > mostPasses || p.Lanes < 1 || p.Lanes > mostLanes {
		return fmt.Errorf("parameters m=%d,t=%d,p=%d are out of bounds; memory is %d to %d KiB, passes are 1 to %d, lanes 1 to %d",
			p.KiB, p.Passes, p.Lanes, leastKiB, mostKiB, mostPasses, mostLanes)
	}
	return nil
}

// below says whether anything of p is less work than other.
func (p Params) below(other Params) bool {
	return p.KiB < other.KiB || p.Passes < other.Passes || p.Lanes < other.Lanes
}

func (p Params) encode(salt, hash []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", p.KiB, p.Passes, p.Lanes, b.EncodeToString(salt), b.EncodeToString(hash))
}

// decode reads what encode wrote.
func decode(encoded string) (p Params, salt, hash []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return p, nil, nil, ErrEncoded
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.KiB, &p.Passes, &p.Lanes); err != nil || p.validate() != nil {
		return p, nil, nil, ErrEncoded
	}
	b := base64.RawStdEncoding.Strict()
	salt, saltErr := b.DecodeString(parts[4])
	hash, hashErr := b.DecodeString(parts[5])
	if saltErr != nil || hashErr != nil || len(salt) != saltBytes || len(hash) != hashBytes || p.encode(salt, hash) != encoded {
		return p, nil, nil, ErrEncoded
	}
	return p, salt, hash, nil
}
