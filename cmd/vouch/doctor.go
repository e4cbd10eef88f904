package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"vouch/engine/store"
	"vouch/index"
)

// doctorCmd checks the data directory, or the database on a server.
type doctorCmd struct {
	Config string `help:"The file of settings of \"vouch serve\" to check as well." env:"VOUCH_CONFIG" type:"path" placeholder:"FILE"`
	Format string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// Help is shown by kong below the flags.
func (c *doctorCmd) Help() string {
	return `One line for each check: ok; warn, it works and somebody should look; fail, it does not work. Under a warning or a failure stands what to do.

With --config the database is the one that the file names, and the file itself is checked: its settings, and whether others may read the secrets that it names.

Nothing is changed: no directory is made, no database is migrated, no index is built. Other vouch processes may run meanwhile. The whole database is read, which takes a few seconds for each gigabyte.

The exit code is 3 if a check fails, else 0.

  vouch doctor
  vouch doctor --format json | jq '.checks[] | select(.status != "ok")'`
}

// The statuses of a check.
const (
	statusOK   = "ok"
	statusWarn = "warn"
	statusFail = "fail"
)

// finding is what one check has found.
type finding struct {
	Check  string `json:"check"`
	Status string `json:"status"`
	Found  string `json:"found"`
	Do     string `json:"do,omitempty"`
}

// diagnosis is what is printed for programs.
type diagnosis struct {
	Status   string            `json:"status"` // the worst of all checks
	Checks   []finding         `json:"checks"`
	Database *store.Contents   `json:"database,omitempty"`
	Server   *store.Server     `json:"server,omitempty"`
	Index    *index.Inspection `json:"index,omitempty"`
}

func (d *diagnosis) add(check, status, found, do string) {
	d.Checks = append(d.Checks, finding{check, status, found, do})
	if order := []string{statusOK, statusWarn, statusFail}; slices.Index(order, status) > slices.Index(order, d.Status) {
		d.Status = status
	}
}

// Run is called by kong.
func (c *doctorCmd) Run(ctx context.Context, k *kong.Context, g *global, t *terminal) error {
	settings, err := checkSettings(c.Config, k, g)
	if err != nil {
		return err
	}
	d, err := examine(ctx, g, time.Now(), settings...)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		if err := writeJSON(t.out, d); err != nil {
			return err
		}
	} else {
		writeDiagnosis(t.out, d, g.Quiet)
	}
	if d.Status == statusFail {
		return errBlocked
	}
	return nil
}

// examine makes all checks, and adds to them those that were made already.
func examine(ctx context.Context, g *global, now time.Time, made ...finding) (*diagnosis, error) {
	d := &diagnosis{Status: statusOK, Checks: []finding{}}
	d.add("program", statusOK, fmt.Sprintf("%s, %s on %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH), "")
	for _, f := range made {
		d.add(f.Check, f.Status, f.Found, f.Do)
	}
	p, err := g.place()
	if err != nil {
		return nil, err
	}
	if p.onServer() {
		if err := d.server(ctx, g, p); err != nil {
			return nil, err
		}
	} else if err := d.local(ctx, g, p); err != nil {
		return nil, err
	}
	d.jobs(now)
	d.clock(now)
	d.add("LibreOffice", statusOK, "not needed: vouch reads and writes workbooks itself", "")
	return d, nil
}

// local looks at a database that is a file here, and at what lies beside it.
func (d *diagnosis) local(ctx context.Context, g *global, p *place) error {
	if d.directory(p) {
		if err := d.database(ctx, g, p); err != nil {
			return err
		}
		if d.Database != nil {
			if err := d.index(p); err != nil {
				return err
			}
		}
	}
	d.space(p.dir)
	return nil
}

// directory says where the data is and who may read it. It returns whether
// there is a database to look at.
func (d *diagnosis) directory(p *place) bool {
	const check = "data directory"
	where := p.dir + ", from " + p.from
	info, err := os.Stat(p.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.add(check, statusWarn, "there is none at "+where, `"vouch library import FILE" makes it, and so does "vouch restore BACKUP"; or name another with --data or VOUCH_DATA`)
		return false
	case err != nil:
		d.add(check, statusFail, where+": "+err.Error(), "check who owns it and the directories above it")
		return false
	case !info.IsDir():
		d.add(check, statusFail, where+": it is a file", "name a directory with --data or VOUCH_DATA")
		return false
	}
	file := p.path
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		d.add(check, statusWarn, where+": there is no database in it yet", `"vouch library import FILE" makes it, and so does "vouch restore BACKUP"`)
		return false
	}
	if open := openToOthers(p.dir, file, file+"-wal", p.index); len(open) > 0 {
		d.add(check, statusWarn, where+"; others may read "+strings.Join(open, ", "), fmt.Sprintf("take the rights of group and others away: chmod -R go= %q", p.dir))
		return true
	}
	d.add(check, statusOK, where, "")
	return true
}

// source says where the data directory was named.
func source(g *global) string {
	env := os.Getenv("VOUCH_DATA")
	if env != "" {
		if abs, err := filepath.Abs(env); err == nil && abs == g.Data {
			return "VOUCH_DATA"
		}
		return "--data"
	}
	if abs, err := filepath.Abs("vouch-data"); err == nil && abs == g.Data {
		return "the default"
	}
	return "--data"
}

// openToOthers returns those of the files that group or others have rights to.
// Windows keeps no such rights in the mode.
func openToOthers(files ...string) (open []string) {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s (%04o)", filepath.Base(f), info.Mode().Perm()))
		}
	}
	return open
}

