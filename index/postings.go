package index

import "sync"

// maxPostings bounds the numbers that a postingCache keeps, at 4 bytes each.
const maxPostings = 4_000_000

// postingCache keeps the passages of terms as lists of internal numbers: the
// questions of a questionnaire share most of their words, and to read a list
// from bleve costs some 100 ns a passage. The numbers belong to one snapshot of
// the index, as bleve renumbers passages when it merges segments, and a database
// changes. A full cache begins anew.
type postingCache struct {
	mu       sync.RWMutex
	snapshot any // only compared, never read
	lists    map[listName][]uint32
	held     int // numbers in all lists
}

// get returns the list that was put for the same snapshot.
func (c *postingCache) get(snapshot any, key listName) ([]uint32, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.snapshot != snapshot {
		return nil, false
	}
	list, ok := c.lists[key]
	return list, ok
}

// put keeps a list, which nobody may change after that.
func (c *postingCache) put(snapshot any, key listName, list []uint32) {
	const overhead = 16 // of an entry of the map, in numbers
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snapshot != snapshot || c.held+len(list)+overhead > maxPostings {
		c.snapshot, c.lists, c.held = snapshot, map[listName][]uint32{}, 0
	}
	c.lists[key] = list
	c.held += len(list) + overhead
}
