package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// diagnose runs vouch doctor, and proves that it changed nothing.
func diagnose(t *testing.T, data string, code int) (d diagnosis, status map[string]finding) {
	t.Helper()
	before := everything(t, data)
	got, stdout, stderr := vouch(t, "doctor", "--format", "json", "--data", data)
	if got != code {
		t.Errorf("exit %d, want %d: %s%s", got, code, stdout, stderr)
	}
	if after := everything(t, data); after != before {
		t.Errorf("doctor changed the directory from\n%s\nto\n%s", before, after)
	}
	if err := json.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatal(err)
	}
	status = map[string]finding{}
	for _, f := range d.Checks {
		status[f.Check] = f
		if (f.Status == statusOK) != (f.Do == "") {
			t.Errorf("%+v: want what to do when it is not ok, and only then", f)
		}
	}
	return d, status
}

// everything lists the files below dir with their content.
func everything(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // there is no directory
		}
		content, _ := os.ReadFile(path)
		b.WriteString(path + " " + fmt.Sprintf("%x", sha256.Sum256(content)) + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		rule  string
		spoil func(t *testing.T, data string)
		code  int
		check string // which of the checks is not ok; "" for none
		want  string // its status
		says  string
	}{
		{"Sound", func(*testing.T, string) {}, exitOK, "", "", ""},
		{"NoDirectory", func(t *testing.T, data string) { mend(t, os.RemoveAll(data)) }, exitOK, "data directory", statusWarn, "there is none"},
		{"NoDatabase", func(t *testing.T, data string) { mend(t, os.Remove(filepath.Join(data, databaseName))) }, exitOK, "data directory", statusWarn, "no database in it"},
		{"DirectoryIsAFile", func(t *testing.T, data string) {
			mend(t, os.RemoveAll(data))
			mend(t, os.WriteFile(data, nil, 0o600))
		}, exitBlocked, "data directory", statusFail, "a file"},
		{"OthersMayRead", func(t *testing.T, data string) {
			if runtime.GOOS == "windows" {
				t.Skip("no such rights")
			}
			mend(t, os.Chmod(filepath.Join(data, databaseName), 0o644))
		}, exitOK, "data directory", statusWarn, "vouch.db (0644)"},
		{"DamagedDatabase", func(t *testing.T, data string) {
			file := filepath.Join(data, databaseName)
			b, err := os.ReadFile(file)
			mend(t, err)
			for i := len(b) / 2; i < len(b); i++ {
				b[i] = 0xa5
			}
			mend(t, os.WriteFile(file, b, 0o600))
		}, exitBlocked, "database", statusFail, "damaged"},
		{"OtherFile", func(t *testing.T, data string) {
			mend(t, os.WriteFile(filepath.Join(data, databaseName), []byte("question,answer\n"), 0o600))
		}, exitBlocked, "database", statusFail, "not a vouch database"},
		{"NoIndex", func(t *testing.T, data string) { mend(t, os.RemoveAll(filepath.Join(data, "index"))) }, exitOK, "search index", statusWarn, "there is none"},
		{"DamagedIndex", func(t *testing.T, data string) {
			roots, err := filepath.Glob(filepath.Join(data, "index", "*", "store", "root.bolt"))
			mend(t, err)
			mend(t, os.Truncate(roots[0], 5000))
		}, exitOK, "search index", statusWarn, "damaged"},
		{"IndexOfAnotherVersion", func(t *testing.T, data string) {
			all, err := filepath.Glob(filepath.Join(data, "index", "*-1"))
			mend(t, err)
			mend(t, os.Rename(all[0], filepath.Join(data, "index", "0123456789ab-1")))
		}, exitOK, "search index", statusWarn, "another version"},
		{"IndexOfAnotherDatabase", func(t *testing.T, data string) {
			mend(t, os.Remove(filepath.Join(data, databaseName)))
			s, err := store.Open(t.Context(), data)
			mend(t, err)
			mend(t, s.EnsureWorkspace(t.Context(), "default"))
			mend(t, s.Close())
		}, exitOK, "search index", statusWarn, "another database"},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			data := library(t)
			x.spoil(t, data)
			d, _ := diagnose(t, data, x.code)
			for _, f := range d.Checks {
				if f.Check == "disk space" {
					continue // of the machine the tests run on
				}
				if f.Check != x.check && f.Status != statusOK || f.Check == x.check && (f.Status != x.want || !strings.Contains(f.Found, x.says)) {
					t.Errorf("%+v, want %s to be %q with %q", f, x.check, x.want, x.says)
				}
			}
		})
	}
}

