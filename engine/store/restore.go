package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Errors of a restore. Compare with [errors.Is].
var (
	ErrHasData = errors.New("there is a database already")
	ErrInUse   = errors.New("another process has the database open; stop it and try again")
)

// RestoreOptions are the choices there are. The zero value works.
type RestoreOptions struct {
	// Replace allows that there is a database already. It is kept aside.
	Replace bool

	// BeforeSwap is called when everything is ready and nobody has the
	// database open, to remove what was derived from the old one: a cache
	// must not meet the new one, also not after a crash.
	BeforeSwap func() error
}

// Restored says what a restore did.
type Restored struct {
	Contents        // of the backup
	Kept     string `json:"kept,omitempty"` // where the database went that was there before
}

// inUseWait is how long a restore waits for commands that are about to end.
const inUseWait = 2 * time.Second

// Restore puts the database in the file from in place at path, which is what
// [Open] takes. It is read from end to end before and after it is copied; what
// is no vouch database, damaged or newer than this program is refused, and
// nothing is changed then. One of an earlier program is migrated by the next
// Open.
//
// A database that is there already is refused with ErrHasData, unless
// o.Replace is set: then it is kept beside as vouch.db.before-restore-TIME,
// whole, with what its log held, and never deleted. ErrInUse says that another
// process has it open.
//
// At each moment path is the old database or the new one, and after a crash
// the next Open finds one of them, never with the log of the other. The one
// exception: an old database that is too damaged for SQLite to open may, after
// a crash, be at path without its log; it is whole where it is kept.
func Restore(ctx context.Context, from, path string, o RestoreOptions) (Restored, error) {
	r, err := restoreFile(ctx, from, path, o)
	if err != nil {
		return r, fmt.Errorf("restore %s: %w", from, explain(ctx, err))
	}
	return r, nil
}

func restoreFile(ctx context.Context, from, path string, o RestoreOptions) (Restored, error) {
	if _, err := inspect(ctx, from); err != nil { // before a folder is made
		return Restored{}, err
	}
	r, err := newRestore(from, path, o)
	if err != nil {
		return Restored{}, err
	}
	if err := r.run(ctx); err != nil {
		return Restored{}, err
	}
	return Restored{Contents: r.contents, Kept: r.kept}, nil
}

// restore is a restore under way.
type restore struct {
	from, file string
	locked     string // the lock file that Open takes
	temp       string // where the new database is made
	options    RestoreOptions

	contents Contents
	kept     string // where the old database is kept, once it is
	stranded bool   // the old database has a log that could not be folded in
}

func newRestore(from, path string, o RestoreOptions) (*restore, error) {
	file, err := locate(path)
	if err != nil {
		return nil, err
	}
	if from, err = resolved(from); err != nil {
		return nil, err
	}
	target, err := resolved(file)
	if err != nil {
		return nil, err
	}
	return &restore{from: from, file: target, locked: file + ".lock", temp: target + ".restoring", options: o}, nil
}

// run keeps others from opening the database and takes the steps.
func (r *restore) run(ctx context.Context) error {
	if err := r.allowed(); err != nil {
		return err
	}
	unlock, err := lock(ctx, r.locked)
	if err != nil {
		return err
	}
	defer unlock()
	for _, step := range r.steps() {
		if err := errors.Join(ctx.Err(), step(ctx)); err != nil {
			r.undo()
			return err
		}
	}
	return nil
}

// steps are what is done, in this order, under the lock. A crash between any
// two of them leaves the old database in place, or the new one.
func (r *restore) steps() []func(context.Context) error {
	return []func(context.Context) error{r.prepare, r.settle, r.keep, r.clear, r.swap}
}

// undo takes back what was done before the swap.
func (r *restore) undo() {
	discard(r.temp)
	if r.kept == "" || !sameFile(r.kept, r.file) {
		return
	}
	for _, suffix := range logSuffixes {
		_ = os.Rename(r.kept+suffix, r.file+suffix) // where it is not, it stayed
	}
	os.Remove(r.kept) // a second name of the database that is still in place
}

