package xlsx

import (
	"archive/zip"
	"io"
	"sync"
)

// Packing and unpacking take about as long as everything else that happens to
// a large sheet, so they run beside it: [readAhead] unpacks the next blocks
// while the last one is looked at, [writeBehind] packs what has been written.

const (
	pipeBlock  = 128 << 10
	pipeBlocks = 3       // under way at a time
	pipeFrom   = 1 << 20 // smaller parts are not worth a goroutine
)

// aside makes a large part unpack in a goroutine.
func aside(rc io.ReadCloser, f *zip.File) io.ReadCloser {
	if f.UncompressedSize64 < pipeFrom {
		return rc
	}
	return &asidePart{readAhead(rc), rc}
}

type asidePart struct {
	*aheadReader
	rc io.Closer
}

func (p *asidePart) Close() error {
	_ = p.aheadReader.Close()
	return p.rc.Close()
}

type block struct {
	data []byte
	err  error // comes after data
}

// aheadReader reads from what a goroutine has read already.
type aheadReader struct {
	full, free chan block
	stop       chan struct{}
	done       sync.WaitGroup
	now        block
	rest       []byte
	err        error
}

// readAhead starts reading r. Close must be called, and returns when r is not
// used any more.
func readAhead(r io.Reader) *aheadReader {
	a := &aheadReader{full: make(chan block, pipeBlocks), free: make(chan block, pipeBlocks), stop: make(chan struct{})}
	for range pipeBlocks {
		a.free <- block{data: make([]byte, pipeBlock)}
	}
	a.done.Go(func() {
		for {
			select {
			case <-a.stop:
				return
			case b := <-a.free:
				n, err := io.ReadFull(r, b.data[:pipeBlock])
				if err == io.ErrUnexpectedEOF {
					err = io.EOF
				}
				a.full <- block{b.data[:n], err} // never blocks: there is a place for every block
				if err != nil {
					return
				}
			}
		}
	})
	return a
}

func (a *aheadReader) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.now.data != nil {
			a.free <- a.now
		}
		a.now = <-a.full
		a.rest, a.err = a.now.data, a.now.err
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close stops reading ahead.
func (a *aheadReader) Close() error {
	close(a.stop)
	a.done.Wait()
	return nil
}

// behindWriter hands what is written to a goroutine.
type behindWriter struct {
	full, free chan []byte
	done       sync.WaitGroup
	now        []byte
	mu         sync.Mutex
	err        error
}

// writeBehind starts writing to w. Close must be called; it returns when
// everything is written, with the first error there was.
func writeBehind(w io.Writer) *behindWriter {
	b := &behindWriter{full: make(chan []byte, pipeBlocks), free: make(chan []byte, pipeBlocks)}
	for range pipeBlocks {
		b.free <- make([]byte, 0, pipeBlock)
	}
	b.now = <-b.free
	b.done.Go(func() {
		for data := range b.full {
			if b.failed() == nil {
				if _, err := w.Write(data); err != nil {
					b.mu.Lock()
					b.err = err
					b.mu.Unlock()
				}
			}
			b.free <- data[:0]
		}
	})
	return b
}

func (b *behindWriter) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

func (b *behindWriter) Write(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(b.now[len(b.now):cap(b.now)], p[n:])
		b.now = b.now[:len(b.now)+k]
		n += k
		if len(b.now) == cap(b.now) {
			if err := b.failed(); err != nil {
				return n, err
			}
			b.full <- b.now
			b.now = <-b.free
		}
	}
	return n, nil
}

// Close writes what is left and waits for all of it.
func (b *behindWriter) Close() error {
	b.full <- b.now
	close(b.full)
	b.done.Wait()
	return b.failed()
}