func mend(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestDoctorOfADirectoryInUse: other processes may have it open, and what is
// in their log counts.
func TestDoctorOfADirectoryInUse(t *testing.T) {
	t.Parallel()
	data := library(t)
	w, err := openWorkspace(t.Context(), &global{Data: data, Workspace: "second"}, &terminal{out: os.Stdout, err: os.Stderr}, true)
	mend(t, err)
	defer w.close()
	code, stdout, stderr := vouch(t, "doctor", "--data", data, "--workspace", "third")
	for _, want := range []string{"another vouch has it open", "workspace second ", "there is none of this name", "198 entries, 102 controls"} {
		if code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, %s%s: want %q", code, stdout, stderr, want)
		}
	}
}

// TestDoctorSeesTheLag: changes that are not indexed yet are counted.
func TestDoctorSeesTheLag(t *testing.T) {
	t.Parallel()
	data := library(t)
	s, err := store.Open(t.Context(), data)
	mend(t, err)
	mend(t, s.EnsureWorkspace(t.Context(), "default"))
	entries, err := collect(t.Context(), s, &global{Workspace: "default"}, engine.EntryFilter{})
	mend(t, err)
	entries[0].Text += " And more."
	_, err = s.PutEntry(t.Context(), "default", entries[0])
	mend(t, err)
	mend(t, s.Close())
	if _, status := diagnose(t, data, exitOK); !strings.Contains(status["search index"].Found, "1 change behind") {
		t.Errorf("%+v", status["search index"])
	}
}

func TestDoctorJudges(t *testing.T) {
	t.Parallel()
	stored := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		rule string
		look func(d *diagnosis)
		want string
	}{
		{"ClockAfterTheNewestChange", func(d *diagnosis) { d.clock(stored.Add(time.Second)) }, statusOK},
		{"ClockBeforeTheNewestChange", func(d *diagnosis) { d.clock(stored.Add(-time.Second)) }, statusWarn},
		{"ClockOfAServer", func(d *diagnosis) {
			d.Server = &store.Server{Ahead: -time.Second}
			d.clock(stored.Add(time.Second))
		}, statusOK},
		{"ClockOfAServerThatIsOff", func(d *diagnosis) {
			d.Server = &store.Server{Ahead: -3 * time.Second}
			d.clock(stored.Add(time.Second))
		}, statusWarn},
		{"NoJobs", func(d *diagnosis) { d.jobs(stored) }, statusOK},
		{"JobsThatRun", func(d *diagnosis) {
			d.Database.Jobs = store.JobContents{Running: 2, Queued: 5, Waiting: &stored}
			d.jobs(stored.Add(10 * time.Minute))
		}, statusOK},
		{"JobsThatWaitForLong", func(d *diagnosis) {
			d.Database.Jobs.Waiting = &stored
			d.jobs(stored.Add(10*time.Minute + time.Second))
		}, statusWarn},
		{"JobsThatFailed", func(d *diagnosis) { d.Database.Jobs.Failed = 1; d.jobs(stored) }, statusWarn},
		{"JobsOfTheDead", func(d *diagnosis) { d.Database.Jobs = store.JobContents{Running: 1, Expired: 1}; d.jobs(stored) }, statusWarn},
		{"Admins", func(d *diagnosis) {
			d.Database.Workspaces = []store.WorkspaceContents{{Name: "w", Members: 2, Admins: 1}}
			d.workspaces(&global{Workspace: "w"})
		}, statusOK},
		{"NoAdmin", func(d *diagnosis) {
			d.Database.Workspaces = []store.WorkspaceContents{{Name: "w", Members: 2}}
			d.workspaces(&global{Workspace: "w"})
		}, statusWarn},
		{"NoMembers", func(d *diagnosis) {
			d.Database.Workspaces = []store.WorkspaceContents{{Name: "w"}}
			d.workspaces(&global{Workspace: "w"})
		}, statusOK},
		{"SpaceForTwoDatabases", func(d *diagnosis) { d.judgeSpace(6<<30, true) }, statusOK},
		{"SpaceForLess", func(d *diagnosis) { d.judgeSpace(6<<30-1, true) }, statusWarn},
		{"SpaceUnknown", func(d *diagnosis) { d.judgeSpace(0, false) }, statusOK},
		{"LittleSpace", func(d *diagnosis) { d.Database = nil; d.judgeSpace(1<<30-1, true) }, statusWarn},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			d := &diagnosis{Status: statusOK, Database: &store.Contents{Bytes: 3 << 30, Newest: &stored}}
			if x.look(d); d.Status != x.want || d.Checks[0].Status != x.want {
				t.Errorf("%+v, want %s", d, x.want)
			}
		})
	}
	if free, ok := freeSpace(t.TempDir()); ok && free == 0 {
		t.Error("no space is free")
	}
}

