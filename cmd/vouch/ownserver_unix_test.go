//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ownServer is a PostgreSQL server of a test's own, that it may stop and whose
// disk it may fill.
type ownServer struct {
	t        testing.TB
	programs string // folder of initdb and pg_ctl
	dir      string
	port     int
	as       *syscall.Credential // who runs it, nil for us: it refuses root
}

// newOwnServer starts a server with its data below dir and its write-ahead log
// in log; without the programs for that the test is skipped, as without
// a server to test on.
func newOwnServer(t testing.TB, dir, log string) *ownServer {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if os.Getenv(serverEnv) == "" || len(found) == 0 {
		t.Skipf("no PostgreSQL to start: install its server, and set %s", serverEnv)
	}
	slices.Sort(found)
	s := &ownServer{t: t, programs: filepath.Dir(found[len(found)-1]), dir: dir}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		mend(t, err)
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, d := range []string{dir, log} {
			mend(t, os.Chown(d, uid, gid))
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	mend(t, err)
	s.port = l.Addr().(*net.TCPAddr).Port
	mend(t, l.Close())
	mend(t, s.run("initdb", "-D", s.data(), "-X", filepath.Join(log, "wal"), "-U", "vouch", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"))
	s.start()
	t.Cleanup(func() { _ = s.run("pg_ctl", "-D", s.data(), "-m", "immediate", "stop") })
	return s
}

func (s *ownServer) data() string { return filepath.Join(s.dir, "data") }

func (s *ownServer) url() string {
	return fmt.Sprintf("postgres://vouch@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

func (s *ownServer) start() {
	s.t.Helper()
	options := fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB -c max_wal_size=64MB", s.port, s.dir)
	mend(s.t, s.run("pg_ctl", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-w", "-o", options, "start"))
}

// stop stops it: fast ends what runs, immediate is a crash.
func (s *ownServer) stop(how string) {
	s.t.Helper()
	mend(s.t, s.run("pg_ctl", "-D", s.data(), "-m", how, "-w", "stop"))
}

func (s *ownServer) run(name string, args ...string) error {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.programs, name), args...)
	cmd.Dir = "/"
	if s.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

// openDir is a folder that the user of the server can reach.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vouch-pg-")
	mend(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestRestartedPostgreSQL restarts the database under a server, by turns as an
// administrator does and as a crash does. The server stays up and is ready
// again soon, callers send again what got no reply, and at the end everything
// that was acknowledged is there once.
func TestRestartedPostgreSQL(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	own := newOwnServer(t, dir, dir)
	letIn(t, own.url())
	server := startProcess(t, nil, "serve", "--listen", "127.0.0.1:0", "--rate-limit", "100000", "--job-lease", "2s", "--database", own.url())
	defer server.kill()
	l := newLoad(t, server.url)
	l.begin(4)
	var slowest time.Duration
	for i := range max(2, kills(t)/5) {
		time.Sleep(time.Duration(200+rand.IntN(800)) * time.Millisecond)
		own.stop([]string{"fast", "immediate"}[i%2])
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		own.start()
		slowest = max(slowest, isReady(t, server.url, time.Now()))
	}
	time.Sleep(500 * time.Millisecond)
	l.end()
	l.settle(own.url())
	server.kill()
	l.verify(own.url(), 0)
	for line := range strings.Lines(server.log.String()) {
		if strings.Contains(line, "request failed") && !strings.Contains(line, "cannot be reached") {
			t.Errorf("an error that is not known for what it is: %s", line)
		}
	}
	t.Logf("ready again after %v at most", slowest.Round(time.Millisecond))
}