// allowed says whether this restore may be done at all.
func (r *restore) allowed() error {
	if sameFile(r.from, r.file) {
		return fmt.Errorf("%w: it is the one to be replaced", ErrLive)
	}
	if _, err := os.Lstat(r.file); err == nil && !r.options.Replace {
		return ErrHasData
	}
	return nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// prepare makes the new database beside the old one, under a name that only
// one restore at a time uses: what an earlier one left there is removed.
func (r *restore) prepare(ctx context.Context) error {
	if err := r.allowed(); err != nil { // somebody may have been faster
		return err
	}
	discard(r.temp)
	if err := create(r.temp); err != nil {
		return err
	}
	db, err := readOnly(r.from, !logged(r.from))
	if err != nil {
		return err
	}
	defer db.Close()
	r.contents, err = copyTo(ctx, db, r.temp)
	r.contents.File = r.from
	return err
}

// settle makes the old database one file: its log is folded in and removed.
// SQLite does so only for the last process that has it open, which is how
// others are found.
func (r *restore) settle(ctx context.Context) error {
	if _, err := os.Stat(r.file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := fold(ctx, r.file)
	if err = explain(ctx, err); errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotDatabase) {
		return nil // no process can work with it; it is kept as it is, with its log
	}
	return err
}

// fold leaves write-ahead logging, which takes the database alone.
func fold(ctx context.Context, file string) error {
	db, err := connect(file, 0, "mode=rw", 1)
	if err != nil {
		return err
	}
	defer db.Close()
	for end := time.Now().Add(inUseWait); ; {
		var mode string
		err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
		if err == nil && mode == "delete" {
			return nil
		}
		if err != nil && !isBusy(err) {
			return err
		}
		if time.Now().After(end) {
			return ErrInUse
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyPause):
		}
	}
}

// keep gives the old database a second name, which stays its only one.
func (r *restore) keep(context.Context) error {
	if err := r.forgetNames(); err != nil {
		return err
	}
	kept, err := r.freeName()
	if err != nil {
		return err
	}
	r.stranded = logged(r.file)
	switch _, err := os.Stat(r.file); {
	case errors.Is(err, fs.ErrNotExist) && !r.stranded:
		return nil
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := linkOrCopy(r.file, kept); err != nil {
			return err
		}
	}
	r.kept = kept
	return syncDir(filepath.Dir(r.file))
}

// forgetNames removes second names of the database in place, which a restore
// leaves that was killed between keep and swap. No file goes with them, and
// they would change with the database.
func (r *restore) forgetNames() error {
	list, err := Kept(r.file)
	if err != nil {
		return err
	}
	for _, name := range list {
		if sameFile(name, r.file) {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// keptInfix stands between the name of a database and the time it was kept
// aside by a restore.
const keptInfix = ".before-restore-"

// Kept returns the databases that restores have kept aside of the one at file.
func Kept(file string) ([]string, error) {
	list, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	var out []string
	prefix := filepath.Base(file) + keptInfix
	for _, e := range list {
		name := e.Name()
		if strings.HasPrefix(name, prefix) && e.Type().IsRegular() && !beside(name) {
			out = append(out, filepath.Join(filepath.Dir(file), name))
		}
	}
	return out, nil
}

// beside says whether a name is that of a file which stands beside a database.
func beside(name string) bool {
	return slices.ContainsFunc([]string{"-wal", "-journal", "-shm", ".lock"}, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

func (r *restore) freeName() (string, error) {
	base := r.file + keptInfix + time.Now().UTC().Format("20060102-150405Z")
	for i := range maxTries {
		name := base
		if i > 0 {
			name = fmt.Sprintf("%s-%d", base, i+1)
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
	}
	return "", errors.New("too many databases are kept aside; move some elsewhere")
}

// linkOrCopy makes to the same as from, on file systems without links by
// copying. Nobody has from open: closing it would let go of their locks.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		os.Remove(to)
	}
	return err
}

// clear removes what must not meet the new database: caches of the old one,
// and a log that could not be folded in, which goes where its database is kept.
func (r *restore) clear(context.Context) error {
	if r.options.BeforeSwap != nil {
		if err := r.options.BeforeSwap(); err != nil {
			return err
		}
	}
	if r.stranded {
		for _, suffix := range logSuffixes {
			if err := os.Rename(r.file+suffix, r.kept+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	for _, suffix := range append([]string{"-shm"}, logSuffixes...) { // empty, or a mere index of a log
		if err := os.Remove(r.file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncDir(filepath.Dir(r.file))
}

// swap puts the new database in place of the old.
func (r *restore) swap(context.Context) error {
	if err := os.Rename(r.temp, r.file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(r.file))
}