// bigLog is the size of a write-ahead log that should have been folded in.
const bigLog = 256 << 20

// database reads the database from end to end.
func (d *diagnosis) database(ctx context.Context, g *global, p *place) error {
	const check = "database"
	file := p.path
	known, err := store.Schema()
	if err != nil {
		return err
	}
	c, err := store.Inspect(ctx, file)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		d.add(check, statusFail, inspectText(err), inspectAdvice(err))
		return nil
	}
	d.Database = &c
	d.add(check, statusOK, fmt.Sprintf("opens, every page is sound; %s", bytesText(c.Bytes)), "")
	if c.Schema < known {
		d.add("schema", statusWarn, fmt.Sprintf("version %d, this program has %d", c.Schema, known), `the next command brings it up to date; run "vouch backup" first, and there is a way back`)
	} else {
		d.add("schema", statusOK, fmt.Sprintf("version %d, as this program has", c.Schema), "")
	}
	if c.LogBytes > bigLog {
		d.add("write-ahead log", statusWarn, bytesText(c.LogBytes), "a process that reads for long keeps it from being folded in; stop every vouch once")
	} else {
		d.add("write-ahead log", statusOK, bytesText(c.LogBytes), "")
	}
	d.kept(file)
	d.workspaces(g)
	return nil
}

func inspectText(err error) string {
	switch {
	case errors.Is(err, store.ErrNewer):
		return "it was made by a newer version of vouch"
	case errors.Is(err, store.ErrCorrupt):
		return "it is damaged: " + err.Error()
	case errors.Is(err, store.ErrNotDatabase):
		return databaseName + " is not a vouch database"
	}
	return err.Error()
}

func inspectAdvice(err error) string {
	switch {
	case errors.Is(err, store.ErrNewer):
		return "update vouch, or restore a backup from before the update"
	case errors.Is(err, store.ErrCorrupt), errors.Is(err, store.ErrNotDatabase):
		return `"vouch restore BACKUP --replace" puts the last backup in its place and keeps this file aside`
	}
	return "check who owns the directory and its files, and the disk"
}

// kept says which databases restores have kept aside.
func (d *diagnosis) kept(file string) {
	list, err := store.Kept(file)
	if err != nil || len(list) == 0 {
		return
	}
	d.add("kept aside", statusOK, fmt.Sprintf("%s by restores, the last %s; delete what you are sure not to need", count(len(list), "file", "files"), filepath.Base(list[len(list)-1])), "")
}

// workspaces says what each workspace holds.
func (d *diagnosis) workspaces(g *global) {
	found := false
	for _, w := range d.Database.Workspaces {
		if w.Members > 0 && w.Admins == 0 {
			d.add("workspace "+w.Name, statusWarn, fmt.Sprintf("%s; %s, and no admin who can sign in", contentsText(&w), count(w.Members, "member", "members")),
				"nobody can invite, change roles or make tokens; sign in as an admin of it with OIDC, or restore a backup from before the last one left")
		} else {
			d.add("workspace "+w.Name, statusOK, contentsText(&w), "")
		}
		found = found || w.Name == g.Workspace
	}
	if !found {
		d.add("workspace "+g.Workspace, statusWarn, "there is none of this name", "the first import makes it; name another with --workspace or VOUCH_WORKSPACE")
	}
}

// index looks whether the next start can use the index as it is.
func (d *diagnosis) index(p *place) error {
	const check, waits = "search index", "nothing: the next command that searches makes it anew from the database"
	i, err := index.Inspect(p.index, d.Database.LastChange)
	if err != nil {
		return err
	}
	d.Index = &i
	name := i.Generation
	switch lag := d.Database.LastChange - i.Seq; i.Reason {
	case index.ReasonNone:
		text := fmt.Sprintf("generation %s, %s, ", name, count(int(i.Docs), "passage", "passages"))
		if lag > 0 {
			text += fmt.Sprintf("%s behind the database, caught up at the next start", count(int(lag), "change", "changes"))
		} else {
			text += "up to date"
		}
		d.add(check, statusOK, text, "")
	case index.ReasonHeld:
		d.add(check, statusOK, "another vouch has it open; not looked into", "")
	case index.ReasonMissing:
		d.add(check, statusWarn, "there is none", waits)
	case index.ReasonVersion:
		d.add(check, statusWarn, "it was made by another version of vouch; this one needs schema "+i.Schema, waits)
	case index.ReasonAhead:
		d.add(check, statusWarn, "it belongs to another database: "+i.Detail, waits)
	case index.ReasonDamaged:
		d.add(check, statusWarn, "it is damaged: "+i.Detail, waits)
	default:
		d.add(check, statusFail, "it cannot be read: "+i.Detail, "check who owns the index directory; until then searches work from memory, slower to start")
	}
	return nil
}

