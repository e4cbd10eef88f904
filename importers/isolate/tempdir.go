package isolate

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tempPrefix starts the names of our temporary directories; the id of the
// process that made one follows.
const tempPrefix = "vouch-"

// TempDir makes a temporary directory for this process, which removes it when
// it is done. What a process that was killed has left behind, perhaps parts of
// a customer's file, is removed by the next one that asks for a directory.
func TempDir() (string, error) {
	removeAbandoned(os.TempDir())
	dir, err := os.MkdirTemp("", tempPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", fmt.Errorf("make temporary directory: %w", err)
	}
	return dir, nil
}

// removeAbandoned removes the directories in temp whose process is gone. One
// that cannot be removed, because it is another user's, stays.
func removeAbandoned(temp string) {
	dirs, err := filepath.Glob(filepath.Join(temp, tempPrefix+"*-*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), tempPrefix), "-")
		pid, err := strconv.Atoi(id)
		if err != nil || pid <= 0 || alive(pid) {
			continue
		}
		os.RemoveAll(dir)
	}
}
