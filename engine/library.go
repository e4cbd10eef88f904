package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Errors of every store. Compare with [errors.Is].
var (
	ErrNotFound     = errors.New("there is no such thing in this workspace")
	ErrStaleVersion = errors.New("it was changed by someone else in the meantime; read it again")
	ErrExists       = errors.New("there is one with this id already")
	ErrNoWorkspace  = errors.New("there is no such workspace")
	ErrBusy         = errors.New("something else is writing to the database; try again in a moment")
)

// Errors of an import, beside those of [Entry.Validate] and [Control.Validate].
var (
	ErrUnknownVerdict = errors.New("the verdict is none of yes, no, partial, not_applicable")
	ErrControlTwice   = errors.New("the import holds another control with this id, which says something else")
)

// WorkspaceStore knows the workspaces.
type WorkspaceStore interface {
	// EnsureWorkspace makes the workspace if there is none with this id.
	EnsureWorkspace(ctx context.Context, workspace string) error
}

// EntryStore is the answer library. Entries are read as they are now, but for
// [EntryStore.EntryVersions]; what another workspace holds is not there.
type EntryStore interface {
	// Entries returns the entries with these ids, in the order of ids.
	// Unknown ids are left out.
	Entries(ctx context.Context, workspace string, ids []string) ([]Entry, error)

	// EntriesByKey returns the entries that ask one of the questions, named
	// by [Entry.Key], in the order they were added.
	EntriesByKey(ctx context.Context, workspace string, keys []string) ([]Entry, error)

	// EntryVersions returns every version of an entry, oldest first.
	EntryVersions(ctx context.Context, workspace, id string) ([]Entry, error)

	// AllEntries streams the entries that pass f, in the order they were
	// added, as they were when the loop began. An error ends the stream.
	// Inside a transaction nothing else may be called from the loop.
	AllEntries(ctx context.Context, workspace string, f EntryFilter) iter.Seq2[Entry, error]

	// PutEntry stores e as the next version, and returns it with the id and
	// version it got. Without an id it is a new entry; with one, e.Version
	// must be the newest version, else the error is [ErrStaleVersion].
	PutEntry(ctx context.Context, workspace string, e Entry) (Entry, error)
}

// EntryFilter chooses entries. The zero value chooses all; fields that are set
// must all hold.
type EntryFilter struct {
	File            string    // imported from this file
	Section         string    // exactly
	Owner           string    // exactly
	Tag             string    // one of the entry's tags, exactly
	Visibility      string    // exactly; [Unmarked] for those without
	Product         string    // one of the products the entry names, exactly; not those that name none
	Language        string    // exactly
	ReviewedBefore  time.Time // last reviewed before, or never
	ReviewDueBefore time.Time // to be reviewed by a day before; not those without such a day
	After           string    // added after the entry with this id: the last one of the page before
	Limit           int       // at most so many; 0 means all
}

// ControlStore is the control library, in the manner of [EntryStore].
type ControlStore interface {
	// Controls returns the controls with these ids, in the order of ids.
	// Unknown ids are left out.
	Controls(ctx context.Context, workspace string, ids []string) ([]Control, error)

	// ControlsByRef returns the controls with these refs, compared by
	// [ControlKey], in the order they were added.
	ControlsByRef(ctx context.Context, workspace string, refs []string) ([]Control, error)

	// ControlVersions returns every version of a control, oldest first.
	ControlVersions(ctx context.Context, workspace, id string) ([]Control, error)

	// AllControls streams the controls that pass f, as AllEntries does.
	AllControls(ctx context.Context, workspace string, f ControlFilter) iter.Seq2[Control, error]

	// PutControl stores c as the next version, as PutEntry does. A ref that
	// another control has is [ErrExists].
	PutControl(ctx context.Context, workspace string, c Control) (Control, error)
}

// ControlFilter chooses controls. The zero value chooses all; fields that are
// set must all hold.
type ControlFilter struct {
	File   string // imported from this file
	Domain string // exactly
	Owner  string // exactly
	Status string // exactly
	After  string // added after the control with this id: the last one of the page before
	Limit  int    // at most so many; 0 means all
}

