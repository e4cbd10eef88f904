package engine

import (
	"context"
	"errors"
	"io"
)

// MaxFileBytes is how large a customer's file may be.
const MaxFileBytes = 50 << 20

// Errors of files. Compare with [errors.Is].
var (
	ErrFileSize    = errors.New("the file is empty or larger than 50 MB; send one of at least one byte and at most 50 MB")
	ErrFileChanged = errors.New("the file is not as it was; its bytes do not match its hash")
)

// FileStore keeps customers' files whole, each once in a workspace, named by
// what is in it. They are never changed nor deleted.
type FileStore interface {
	// PutFile stores what r holds from its beginning, at most [MaxFileBytes],
	// and returns its SHA-256 in hex. It is read twice. A file that is there
	// already is not stored again.
	PutFile(ctx context.Context, workspace string, r io.ReadSeeker) (hash string, err error)

	// File returns the bytes of a file as a stream, and how many they are; or
	// [ErrNotFound]. Where its bytes are not those that were stored, the
	// stream ends with [ErrFileChanged]. Inside a transaction it must be read
	// before the end of it.
	File(ctx context.Context, workspace, hash string) (r io.Reader, size int64, err error)
}
