package engine

import (
	"bytes"
	"encoding/json"
)

// sameJSON reports whether two values are written alike: what is stored as
// JSON is the same if its JSON is.
func sameJSON(a, b any) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