// LayoutStore remembers how files of a shape are read.
type LayoutStore interface {
	// Layout returns the layout for files of this shape, or [ErrNotFound].
	Layout(ctx context.Context, workspace, shape string) (Layout, error)

	// PutLayout stores l for its shape, in place of what was there.
	PutLayout(ctx context.Context, workspace string, l Layout) error
}

// Tx is a [Store] inside one transaction. It is for one goroutine. After a
// statement that failed it does nothing more, and the transaction is undone
// whatever its function returns; [ErrNotFound] and [ErrStaleVersion] are
// answers, not failures.
type Tx interface {
	WorkspaceStore
	EntryStore
	ControlStore
	LayoutStore
	TuningStore
	RegisterStore
	LedgerStore
	ProposalStore
	AuditStore
	UserStore
	MemberStore
	SessionStore
	TokenStore
	InvitationStore
	SetUpStore
	ThrottleStore
	IdempotencyStore
	ChangeStore
	FileStore
	SettingsStore
	QuestionnaireStore
	AnswerStore
	DecisionStore
	CommentStore
	ExportStore
	JobStore
	JobQueue
	PresenceStore
}

// Store keeps everything a workspace owns. Each of its methods is one
// transaction of its own.
type Store interface {
	Tx

	// InTx runs fn in one transaction: all of what it did is stored if it
	// returns nil, none of it if it returns an error or panics. Inside, only
	// the given Tx may write; the Store would wait for fn to end.
	InTx(ctx context.Context, fn func(Tx) error) error

	// InSnapshot runs fn over one state of everything, for what reads much:
	// nobody who writes waits for it, and nothing that is written meanwhile is
	// seen. The given Tx is for reading; what would write fails.
	InSnapshot(ctx context.Context, fn func(Tx) error) error
}

// ControlKey is what makes two refs name the same control: blanks around it
// and case do not count.
func ControlKey(ref string) string { return strings.ToLower(strings.TrimSpace(ref)) }

// ImportResult says what became of one entry or control of an import.
type ImportResult string

// The results of an import.
const (
	ImportAdded     ImportResult = "added"
	ImportChanged   ImportResult = "changed"   // a new version; the old one is kept
	ImportUnchanged ImportResult = "unchanged" // the library says this already
	ImportRefused   ImportResult = "refused"
)

// ImportOutcome is what became of one entry or control of an import.
type ImportOutcome struct {
	Result  ImportResult `json:"result"`
	Place   string       `json:"place,omitempty"`
	Ref     string       `json:"ref,omitempty"`
	ID      string       `json:"id,omitempty"`      // of the entry or control in the library
	Version int          `json:"version,omitempty"` // of it, after the import
	Reason  string       `json:"reason,omitempty"`  // why it was refused
}

// Refusal is an entry or control that was not taken.
type Refusal struct {
	Place  string `json:"place,omitempty"` // in the file
	Ref    string `json:"ref,omitempty"`
	Reason string `json:"reason"`
}

