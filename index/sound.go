package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
)

// bleve reads what it finds on disk in goroutines of its own, where nobody can
// recover from a page that is cut short or torn: the process would die. So a
// generation is looked at before bleve gets it. The segments have a checksum
// (checkSegments). The bolt file that names them has none; what it was when
// the index was closed is kept beside it, and after a crash, when that is
// missing, it has to be as long as it says itself.
const (
	rootFile = "store/root.bolt"
	sumFile  = "root.sum" // CRC-32 of rootFile, 4 bytes big endian; there only while the generation is closed
)

// sealRoot keeps the checksum of a generation that bleve has closed.
func sealRoot(path string) error {
	sum, err := sumOf(filepath.Join(path, rootFile))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(path, sumFile), binary.BigEndian.AppendUint32(nil, sum), 0o600); err != nil {
		return fmt.Errorf("keep checksum of the index: %w", err)
	}
	return nil
}

func sumOf(path string) (uint32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read index root: %w", err)
	}
	return crc32.ChecksumIEEE(b), nil
}

// checkRoot does what lookAtRoot does, and takes the checksum away: bleve is
// about to write to the file.
func checkRoot(path string) error {
	if err := lookAtRoot(path); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(path, sumFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove checksum of the index: %w", err)
	}
	return nil
}

// lookAtRoot returns an error if the bolt file is not what it was when the
// generation was closed or, if nobody closed it, not whole.
func lookAtRoot(path string) error {
	kept, err := os.ReadFile(filepath.Join(path, sumFile))
	if errors.Is(err, fs.ErrNotExist) {
		return checkBolt(filepath.Join(path, rootFile))
	}
	if err != nil {
		return fmt.Errorf("read checksum of the index: %w", err)
	}
	sum, err := sumOf(filepath.Join(path, rootFile))
	if err != nil {
		return err
	}
	if len(kept) != 4 || binary.BigEndian.Uint32(kept) != sum {
		return fmt.Errorf("%w: checksum of %s is wrong", errDamaged, filepath.Base(rootFile))
	}
	return nil
}

// The layout of a bolt file's meta page, version 2: a page header of 16 bytes,
// then the fields at these offsets from its end; numbers are those of the
// machine, which is little endian wherever vouch is built for.
const (
	boltMagic      = 0xED0CDAED
	boltVersion    = 2
	boltHeader     = 16
	boltMetaSize   = 64
	boltPageSizeAt = 8
	boltPagesAt    = 40 // how many pages there are
	boltTxAt       = 48 // the transaction that wrote it
	boltSumAt      = 56 // FNV-1a of all before
)

// checkBolt returns an error if the bolt file at path has no sound meta page or
// is shorter than that says.
func checkBolt(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read index root: %w", err)
	}
	pages, size, tx := uint64(0), uint64(0), uint64(0)
	for _, at := range boltMetas(b) {
		meta := b[at+boltHeader : at+boltHeader+boltMetaSize]
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:boltSumAt]) // never fails
		if binary.LittleEndian.Uint32(meta) != boltMagic || binary.LittleEndian.Uint32(meta[4:]) != boltVersion || binary.LittleEndian.Uint64(meta[boltSumAt:]) != sum.Sum64() {
			continue
		}
		if n := binary.LittleEndian.Uint64(meta[boltTxAt:]); size == 0 || n > tx {
			pages, size, tx = binary.LittleEndian.Uint64(meta[boltPagesAt:]), uint64(binary.LittleEndian.Uint32(meta[boltPageSizeAt:])), n
		}
	}
	if size == 0 || pages > uint64(len(b))/size {
		return fmt.Errorf("%w: %s is not whole", errDamaged, filepath.Base(path))
	}
	return nil
}

// boltMetas returns where the two meta pages begin, as far as they fit. The
// second stands one page further, and the page size is a power of two that the
// first may no longer tell.
func boltMetas(b []byte) (at []int) {
	for _, start := range []int{0, 4096, 8192, 16384, 32768, 65536} {
		if start+boltHeader+boltMetaSize <= len(b) {
			at = append(at, start)
		}
	}
	return at
}
