package store

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	blockNumbers = 4096             // in a block
	blockBytes   = blockNumbers / 8 // of a block with a bit for each
)

// block is which of 4096 numbers are in a list, as the table holds it: two bytes
// for each, rising, or one bit for each, whichever is shorter.
type block []byte

// numbers appends the numbers of the block at a place to list, rising.
func (b block) numbers(list []uint32, at int64) []uint32 {
	first := uint32(at * blockNumbers)
	if len(b) < blockBytes {
		for ; len(b) >= 2; b = b[2:] {
			list = append(list, first+uint32(binary.BigEndian.Uint16(b)))
		}
		return list
	}
	for i, x := range b {
		for ; x != 0; x &= x - 1 {
			list = append(list, first+uint32(i*8+bits.TrailingZeros8(x)))
		}
	}
	return list
}

// bitmap is a block with a bit for each number.
type bitmap [blockBytes]byte

func (m *bitmap) load(b block) {
	if len(b) == blockBytes {
		copy(m[:], b)
		return
	}
	for ; len(b) >= 2; b = b[2:] {
		m.set(binary.BigEndian.Uint16(b), true)
	}
}

func (m *bitmap) set(n uint16, in bool) {
	if in {
		m[n/8] |= 1 << (n % 8)
	} else {
		m[n/8] &^= 1 << (n % 8)
	}
}

// block returns m as the table holds it, nil if nothing is in it.
func (m *bitmap) block() block {
	count := 0
	for _, x := range m {
		count += bits.OnesCount8(x)
	}
	if 2*count >= blockBytes {
		return slices.Clone(m[:])
	}
	var b block
	for i, x := range m {
		for ; x != 0; x &= x - 1 {
			b = binary.BigEndian.AppendUint16(b, uint16(i*8+bits.TrailingZeros8(x)))
		}
	}
	return b
}

// packTerms returns terms as the table holds them.
func packTerms(terms []uint64) []byte {
	b := make([]byte, 0, 8*len(terms))
	for _, t := range terms {
		b = binary.BigEndian.AppendUint64(b, t)
	}
	return b
}

func unpackTerms(b []byte) []uint64 {
	terms := make([]uint64, 0, len(b)/8)
	for ; len(b) >= 8; b = b[8:] {
		terms = append(terms, binary.BigEndian.Uint64(b))
	}
	return terms
}

// array is a list as a parameter of a statement, in PostgreSQL's text format.
type array struct{ b strings.Builder }

func (a *array) next() {
	if a.b.Len() == 0 {
		a.b.WriteByte('{')
		return
	}
	a.b.WriteByte(',')
}

func (a *array) number(n int64) {
	a.next()
	a.b.WriteString(strconv.FormatInt(n, 10))
}

// bytes adds what decode(…, 'hex') turns into bytes again.
func (a *array) bytes(b []byte) {
	a.next()
	a.b.WriteByte('"')
	a.b.WriteString(hex.EncodeToString(b))
	a.b.WriteByte('"')
}

var quoteArray = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (a *array) string(s string) {
	a.next()
	a.b.WriteByte('"')
	a.b.WriteString(quoteArray.Replace(s))
	a.b.WriteByte('"')
}

func (a *array) text() string {
	if a.b.Len() == 0 {
		return "{}"
	}
	return a.b.String() + "}"
}