// ImportReport says what an import did. Outcomes runs parallel to what was
// given to the import.
type ImportReport struct {
	Added     int             `json:"added"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Refused   []Refusal       `json:"refused,omitempty"`
	Outcomes  []ImportOutcome `json:"outcomes,omitempty"`
}

func (r *ImportReport) add(o ImportOutcome) {
	switch o.Result {
	case ImportAdded:
		r.Added++
	case ImportChanged:
		r.Changed++
	case ImportUnchanged:
		r.Unchanged++
	case ImportRefused:
		r.Refused = append(r.Refused, Refusal{Place: o.Place, Ref: o.Ref, Reason: o.Reason})
	}
	r.Outcomes = append(r.Outcomes, o)
}

// ImportEntries takes entries into the library of a workspace, all of them in
// one transaction. Ids and versions they come with do not count, and nothing
// is ever removed. Each entry is
//
//   - refused, if it cannot be an entry;
//   - unchanged, if an entry from the same file with the same question says
//     the same;
//   - changed, if an entry from the same file with the same question and ref
//     says something else, which no other given entry says: a new version;
//   - unchanged, if an entry from another file gives the same answer to the
//     same question, for the same products; or changed, if the given one was
//     reviewed later, says first by when to review, or says first or more
//     closely who may have it, and no given entry is from that file: the entry
//     there gets its days or its visibility and nothing else;
//   - added, else. So two files that answer a question differently leave two
//     entries, a conflict for a person to see.
//
// What a given entry leaves empty of owner, visibility, products and language
// stays as the entry has it: they are set in the library too, and a list that
// knows nothing of them takes nothing back.
//
// The same file comes before other files, so that a correction made in a file
// reaches the entry which came from it, even when another file was right
// before. To import the same entries once more changes nothing.
func ImportEntries(ctx context.Context, store Store, workspace string, entries []Entry) (ImportReport, error) {
	var report ImportReport
	rows, refused := entryRows(entries)
	err := store.InTx(ctx, func(tx Tx) error {
		report = ImportReport{}
		keys := make([]string, 0, len(rows))
		for _, r := range rows {
			keys = append(keys, r.key)
		}
		slices.Sort(keys)
		current, err := tx.EntriesByKey(ctx, workspace, slices.Compact(keys))
		if err != nil {
			return err
		}
		placeRows(rows, current)
		for _, r := range rows {
			if r.result == ImportUnchanged {
				continue
			}
			if r.slot.entry, err = tx.PutEntry(ctx, workspace, r.slot.entry); err != nil {
				return err
			}
		}
		next := 0
		for i := range entries {
			o := ImportOutcome{Result: ImportRefused, Place: entries[i].Source.Place, Ref: entries[i].Source.Ref}
			if reason, ok := refused[i]; ok {
				o.Reason = reason.Error()
			} else {
				r := rows[next]
				next++
				o.Result, o.ID, o.Version = r.result, r.slot.entry.ID, r.slot.entry.Version
			}
			report.add(o)
		}
		return nil
	})
	if err != nil {
		return ImportReport{}, fmt.Errorf("import entries: %w", err)
	}
	return report, nil
}

// entryRow is one entry of an import, and where it goes.
type entryRow struct {
	entry  Entry
	key    string
	slot   *entrySlot
	result ImportResult
}

// entrySlot is one entry of the library, as it will be after the import.
type entrySlot struct {
	entry Entry
	taken bool // some row says the same, so no other row may change it
}

// entryRows returns the entries that can be imported, cleaned and numbered,
// and why the others cannot, by their index.
func entryRows(entries []Entry) ([]*entryRow, map[int]error) {
	rows, refused := make([]*entryRow, 0, len(entries)), map[int]error{}
	count := map[entryPlace]int{}
	for i := range entries {
		e := cleanEntry(&entries[i])
		err := e.Validate()
		if err == nil && !e.Verdict.IsValid() {
			err = ErrUnknownVerdict
		}
		if err != nil {
			refused[i] = err
			continue
		}
		r := &entryRow{entry: e, key: e.Key()}
		p := placeOf(r.key, &e)
		r.entry.Source.Nth = count[p]
		count[p]++
		rows = append(rows, r)
	}
	return rows, refused
}

// entryPlace names the entries of one file with one question and ref; Nth
// tells them apart.
type entryPlace struct{ key, file, ref string }

func placeOf(key string, e *Entry) entryPlace { return entryPlace{key, e.Source.File, e.Source.Ref} }

// entryAnswer is the answer to a question, whoever gives it.
type entryAnswer struct {
	key                     string
	verdict                 Verdict
	answer, text, ownership string
}

func answerOf(key string, e *Entry) entryAnswer {
	return entryAnswer{key, e.Verdict, e.Answer, e.Text, e.Ownership}
}

// placeRows finds for each row the slot it goes to, in three rounds over all
// rows: what is said already, what changes, what is new. No round undoes what
// an earlier one found, and a slot is taken only by rows that say what it
// says in the end. That is why the same rows find themselves said the next
// time, and why the rounds must not be joined: a change made early could take
// away what a later row had relied on.
func placeRows(rows []*entryRow, current []Entry) {
	slots := map[entryPlace][]*entrySlot{}
	numbers := map[entryPlace]int{} // the first Nth above all there are
	says := map[entryAnswer][]*entrySlot{}
	put := func(key string, s *entrySlot) {
		says[answerOf(key, &s.entry)] = append(says[answerOf(key, &s.entry)], s)
	}
	for i := range current {
		s := &entrySlot{entry: current[i]}
		key := s.entry.Key()
		put(key, s)
		p := placeOf(key, &s.entry)
		slots[p] = append(slots[p], s)
		numbers[p] = max(numbers[p], s.entry.Source.Nth+1)
	}
	// said finds a slot of the row's file that says exactly what r says, best
	// the one in r's own place, and takes all that do.
	said := func(r *entryRow) bool {
		for _, s := range says[answerOf(r.key, &r.entry)] {
			given := r.entry.over(&s.entry)
			if s.entry.Source.File != r.entry.Source.File || !s.entry.SaysSame(&given) {
				continue
			}
			s.taken = true
			if r.slot == nil || s.entry.Source.Ref == r.entry.Source.Ref && s.entry.Source.Nth == r.entry.Source.Nth {
				r.slot, r.result = s, ImportUnchanged
			}
		}
		return r.slot != nil
	}
	change := func(r *entryRow, fits func(*entrySlot) bool) {
		p := placeOf(r.key, &r.entry)
		for len(slots[p]) > 0 && slots[p][0].taken {
			slots[p] = slots[p][1:]
		}
		for _, s := range slots[p] {
			if s.taken || !fits(s) {
				continue
			}
			id, version, nth := s.entry.ID, s.entry.Version, s.entry.Source.Nth
			s.entry, s.taken = r.entry.over(&s.entry), true
			s.entry.ID, s.entry.Version, s.entry.Source.Nth = id, version, nth
			r.slot, r.result = s, ImportChanged
			put(r.key, s)
			return
		}
	}

	for _, r := range rows {
		said(r)
	}
	for _, r := range rows {
		if r.slot == nil && !said(r) {
			change(r, func(s *entrySlot) bool { return s.entry.Source.Nth == r.entry.Source.Nth })
		}
	}
	// A row inserted above shifts the numbers, so a place that lost its own
	// row takes the next one that has none.
	for _, r := range rows {
		if r.slot == nil && !said(r) {
			change(r, func(*entrySlot) bool { return true })
		}
	}
	for _, r := range rows {
		if r.slot != nil || said(r) {
			continue
		}
		answer := answerOf(r.key, &r.entry)
		for _, s := range says[answer] {
			if s.entry.Source.File != r.entry.Source.File && answerOf(r.key, &s.entry) == answer && slices.Equal(s.entry.Products, r.entry.Products) {
				r.slot, r.result = s, ImportUnchanged
				if !s.taken && reviewedLater(&r.entry, &s.entry) {
					s.entry.ReviewedAt, s.entry.ReviewBy, r.result = r.entry.ReviewedAt, r.entry.ReviewBy, ImportChanged
				}
				if !s.taken && closer(r.entry.Visibility, s.entry.Visibility) {
					s.entry.Visibility, r.result = r.entry.Visibility, ImportChanged
				}
				break
			}
		}
		if r.slot != nil {
			continue
		}
		p := placeOf(r.key, &r.entry)
		r.slot, r.result = &entrySlot{entry: r.entry, taken: true}, ImportAdded
		r.slot.entry.Source.Nth = max(r.entry.Source.Nth, numbers[p])
		numbers[p] = r.slot.entry.Source.Nth + 1
		put(r.key, r.slot)
	}
}

// reviewedLater reports whether e tells of a later review than old does, or of
// the same one and first by when the next is due.
func reviewedLater(e, old *Entry) bool {
	if sameDay(e.ReviewedAt, old.ReviewedAt) {
		return e.ReviewBy != nil && old.ReviewBy == nil
	}
	return e.ReviewedAt != nil && (old.ReviewedAt == nil || e.ReviewedAt.After(*old.ReviewedAt))
}

// closer reports whether an entry marked old is to be marked v, because that
// says first who may have it, or lets fewer have it.
func closer(v, old Visibility) bool {
	return v != VisibilityUnmarked && (old == VisibilityUnmarked || v.rank() > old.rank())
}

// over returns e with what it leaves empty, and a list may know nothing of, as
// old has it.
func (e *Entry) over(old *Entry) Entry {
	c := *e
	if c.Owner == "" {
		c.Owner = old.Owner
	}
	if c.Visibility == VisibilityUnmarked {
		c.Visibility = old.Visibility
	}
	if len(c.Products) == 0 {
		c.Products = old.Products
	}
	if c.Language == "" {
		c.Language = old.Language
	}
	return c
}

// cleanEntry returns e as the library can hold it: without id and version,
// without the bytes that databases refuse in text, reviewed on a day and to be
// reviewed by a day.
func cleanEntry(e *Entry) Entry {
	c := *e
	c.ID, c.Version = "", 0
	for _, s := range []*string{&c.Question, &c.Answer, &c.Text, &c.Ownership, &c.Section, &c.Owner} {
		*s = cleanBytes(*s)
	}
	c.Tags, c.Products, c.Source = cleanAll(e.Tags), cleanAll(e.Products), cleanSource(e.Source)
	c.ReviewedAt, c.ReviewBy = cleanDay(e.ReviewedAt), cleanDay(e.ReviewBy)
	return c
}

// cleanDay returns the day that t names where it was said, as UTC midnight.
func cleanDay(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return &day
}

func cleanSource(s Source) Source {
	return Source{File: cleanBytes(s.File), Ref: cleanBytes(s.Ref), Nth: s.Nth, Place: cleanBytes(s.Place)}
}

func cleanAll(list []string) []string {
	var clean []string
	for _, s := range list {
		clean = append(clean, cleanBytes(s))
	}
	return clean
}

// cleanBytes drops NUL and shows broken UTF-8 as U+FFFD, which is how a
// database without such checks and one with them come to hold the same.
func cleanBytes(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// ImportControls takes controls into a workspace, all of them in one
// transaction. A control is known by its ref, compared by [ControlKey]: the
// same ref with the same content is unchanged, with other content it is
// changed, from whichever file it comes; what it leaves empty stays as it was.
// Of two given controls with one ref
// that say different things the first is taken and the other refused, so that
// to import the same controls once more changes nothing.
func ImportControls(ctx context.Context, store Store, workspace string, controls []Control) (ImportReport, error) {
	var report ImportReport
	err := store.InTx(ctx, func(tx Tx) error {
		report = ImportReport{}
		refs := make([]string, 0, len(controls))
		for i := range controls {
			refs = append(refs, cleanBytes(controls[i].Ref))
		}
		list, err := tx.ControlsByRef(ctx, workspace, refs)
		if err != nil {
			return err
		}
		current, given := map[string]Control{}, map[string]bool{}
		for _, c := range list {
			current[ControlKey(c.Ref)] = c
		}
		for i := range controls {
			o, err := importControl(ctx, tx, workspace, cleanControl(&controls[i]), current, given)
			if err != nil {
				return err
			}
			o.Place, o.Ref = controls[i].Source.Place, controls[i].Ref
			report.add(o)
		}
		return nil
	})
	if err != nil {
		return ImportReport{}, fmt.Errorf("import controls: %w", err)
	}
	return report, nil
}

// importControl puts c beside or over current, the controls there are by key;
// given holds the keys that this import brought already.
func importControl(ctx context.Context, tx Tx, workspace string, c Control, current map[string]Control, given map[string]bool) (ImportOutcome, error) {
	if err := c.Validate(); err != nil {
		return ImportOutcome{Result: ImportRefused, Reason: err.Error()}, nil //nolint:nilerr // a refused control does not fail the import
	}
	key := ControlKey(c.Ref)
	old, known := current[key]
	if given[key] {
		c.Ref = old.Ref // spelled twice, the first spelling stands
	}
	if known {
		c = c.over(&old)
	}
	result := ImportAdded
	switch {
	case known && old.SaysSame(&c):
		given[key] = true
		return ImportOutcome{Result: ImportUnchanged, ID: old.ID, Version: old.Version}, nil
	case given[key]:
		return ImportOutcome{Result: ImportRefused, Reason: ErrControlTwice.Error()}, nil
	case known:
		c.ID, c.Version, result = old.ID, old.Version, ImportChanged
	}
	c, err := tx.PutControl(ctx, workspace, c)
	if err != nil {
		return ImportOutcome{}, err
	}
	current[key], given[key] = c, true
	return ImportOutcome{Result: result, ID: c.ID, Version: c.Version}, nil
}

func cleanControl(c *Control) Control {
	k := *c
	k.ID, k.Version = "", 0
	for _, s := range []*string{&k.Ref, &k.Domain, &k.Title, &k.Description, &k.Owner, &k.Frequency, &k.Status, &k.Planned} {
		*s = cleanBytes(*s)
	}
	k.Ref = strings.TrimSpace(k.Ref)
	k.Criteria, k.Source = cleanAll(c.Criteria), cleanSource(c.Source)
	return k
}