// TestDoctorCountsJobs: what is counted of jobs and admins is what there is, on
// both engines.
func TestDoctorCountsJobs(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, path string, place []string) {
		ctx := t.Context()
		s, err := store.Open(ctx, path)
		mend(t, err)
		defer s.Close()
		mend(t, s.EnsureWorkspace(ctx, "default"))
		for _, object := range []string{"a", "b", "c"} {
			_, err := s.AddJob(ctx, "default", engine.Job{Kind: engine.JobDraft, Object: object, MaxAttempts: 1})
			mend(t, err)
		}
		_, c, err := s.ClaimJob(ctx, []engine.JobKind{engine.JobDraft}, time.Hour)
		mend(t, err)
		_, err = s.EndJob(ctx, "default", c, engine.JobEnd{State: engine.JobFailed, Error: "it cannot be done"})
		mend(t, err)
		_, _, err = s.ClaimJob(ctx, []engine.JobKind{engine.JobDraft}, time.Millisecond)
		mend(t, err)
		for i, disabled := range []bool{true, false} {
			u, err := s.PutUser(ctx, engine.User{Email: fmt.Sprintf("%d@example.com", i), Name: "N", Disabled: disabled})
			mend(t, err)
			_, err = s.PutMember(ctx, "default", u.ID, engine.RoleAdmin)
			mend(t, err)
		}
		time.Sleep(20 * time.Millisecond)
		var d diagnosis
		mend(t, json.Unmarshal([]byte(must(t, append([]string{"doctor", "--format", "json"}, place...)...)), &d))
		if j := d.Database.Jobs; j.Queued != 1 || j.Running != 1 || j.Failed != 1 || j.Expired != 1 || j.Waiting == nil || time.Since(*j.Waiting).Abs() > time.Minute {
			t.Errorf("%+v", j)
		}
		if w := d.Database.Workspaces; len(w) != 1 || w[0].Members != 2 || w[0].Admins != 1 {
			t.Errorf("%+v", w)
		}
	})
}

// TestDoctorChecksSettings: with the file that a server has, the database is the
// one it names, and what would keep the server from starting shows.
func TestDoctorChecksSettings(t *testing.T) {
	t.Parallel()
	data := library(t)
	dir := filepath.Dir(data)
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		mend(t, os.WriteFile(file, []byte(text), mode))
		return file
	}
	write("secret", "s", 0o600)
	write("open", "s", 0o644)
	write("where", filepath.Join(data, databaseName)+"\n", 0o600)
	for name, x := range map[string]struct {
		text, status, says string
	}{
		"sound":             {"data: data\noidc_client_secret_file: secret\nworkers: 4\n", statusOK, "vouch.yaml"},
		"database_file":     {"database_file: where\n", statusOK, "vouch.yaml"},
		"misspelled":        {"data: data\ntokens: 1\n", statusFail, `line 2: unknown field "tokens"`},
		"no such file":      {"data: data\noidc_client_secret_file: nowhere\n", statusFail, "oidc_client_secret_file"},
		"open to others":    {"data: data\noidc_client_secret_file: open\n", statusWarn, "oidc_client_secret_file open (0644)"},
		"URL in the open":   {"data: data\ndatabase: postgres://u:s3cret@127.0.0.1:1/x\n", statusWarn, "database in vouch.yaml"},
		"relative database": {"database: data/vouch.db\n", statusOK, "vouch.yaml"},
	} {
		if runtime.GOOS == "windows" && x.status == statusWarn {
			continue // no such rights
		}
		config := write("vouch.yaml", x.text, 0o644)
		_, stdout, stderr := vouch(t, "doctor", "--config", config, "--format", "json", "--data", data)
		var d diagnosis
		if err := json.Unmarshal([]byte(stdout), &d); err != nil {
			t.Fatalf("%s: %s%s", name, stdout, stderr)
		}
		f := d.Checks[1]
		if f.Check != "settings" || f.Status != x.status || !strings.Contains(f.Found, x.says) || strings.Contains(stdout, "s3cret") {
			t.Errorf("%s: %+v", name, f)
		}
		if x.status == statusOK && (d.Database == nil || d.Database.Entries() != 198) {
			t.Errorf("%s: the database of the file is not looked at: %s", name, stdout)
		}
	}
	if code, stdout, stderr := vouch(t, "doctor", "--config", filepath.Join(dir, "none.yaml")); code != exitBlocked || !strings.Contains(stdout, "no such file") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}
