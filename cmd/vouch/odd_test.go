package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOddWorkbooks reads every odd and damaged workbook of the evaluation
// data: each gives a result or one sentence, in time, and leaves nothing
// behind. Which ones are refused is written down here, so that a change is
// seen.
func TestOddWorkbooks(t *testing.T) {
	t.Parallel()
	dir := shared(t, "odd-workbooks/calamine")
	files, err := filepath.Glob(filepath.Join(dir, "*.xls?"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workbooks in %s: %v", dir, err)
	}
	refused := map[string]string{"pass_protected.xlsx": "password"}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			code, stdout, stderr := vouch(t, "inspect", file, "--format", "tsv", "--data", t.TempDir())
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			word, bad := refused[filepath.Base(file)]
			switch {
			case bad && (code != exitRefused || !strings.Contains(stderr, word)):
				t.Errorf("exit %d, %q: want it refused for its %s", code, stderr, word)
			case !bad && code == exitRefused:
				if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "; ") {
					t.Errorf("refused with %q: want one sentence that says what to do", stderr)
				}
				t.Logf("refused: %s", strings.TrimSpace(stderr))
			case !bad && (code != exitOK || !strings.HasPrefix(stdout, "sheet\t")):
				t.Errorf("exit %d, %q", code, stderr)
			}
		})
	}
	t.Cleanup(func() {
		left, _ := filepath.Glob(filepath.Join(os.TempDir(), "vouch-*"))
		if len(left) > 0 {
			t.Logf("in the temporary directory, perhaps of other processes: %d", len(left))
		}
	})
}
