package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// TestAudit walks from changes through the log to a checkpoint.
func TestAudit(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	var first engine.AuditReport
	decode := func(into any, args ...string) {
		t.Helper()
		if err := json.Unmarshal([]byte(must(t, append(args, "--data", data, "--format", "json")...)), into); err != nil {
			t.Fatal(err)
		}
	}
	decode(&first, "audit", "verify")
	if len(first.Breaks) != 0 || first.Head.Count < 103 || first.Objects != int(first.Head.Count) {
		t.Errorf("%+v, want a whole log of the register and 102 controls", first)
	}
	checkpoint := first.Head.String()
	contains(t, must(t, "audit", "verify", "--data", data), "The log is whole: 103 events, 103 things are as it says.", "Checkpoint: "+checkpoint)
	must(t, "evidence", "add", "--data", data, "--control", "AC-05", "--title", "Access review")
	var list []engine.AuditEvent
	decode(&list, "audit", "list", "--object", "register", "--limit", "1")
	if len(list) != 1 || list[0].Action != engine.AuditChanged || list[0].Seq != first.Head.Count+1 || list[0].Before == "" {
		t.Errorf("the newest of the register: %+v", list)
	}
	decode(&list, "audit", "list", "--object", "control", "--limit", "0")
	if len(list) != 102 || list[0].Seq < list[101].Seq {
		t.Errorf("%d events of controls, want 102, newest first", len(list))
	}
	contains(t, must(t, "audit", "verify", "--data", data, "--checkpoint", checkpoint), "The log is whole: 104 events")
	out := filepath.Join(dir, "log.jsonl")
	must(t, "audit", "export", "--data", data, "-o", out)
	log, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(log))
	prev := ""
	for n := int64(1); lines.Scan(); n++ {
		var e engine.AuditEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Seq != n || e.Prev != prev || e.Hash != e.Sum("default") {
			t.Fatalf("line %d: %+v, %v", n, e, err)
		}
		prev = e.Hash
	}
	if prev == "" {
		t.Error("nothing was exported")
	}
}

// TestAuditRefuses proves the exit codes: 2 for what cannot be done, 3 for a
// log that is not whole.
func TestAuditRefuses(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"NoData":       {[]string{"verify", "--data", t.TempDir()}, exitRefused, "no log of it"},
		"NoCheckpoint": {[]string{"verify", "--data", data, "--checkpoint", "12"}, exitRefused, "--checkpoint is no checkpoint; want a count, a colon and the 64 digits"},
		"Another":      {[]string{"verify", "--data", data, "--checkpoint", "7:" + strings.Repeat("ab", 32)}, exitBlocked, "the checkpoint of 7 events is not in the log"},
		"Limit":        {[]string{"list", "--data", data, "--limit=-1"}, exitRefused, "--limit is below 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := vouch(t, append([]string{"audit"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("exit %d: %q %q; want %d and %q", code, stdout, stderr, c.code, c.says)
			}
		})
	}
}
