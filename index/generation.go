package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	bleveindex "github.com/blevesearch/bleve_index_api"

	"vouch/engine"
)

// bleveVersion is the version of bleve whose files a generation holds.
const bleveVersion = "v2.6.1"

// The fields of an indexed passage. Every term begins with its workspace, so
// a workspace's terms are found in its own passages only.
const (
	fieldEntry   = "entry"   // the terms of an entry
	fieldControl = "control" // the terms of a control
	fieldKey     = "key"     // what a passage is found by exactly; see the key functions
	typePassage  = "passage"
)

// What is stored beside the passages, in the batch that made it true.
var (
	internalSeq    = []byte("vouch.seq")    // the last change applied, 8 bytes big endian
	internalSchema = []byte("vouch.schema") // what the generation was made by
)

// errDamaged marks an index that cannot be read and must be rebuilt.
var errDamaged = errors.New("the index is damaged")

// errReplaced marks a generation that was closed because another took over.
var errReplaced = errors.New("the index generation was replaced")

// newMapping returns the mapping: three fields of terms analysed by us,
// neither stored nor counted, and nothing else.
func newMapping() *mapping.IndexMappingImpl {
	field := mapping.NewKeywordFieldMapping()
	field.Analyzer = keyword.Name
	field.Store, field.DocValues, field.IncludeInAll, field.IncludeTermVectors = false, false, false, false
	field.SkipFreqNorm = true
	passage := mapping.NewDocumentStaticMapping()
	for _, f := range []string{fieldEntry, fieldControl, fieldKey} {
		passage.AddFieldMappingsAt(f, field)
	}
	m := mapping.NewIndexMapping()
	m.DefaultMapping = mapping.NewDocumentDisabledMapping()
	m.DefaultAnalyzer = keyword.Name
	m.IndexDynamic, m.StoreDynamic, m.DocValuesDynamic = false, false, false
	m.AddDocumentMapping(typePassage, passage)
	return m
}

// indexed is a passage as bleve gets it.
type indexed struct {
	Entry   []string `json:"entry,omitempty"`
	Control []string `json:"control,omitempty"`
	Key     []string `json:"key"`
}

// BleveType names the mapping of a passage.
func (indexed) BleveType() string { return typePassage }

// separator parts workspace, kind and id; no id holds it.
const separator = "\x1f"

func scope(workspace string) string { return workspace + separator }

// passageID is the id of a passage among all workspaces.
func passageID(workspace string, kind engine.PassageKind, id string) string {
	return scope(workspace) + string(kind) + separator + id
}

// splitPassageID returns what passageID was made from but the workspace, which
// whoever asks knows.
func splitPassageID(s string) (kind engine.PassageKind, id string) {
	_, s, _ = strings.Cut(s, separator)
	k, id, _ := strings.Cut(s, separator)
	return engine.PassageKind(k), id
}

// The keys of a passage, without workspace.
func questionKey(hash uint64) string { return fmt.Sprintf("q%016x", hash) }
func refKey(ref string) string       { return "r" + engine.ControlKey(ref) }
func criterionKey(c string) string   { return "c" + engine.ControlKey(c) }
func fieldOf(k engine.PassageKind) string {
	if k == engine.PassageControl {
		return fieldControl
	}
	return fieldEntry
}

// everyKey is the key that each passage has; it counts a workspace.
const everyKey = "n"

// generation is one bleve index: a directory, or memory. It is closed once
// another generation has taken its place and its last reader is done.
type generation struct {
	path string // "" in memory

	mu     sync.RWMutex // readers hold it for reading
	bleve  bleve.Index
	closed bool

	seq     atomic.Int64 // the last change applied
	batches atomic.Int64 // since it was opened
	view    atomic.Pointer[view]
}

// view is what is known of a generation's content between two batches.
type view struct {
	mu    sync.Mutex
	stats map[string]*statistics // by workspace
	lists postingCache
}

func newView() *view {
	return &view{stats: map[string]*statistics{}}
}

