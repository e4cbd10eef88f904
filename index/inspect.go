package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Inspection says how the index in a directory is, as far as it can be told
// without changing anything.
type Inspection struct {
	Dir        string `json:"dir"`
	Generation string `json:"generation,omitempty"` // the name of the newest of this schema
	Schema     string `json:"schema"`               // what this program's indexes are made by
	Seq        int64  `json:"seq"`                  // the last change applied; known where Reason is empty or ReasonAhead
	Docs       uint64 `json:"docs"`                 // passages of all workspaces
	Reason     Reason `json:"reason,omitempty"`     // why the next [Open] rebuilds it, if it does; ReasonHeld is no fault
	Detail     string `json:"detail,omitempty"`     // the error behind the reason
}

// Inspect looks at the index in dir the way [Open] does, and changes nothing:
// it neither makes the directory nor rebuilds. lastChange is the newest change
// of the source.
func Inspect(dir string, lastChange int64) (Inspection, error) {
	lex, err := DefaultLexicon()
	if err != nil {
		return Inspection{}, fmt.Errorf("inspect index: %w", err)
	}
	x := &Index{dir: dir}
	if x.schema, err = schemaOf(lex); err != nil {
		return Inspection{}, fmt.Errorf("inspect index: %w", err)
	}
	i := Inspection{Dir: dir, Schema: x.schema}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		i.Reason = ReasonMissing
		return i, nil
	}
	unlock, err := shareLock(dir)
	if err != nil {
		i.because(ReasonHeld, err)
		return i, nil
	}
	defer unlock()
	all, own, err := x.generations()
	switch {
	case err != nil:
		i.because(ReasonUnusable, err)
	case len(own) > 0:
		i.look(own[len(own)-1], lastChange)
	case len(all) > 0:
		i.Reason = ReasonVersion
	default:
		i.Reason = ReasonMissing
	}
	return i, nil
}

func (i *Inspection) because(r Reason, err error) { i.Reason, i.Detail = r, err.Error() }

// shareLock keeps the directory from being changed while it is looked at. The
// error is that another process holds it. A lock file that is missing or torn
// is nobody's.
func shareLock(dir string) (unlock func(), err error) {
	var db *bbolt.DB
	existing := func(path string, _ int, mode os.FileMode) (*os.File, error) {
		return os.OpenFile(path, os.O_RDONLY, mode)
	} // bbolt would make it
	err = guard(func() (err error) {
		db, err = bbolt.Open(filepath.Join(dir, lockFile), 0o600, &bbolt.Options{Timeout: inspectWait, ReadOnly: true, OpenFile: existing})
		return err
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, errors.New("another process has it open")
	case db == nil:
		return func() {}, nil
	}
	return func() { _ = db.Close() }, nil // it was only read
}

// inspectWait is how long a process that has the index open is waited for.
const inspectWait = 200 * time.Millisecond

// look reads a generation, its checksums first.
func (i *Inspection) look(path string, lastChange int64) {
	i.Generation = filepath.Base(path)
	if err := errors.Join(lookAtRoot(path), checkSegments(path)); err != nil {
		i.because(ReasonDamaged, err)
		return
	}
	err := guard(func() error { return i.read(path) })
	switch {
	case err != nil:
		i.because(ReasonDamaged, err)
	case i.Seq > lastChange:
		i.because(ReasonAhead, fmt.Errorf("index is at change %d, the store at %d", i.Seq, lastChange))
	}
}

func (i *Inspection) read(path string) (err error) {
	b, err := bleve.OpenUsing(path, map[string]any{"read_only": true, "bolt_timeout": inspectWait.String()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	made, err := b.GetInternal(internalSchema)
	if err != nil {
		return err
	}
	seq, err := b.GetInternal(internalSeq)
	if err != nil {
		return err
	}
	if string(made) != i.Schema || len(seq) != 0 && len(seq) != 8 {
		return errors.New("it was made by another program")
	}
	if len(seq) == 8 {
		i.Seq = int64(binary.BigEndian.Uint64(seq))
	}
	i.Docs, err = b.DocCount()
	return err
}

// Remove deletes the index in dir. It is for when the source is replaced by
// another: an index that is not newer than its source would be taken for one
// of it. Nobody may have the index open.
func Remove(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove index: %w", err)
	}
	return nil
}
