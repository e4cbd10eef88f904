package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// ErrFileExists refuses to write a backup over a file that is there.
var ErrFileExists = errors.New("there is a file of this name already")

// ErrLive refuses to write over, or to restore from, the database in use.
var ErrLive = errors.New("it is a database in use, not a backup")

// ErrOnServer refuses what can only be done with a file.
var ErrOnServer = errors.New("the database is on a server; use its own means, pg_dump and pg_restore")

// Backup writes a copy of the database to file. It is as the database was at
// one moment after the call: what was committed before is in it, and of each
// transaction all or nothing. Others may read and write meanwhile, from other
// processes too, and are not held up.
//
// The copy is made beside file under a temporary name, for its owner only;
// it is brought to disk, read again from end to end and compared with what a
// vouch database has to be, and gets its name last. After an error, a full
// disk or a crash there is nothing under the name, or what was there before. A
// file that is there is refused with ErrFileExists, unless overwrite is set;
// one that is a database in use is refused always. The copy needs no log
// beside it, holds no space that was freed, and is what [Restore] takes. Of a
// database on a server there is none: ErrOnServer.
func (s *Store) Backup(ctx context.Context, file string, overwrite bool) (Contents, error) {
	if s.d != &sqliteDialect {
		return Contents{}, fmt.Errorf("back up: %w", ErrOnServer)
	}
	var source string
	if err := s.pool.db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&source); err != nil {
		return Contents{}, fmt.Errorf("back up: %w", explain(ctx, err))
	}
	return Backup(ctx, source, file, overwrite)
}

// Backup does the same as [Store.Backup] for a database that is not open. It
// does not migrate: a database of an earlier program is copied as it is, so
// that there is a way back from an update.
func Backup(ctx context.Context, source, file string, overwrite bool) (Contents, error) {
	c, err := backup(ctx, source, file, overwrite)
	if err != nil {
		return c, fmt.Errorf("back up to %s: %w", file, explain(ctx, err))
	}
	return c, nil
}

func backup(ctx context.Context, source, file string, overwrite bool) (Contents, error) {
	file, err := filepath.Abs(file) // a name that begins with file: would be taken for an address
	if err != nil {
		return Contents{}, err
	}
	if err := mayWrite(source, file, overwrite); err != nil {
		return Contents{}, err
	}
	temp, err := reserve(file)
	if err != nil {
		return Contents{}, err
	}
	defer discard(temp)
	db, err := connect(source, 10*time.Second, "mode=rw", 1)
	if err != nil {
		return Contents{}, err
	}
	defer db.Close()
	if _, err := recognise(ctx, db); err != nil {
		return Contents{}, err
	}
	c, err := copyTo(ctx, db, temp)
	if err != nil {
		return c, err
	}
	if err := mayWrite(source, file, overwrite); err != nil {
		return c, err
	}
	if err := place(temp, file, overwrite); err != nil {
		return c, err
	}
	c.File = file
	return c, syncDir(filepath.Dir(file))
}

// mayWrite refuses names that a backup must not take.
func mayWrite(source, file string, overwrite bool) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%w (%w)", ErrNoAccess, err)
	case info.IsDir():
		return fmt.Errorf("%w: it is a folder; name a file in it", ErrFileExists)
	}
	own, err := os.Stat(source)
	if err != nil {
		return err
	}
	if os.SameFile(own, info) || logged(file) {
		return ErrLive
	}
	if !overwrite {
		return ErrFileExists
	}
	return nil
}

// maxTries bounds the names tried for a temporary or kept file.
const maxTries = 100

// reserve makes an empty file beside file, for its owner only.
func reserve(file string) (string, error) {
	dir, base := filepath.Split(file)
	for i := range maxTries {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d.tmp", base, os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("%w (%w)", ErrNoAccess, err)
		}
		return name, f.Close()
	}
	return "", errors.New("too many temporary files beside it")
}

// discard removes a temporary database, if it is still there, and what SQLite
// made beside it.
func discard(temp string) {
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		os.Remove(temp + suffix)
	}
}

// copyTo writes what db holds into temp, an empty file, brings it to disk, and
// reads it again: what is returned was read from the copy.
func copyTo(ctx context.Context, db *sql.DB, temp string) (Contents, error) {
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", temp); err != nil {
		return Contents{}, err
	}
	if err := syncFile(temp); err != nil {
		return Contents{}, err
	}
	return inspectAs(ctx, temp, true)
}

// place gives temp its name. Without overwrite a file that came in the
// meantime stays.
func place(temp, file string, overwrite bool) error {
	if overwrite {
		return os.Rename(temp, file)
	}
	err := os.Link(temp, file)
	if err == nil {
		return nil // the temporary name goes with the rest
	}
	if errors.Is(err, fs.ErrExist) {
		return ErrFileExists
	}
	if _, err := os.Lstat(file); err == nil { // a file system without links
		return ErrFileExists
	}
	return os.Rename(temp, file)
}

func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes a new name last. Windows neither can nor needs to.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	err = d.Sync()
	if err == nil || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // some network file systems cannot
	}
	return fmt.Errorf("sync folder: %w", err)
}