// createGeneration makes an empty generation.
func createGeneration(path, schema string, lockTimeout time.Duration) (*generation, error) {
	g := &generation{path: path}
	err := guard(func() (err error) {
		g.bleve, err = bleve.NewUsing(path, newMapping(), scorch.Name, scorch.Name, map[string]any{"bolt_timeout": lockTimeout.String()})
		if err == nil {
			err = g.bleve.SetInternal(internalSchema, []byte(schema))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create index generation: %w", err)
	}
	g.view.Store(newView())
	return g, nil
}

// openGeneration opens a generation that was made by schema. Whatever is
// wrong with it is an error, never a panic.
func openGeneration(path, schema string, lockTimeout time.Duration) (*generation, error) {
	if err := errors.Join(checkRoot(path), checkSegments(path)); err != nil {
		return nil, err
	}
	g := &generation{path: path}
	err := guard(func() (err error) {
		g.bleve, err = bleve.OpenUsing(path, map[string]any{"bolt_timeout": lockTimeout.String()})
		if err != nil {
			return err
		}
		made, err := g.bleve.GetInternal(internalSchema)
		if err != nil {
			return err
		}
		seq, err := g.bleve.GetInternal(internalSeq)
		if err != nil {
			return err
		}
		if string(made) != schema || len(seq) != 0 && len(seq) != 8 {
			return errors.New("it was made by another program")
		}
		if len(seq) == 8 {
			g.seq.Store(int64(binary.BigEndian.Uint64(seq)))
		}
		return nil
	})
	if err != nil {
		_ = g.close() // the first error is the one to report
		return nil, fmt.Errorf("open index generation: %w", err)
	}
	g.view.Store(newView())
	return g, nil
}

// checkSegments compares each segment file with the CRC-32 in its last four
// bytes, which bleve does not: a torn segment would fault in a goroutine of
// bleve's, where nobody can recover.
func checkSegments(path string) error {
	files, err := filepath.Glob(filepath.Join(path, "store", "*.zap"))
	if err != nil {
		return fmt.Errorf("list index segments: %w", err)
	}
	for _, f := range files {
		if err := checkSegment(f); err != nil {
			return err
		}
	}
	return nil
}

func checkSegment(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open index segment: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open index segment: %w", err)
	}
	sum := crc32.NewIEEE()
	if st.Size() > 4 {
		if _, err = io.CopyN(sum, f, st.Size()-4); err != nil {
			return fmt.Errorf("read index segment: %w", err)
		}
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil || binary.BigEndian.Uint32(want[:]) != sum.Sum32() {
		return fmt.Errorf("%w: checksum of segment %s is wrong", errDamaged, filepath.Base(path))
	}
	return nil
}

// close waits for the readers and closes the index.
func (g *generation) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	g.closed = true
	if g.bleve == nil {
		return nil
	}
	if err := guard(g.bleve.Close); err != nil || g.path == "" {
		return err
	}
	return sealRoot(g.path)
}

// guard runs f and turns a panic, also one from reading a mapped file that
// was cut short, into errDamaged.
func guard(f func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	return f()
}

// read runs f with a reader of the index as it is now.
func (g *generation) read(ctx context.Context, f func(r bleveindex.IndexReader) error) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return errReplaced
	}
	err := guard(func() error {
		adv, err := g.bleve.Advanced()
		if err != nil {
			return err
		}
		r, err := adv.Reader()
		if err != nil {
			return err
		}
		defer r.Close()
		return f(r)
	})
	switch {
	case err == nil || ctx.Err() != nil || errors.Is(err, errDamaged):
		return err
	default:
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
}

// write is what one batch changes.
type write struct {
	seq    int64
	put    map[string]indexed
	delete []string
}

// apply writes one batch, and the sequence with it.
func (g *generation) apply(w write) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return errReplaced
	}
	err := guard(func() error {
		b := g.bleve.NewBatch()
		for id, doc := range w.put {
			if err := b.Index(id, doc); err != nil {
				return err
			}
		}
		for _, id := range w.delete {
			b.Delete(id)
		}
		b.SetInternal(internalSeq, binary.BigEndian.AppendUint64(nil, uint64(w.seq)))
		return g.bleve.Batch(b)
	})
	if err != nil {
		return fmt.Errorf("%w: write batch up to change %d: %w", errDamaged, w.seq, err)
	}
	g.seq.Store(w.seq)
	g.batches.Add(1)
	g.view.Store(newView())
	return nil
}

// docs returns how many passages there are, of all workspaces.
func (g *generation) docs() uint64 {
	n := uint64(0)
	_ = g.read(context.Background(), func(r bleveindex.IndexReader) (err error) {
		n, err = r.DocCount()
		return err
	})
	return n
}

