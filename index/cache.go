package index

import "sync"

// docCache keeps analysed documents by passage id. When it is full, what was
// not used since it was half full goes.
type docCache struct {
	mu    sync.RWMutex
	half  int
	epoch int64 // rises with every forget, so that what was read before is not kept
	young map[string]*document
	old   map[string]*document
}

func newDocCache(size int) *docCache {
	return &docCache{half: max(1, size/2), young: map[string]*document{}, old: map[string]*document{}}
}

// now returns the epoch to give to put for what is read from here on.
func (c *docCache) now() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.epoch
}

// get returns the documents that are there, in the order of ids, nil for
// those that are not.
func (c *docCache) get(ids []string) []*document {
	docs := make([]*document, len(ids))
	var aged []int
	c.mu.RLock()
	for i, id := range ids {
		if docs[i] = c.young[id]; docs[i] == nil {
			if docs[i] = c.old[id]; docs[i] != nil {
				aged = append(aged, i)
			}
		}
	}
	c.mu.RUnlock()
	if len(aged) > 0 {
		c.mu.Lock()
		for _, i := range aged {
			if c.old[ids[i]] == docs[i] {
				c.add(ids[i], docs[i])
			}
		}
		c.mu.Unlock()
	}
	return docs
}

// put keeps a document, unless something was forgotten since epoch.
func (c *docCache) put(epoch int64, id string, d *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch == c.epoch {
		c.add(id, d)
	}
}

func (c *docCache) add(id string, d *document) {
	if len(c.young) >= c.half {
		c.old, c.young = c.young, make(map[string]*document, c.half)
	}
	c.young[id] = d
}

// forget drops documents that have changed.
func (c *docCache) forget(ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, id := range ids {
		delete(c.young, id)
		delete(c.old, id)
	}
}

// size returns how many documents there are, at most.
func (c *docCache) size() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.young) + len(c.old)
}