// littleSpace is what should be free whatever the size of the database.
const littleSpace = 1 << 30

// space looks at the disk of a directory, or of where it would be made.
func (d *diagnosis) space(dir string) {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, ok := freeSpace(dir)
	d.judgeSpace(free, ok)
}

func (d *diagnosis) judgeSpace(free uint64, ok bool) {
	const check = "disk space"
	needs := uint64(littleSpace)
	if d.Database != nil {
		needs = max(needs, 2*uint64(d.Database.Bytes))
	}
	switch {
	case !ok:
		d.add(check, statusOK, "cannot be told on this system", "")
	case free < needs:
		d.add(check, statusWarn, bytesText(int64(free))+" free", fmt.Sprintf("free some: a backup or restore beside the data and a new index need up to %s", bytesText(int64(needs))))
	default:
		d.add(check, statusOK, bytesText(int64(free))+" free", "")
	}
}

// longWait is how long a job waits where nobody works on jobs, or far too few.
const longWait = 10 * time.Minute

// jobs says how the queue of jobs is. What is expired is taken by the next
// worker within a second, so when it is not, there is none.
func (d *diagnosis) jobs(now time.Time) {
	const check = "jobs"
	if d.Database == nil {
		return
	}
	j := &d.Database.Jobs
	text := fmt.Sprintf("%d queued, %d running, %d failed", j.Queued, j.Running, j.Failed)
	waits := time.Duration(0)
	if j.Waiting != nil {
		waits = max(0, now.Sub(*j.Waiting)).Round(time.Second)
		text += fmt.Sprintf("; the oldest waits for %v", waits)
	}
	if j.Expired > 0 {
		text += fmt.Sprintf("; %s a process that is not heard of", count(j.Expired, "is with", "are with"))
	}
	switch {
	case j.Expired > 0 || waits > longWait:
		d.add(check, statusWarn, text, "nobody works on them, or too few: start \"vouch serve\" or \"vouch work\", or give them more --workers")
	case j.Failed > 0:
		d.add(check, statusWarn, text, "the list of jobs in the API says why; they are asked for again by whoever wants them, and forgotten 30 days after they failed")
	default:
		d.add(check, statusOK, text, "")
	}
}

// tolerated is how far the clocks of the database and of this machine may be
// apart: what is shown as times is from both.
const tolerated = 2 * time.Second

// clock compares the time with what was stored last, and with the clock of the
// database if that is on another machine.
func (d *diagnosis) clock(now time.Time) {
	text := now.Format("2006-01-02 15:04:05 MST (UTC-07:00)")
	if d.Server != nil {
		if ahead := d.Server.Ahead; ahead.Abs() > tolerated {
			d.add("clock", statusWarn, fmt.Sprintf("%s; the clock of the database is %v off", text, ahead), "let both machines set their clocks by NTP")
			return
		}
		text += "; that of the database agrees"
	}
	if d.Database != nil && d.Database.Newest != nil && now.Before(*d.Database.Newest) {
		d.add("clock", statusWarn, fmt.Sprintf("%s, which is before the newest stored change of %s", text, d.Database.Newest.Format("2006-01-02 15:04:05 MST")),
			"set the clock: what is current, stale or lapsed is told by it")
		return
	}
	d.add("clock", statusOK, text, "")
}

// writeDiagnosis prints a line for each check; when quiet, only those that are
// not ok.
func writeDiagnosis(w io.Writer, d *diagnosis, quiet bool) {
	widest, bad := 0, map[string]int{}
	for _, f := range d.Checks {
		widest = max(widest, len(f.Check))
		bad[f.Status]++
	}
	for _, f := range d.Checks {
		if quiet && f.Status == statusOK {
			continue
		}
		mark := map[string]string{statusOK: green, statusWarn: yellow, statusFail: bold}[f.Status]
		fmt.Fprintf(w, "%s  %-*s  %s\n", colour(w, mark, fmt.Sprintf("%-4s", f.Status)), widest, f.Check, f.Found)
		if f.Do != "" {
			fmt.Fprintf(w, "      %-*s  → %s\n", widest, "", f.Do)
		}
	}
	if quiet {
		return
	}
	fmt.Fprintf(w, "\n%s, %s.\n", count(bad[statusWarn], "warning", "warnings"), count(bad[statusFail], "failure", "failures"))
}