// statistics returns how often terms occur in a workspace. It reads the
// workspace's dictionary once between two batches.
func (g *generation) statistics(ctx context.Context, l *Lexicon, workspace string) (*statistics, error) {
	v := g.view.Load()
	v.mu.Lock()
	defer v.mu.Unlock()
	if s := v.stats[workspace]; s != nil && s.lex == l {
		return s, nil
	}
	s := &statistics{terms: map[uint64]termStats{}, weak: l.weakHashes, lex: l}
	err := g.read(ctx, func(r bleveindex.IndexReader) error {
		n, err := count(ctx, r, fieldKey, scope(workspace)+everyKey)
		s.docs = int(n)
		for _, field := range []string{fieldEntry, fieldControl} {
			if err == nil {
				err = s.addField(ctx, r, field, scope(workspace))
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.finish(l)
	v.stats[workspace] = s
	return s, nil
}

// addField counts the passages of each term with a prefix. The dictionary's
// own counts include passages that were replaced, so they are not used.
func (s *statistics) addField(ctx context.Context, r bleveindex.IndexReader, field, prefix string) error {
	dict, err := r.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return err
	}
	defer dict.Close()
	for {
		e, err := dict.Next()
		if err != nil || e == nil {
			return err
		}
		n, err := count(ctx, r, field, e.Term)
		if err != nil {
			return err
		}
		if n > 0 {
			h := hash64(e.Term[len(prefix):])
			s.terms[h] = termStats{df: s.terms[h].df + int32(n)}
		}
	}
}

// count returns how many passages have a term.
func count(ctx context.Context, r bleveindex.IndexReader, field, term string) (uint64, error) {
	t, err := r.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	return t.Count(), nil
}

// postings returns the internal numbers of the passages that have a term,
// rising.
func postings(ctx context.Context, r bleveindex.IndexReader, field, term string) ([]uint32, error) {
	t, err := r.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	list := make([]uint32, 0, t.Count())
	var doc bleveindex.TermFieldDoc
	for {
		d, err := t.Next(doc.Reset())
		if err != nil || d == nil {
			return list, err
		}
		list = append(list, uint32(d.ID.Value()))
	}
}

// having returns those of the passages, which rise, that have a term.
func having(ctx context.Context, r bleveindex.IndexReader, field, term string, numbers []uint32) ([]uint32, error) {
	t, err := r.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	out := make([]uint32, 0, len(numbers))
	var doc bleveindex.TermFieldDoc
	var id bleveindex.IndexInternalID
	at := int64(-1) // the passage the reader stands at
	for _, n := range numbers {
		if at < int64(n) {
			id = bleveindex.NewIndexInternalID(id, uint64(n))
			d, err := t.Advance(id, doc.Reset())
			if err != nil || d == nil {
				return out, err
			}
			at = int64(d.ID.Value())
		}
		if at == int64(n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// bleveLists are the lists of a workspace in bleve, as a reader sees them.
type bleveLists struct {
	reader    bleveindex.IndexReader
	workspace string
	cache     *postingCache // of the view that the reader belongs to
}

func (b *bleveLists) prepare(context.Context, []listName) error { return nil }

func (b *bleveLists) passages(ctx context.Context, l listName) ([]uint32, error) {
	if l.field == fieldKey { // asked for once
		return postings(ctx, b.reader, l.field, scope(b.workspace)+l.term)
	}
	key := listName{l.field, scope(b.workspace) + l.term}
	if list, ok := b.cache.get(b.reader, key); ok {
		return list, nil
	}
	list, err := postings(ctx, b.reader, key.field, key.term)
	if err != nil {
		return nil, err
	}
	b.cache.put(b.reader, key, list)
	return list, nil
}

func (b *bleveLists) having(ctx context.Context, l listName, numbers []uint32) ([]uint32, error) {
	return having(ctx, b.reader, l.field, scope(b.workspace)+l.term, numbers)
}

func (b *bleveLists) names(ctx context.Context, numbers []uint32, most int) ([]hit, error) {
	out := make([]hit, 0, len(numbers))
	for i, n := range numbers {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		id, err := b.reader.ExternalID(bleveindex.NewIndexInternalID(nil, uint64(n)))
		if err != nil {
			return nil, err
		}
		out = append(out, hit{number: n, id: id})
	}
	if len(out) > most {
		slices.SortFunc(out, func(a, b hit) int { return strings.Compare(a.id, b.id) })
		out = out[:most]
	}
	return out, nil
}

// search returns the candidates of both kinds.
func (g *generation) search(ctx context.Context, l *Lexicon, workspace string, q *query, s *statistics) (map[engine.PassageKind][]hit, error) {
	var out map[engine.PassageKind][]hit
	cache := &g.view.Load().lists
	err := g.read(ctx, func(r bleveindex.IndexReader) (err error) {
		out, err = search(ctx, &bleveLists{r, workspace, cache}, l, q, s)
		return err
	})
	return out, err
}
