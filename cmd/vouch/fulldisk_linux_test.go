package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk is a file system of its own, of so many megabytes. To make one takes
// root.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := openDir(t)
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("no small disk can be made here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes all space there is, to the last byte.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	mend(t, err)
	for size := 1 << 20; size > 0; {
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	mend(t, f.Close())
	return func() { mend(t, os.Remove(name)) }
}

// TestFullDisk fills the disk under a server that is in use, twice, on both
// engines. Whoever changes something is told so and nothing of it is stored,
// reading goes on, and when there is space again everything works without
// a restart. At the end everything that was acknowledged is there once.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		disk := smallDisk(t, 64)
		data := filepath.Join(disk, "data")
		fullDisk(t, disk, filepath.Join(data, databaseName), []string{"--data", data})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		disk := smallDisk(t, 128)
		own := newOwnServer(t, disk, openDir(t))
		fullDisk(t, disk, own.url(), []string{"--database", own.url()})
	})
}

// tail is the end of a log.
func tail(log string) string { return log[max(0, len(log)-3000):] }

// push adds entries until it is told that the disk is full: a database has some
// room of its own.
func (l *load) push() {
	l.t.Helper()
	for i := range 2000 {
		question := fmt.Sprintf("Is there space for entry %d of %d?", i, time.Now().UnixNano())
		body := fmt.Appendf(nil, `{"question":%q,"verdict":"yes","text":%q}`, question, rand.Text()+strings.Repeat(rand.Text(), 300))
		status, reply, err := l.send(http.MethodPost, "/entries", rand.Text(), "", "application/json", body)
		switch {
		case err == nil && status == http.StatusInsufficientStorage:
			if !strings.Contains(string(reply), `"code":"disk_full"`) || !strings.Contains(string(reply), "nothing was stored") {
				l.t.Errorf("it says %s", reply)
			}
			return
		case err != nil || status != http.StatusCreated:
			l.t.Fatalf("an entry while the disk is full: %d %s (%v)", status, reply, err)
		}
		l.note("entries", func() { l.entries = append(l.entries, question) })
	}
	l.t.Fatal("nobody is told that the disk is full")
}

func fullDisk(t *testing.T, disk, path string, place []string) {
	must(t, append([]string{"library", "import", fixture(t, t.TempDir(), "library.csv")}, place...)...)
	known := 198
	letIn(t, path)
	server := startProcess(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0", "--rate-limit", "100000", "--job-lease", "2s"}, place...)...)
	defer server.kill()
	l := newLoad(t, server.url)
	l.begin(3)
	until := func(what string, done func() bool) {
		t.Helper()
		for began := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > time.Minute || t.Failed() {
				t.Fatalf("not in a minute: %s; acknowledged %v, told %v: %s", what, l.done, l.refused, tail(server.log.String()))
			}
		}
	}
	for range 2 {
		exports := l.count("exports")
		until("exports", func() bool { return l.count("exports") > exports+2 })
		free := fill(t, disk)
		l.push()
		for _, read := range []string{"/entries?limit=1", "/questionnaires?limit=1", "/audit?limit=1"} {
			if status, reply, err := l.send(http.MethodGet, read, "", "", "", nil); err != nil || status != http.StatusOK {
				t.Errorf("%s while the disk is full: %d %s (%v)", read, status, reply, err)
			}
		}
		free()
	}
	exports := l.count("exports")
	until("exports after there is space again", func() bool { return l.count("exports") > exports+2 })
	l.end()
	l.settle(path)
	isReady(t, server.url, time.Now())
	status, reply, err := l.send(http.MethodPost, "/search", "", "", "application/json", []byte(`{"question":"Is customer data encrypted at rest?"}`))
	if err != nil || status != http.StatusOK || !strings.Contains(string(reply), `"kind":"entry"`) {
		t.Errorf("search: %d %s (%v)", status, reply, err)
	}
	server.kill()
	l.verify(path, known)
	if out := must(t, append([]string{"doctor"}, place...)...); strings.Contains(out, "fail ") {
		t.Errorf("doctor: %s", out)
	}
}
