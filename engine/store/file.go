package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	stdhash "hash"
	"io"

	"vouch/engine"
)

// chunkBytes is how large a piece of a file is, the last one may be smaller.
const chunkBytes = 1 << 20

// PutFile stores a file, in a transaction of its own.
func (s *Store) PutFile(ctx context.Context, workspace string, r io.ReadSeeker) (string, error) {
	return inOwn(ctx, s, func(t engine.Tx) (string, error) { return t.PutFile(ctx, workspace, r) })
}

// PutFile stores a file in pieces. It is read once to know its name, and, if
// there is none of that name, once more to be stored.
func (w *writes) PutFile(ctx context.Context, workspace string, r io.ReadSeeker) (string, error) {
	name, err := w.putFile(ctx, workspace, r)
	if err != nil {
		return "", fmt.Errorf("store file: %w", err)
	}
	return name, nil
}

func (w *writes) putFile(ctx context.Context, workspace string, r io.ReadSeeker) (string, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	sum := sha256.New()
	size, err := io.Copy(sum, io.LimitReader(r, engine.MaxFileBytes+1))
	if err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	if size == 0 || size > engine.MaxFileBytes {
		return "", engine.ErrFileSize
	}
	name := hex.EncodeToString(sum.Sum(nil))
	const stmt = `INSERT INTO files (workspace_id, hash, size, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, hash) DO NOTHING`
	n, err := w.t.exec(ctx, stmt, workspace, name, size, now())
	if err != nil || n == 0 {
		return name, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", w.t.failed(ctx, fmt.Errorf("read the file: %w", err))
	}
	sum.Reset()
	if err := w.putChunks(ctx, workspace, name, io.TeeReader(io.LimitReader(r, size), sum)); err != nil {
		return "", err
	}
	if hex.EncodeToString(sum.Sum(nil)) != name {
		return "", w.t.failed(ctx, engine.ErrFileChanged)
	}
	return name, w.audit(ctx, workspace, "file:"+name, "", fileHash(name, size))
}

func (w *writes) putChunks(ctx context.Context, workspace, name string, r io.Reader) error {
	const stmt = `INSERT INTO file_chunks (workspace_id, hash, nth, bytes) VALUES ($1, $2, $3, $4)`
	buffer := make([]byte, chunkBytes)
	for nth := 0; ; nth++ {
		n, err := io.ReadFull(r, buffer)
		if n > 0 {
			if _, err := w.t.exec(ctx, stmt, workspace, name, nth, buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return w.t.failed(ctx, fmt.Errorf("read the file: %w", err))
		}
	}
}

// fileHash is the hash of a file in the audit log.
func fileHash(name string, size int64) string {
	return engine.AuditHash([]any{"vouch file 1", name, size})
}

// File returns a file as a stream, which reads one piece at a time.
func (r reads) File(ctx context.Context, workspace, name string) (io.Reader, int64, error) {
	size, err := one(collect(ctx, r.q, `SELECT size FROM files WHERE workspace_id = $1 AND hash = $2`, []any{workspace, name}, scanInt))
	if err != nil {
		return nil, 0, fmt.Errorf("read file: %w", err)
	}
	return &fileReader{ctx: ctx, r: r, workspace: workspace, name: name, left: size, sum: sha256.New()}, size, nil
}

// fileReader reads a file piece by piece, and holds all of it against its name.
type fileReader struct {
	ctx             context.Context // a reader has none of its own
	r               reads
	workspace, name string
	nth             int
	left            int64
	piece           bytes.Reader
	sum             stdhash.Hash
}

// Read reads on.
func (f *fileReader) Read(p []byte) (int, error) {
	for f.piece.Len() == 0 {
		if f.left == 0 {
			if hex.EncodeToString(f.sum.Sum(nil)) != f.name {
				return 0, engine.ErrFileChanged
			}
			return 0, io.EOF
		}
		if err := f.next(); err != nil {
			return 0, fmt.Errorf("read file: %w", err)
		}
	}
	return f.piece.Read(p)
}

// next fetches the next piece.
func (f *fileReader) next() error {
	const stmt = `SELECT bytes FROM file_chunks WHERE workspace_id = $1 AND hash = $2 AND nth = $3`
	piece, err := one(collect(f.ctx, f.r.q, stmt, []any{f.workspace, f.name, f.nth}, scanBytes))
	if errors.Is(err, engine.ErrNotFound) || err == nil && int64(len(piece)) > f.left {
		err = engine.ErrFileChanged
	}
	if err != nil {
		return err
	}
	f.nth++
	f.left -= int64(len(piece))
	f.sum.Write(piece)
	f.piece.Reset(piece)
	return nil
}

func scanBytes(rows *sql.Rows) (b []byte, err error) {
	err = rows.Scan(&b)
	return b, err
}
