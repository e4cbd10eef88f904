package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Actor is who does something, and from where.
type Actor struct {
	Name string // "os:alice"; "unknown" if nobody said
	From string // "command line", an address; may be empty
}

type actorKey struct{}

// unknownActor is the name of who acts where nobody said.
const unknownActor = "unknown"

// WithActor returns a context in which everything that is stored counts as
// done by a.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns who acts in a context.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	a.Name = cmp.Or(a.Name, unknownActor)
	return a
}

// AuditAction says what was done.
type AuditAction string

// The actions of a store.
const (
	AuditAdded   AuditAction = "added"
	AuditChanged AuditAction = "changed"
	AuditRemoved AuditAction = "removed"
)

// AuditEvent is one change in a workspace, as its audit log keeps it: who did
// what to which thing, when and from where, and what the thing was before and
// after as [AuditHash]. No text of a question or an answer is in it. The
// events of a workspace are a chain: each holds the hash of the one before, so
// that none can be changed, left out or put elsewhere without all later ones
// showing it. Questions that ended as gaps are no part of it: they are counted,
// nobody decides them.
type AuditEvent struct {
	Seq    int64       `json:"seq"` // from 1, without a gap
	At     time.Time   `json:"at"`  // UTC, to the millisecond
	Actor  string      `json:"actor"`
	From   string      `json:"from,omitempty"`
	Action AuditAction `json:"action"`
	Object string      `json:"object"`           // "entry:ID", "control:ID", "layout:SHAPE", "proposal:ID", "job:ID", "member:ID", "answer:QUESTIONNAIRE:N", "register" …
	Before string      `json:"before,omitempty"` // "" of what was not there
	After  string      `json:"after,omitempty"`  // "" of what is gone
	Prev   string      `json:"prev"`             // the hash of the event before, "" of the first
	Hash   string      `json:"hash"`             // [AuditEvent.Sum]
}

// Sum returns the hash of an event of a workspace: SHA-256 in hex over all
// other fields, the workspace and a name for this way of hashing, as a JSON
// list.
func (e *AuditEvent) Sum(workspace string) string {
	return AuditHash([]any{"vouch audit 1", workspace, e.Seq, e.At.UnixMilli(), e.Actor, e.From, e.Action, e.Object, e.Before, e.After, e.Prev})
}

// AuditHash returns the SHA-256 in hex of v as JSON. What vouch stores always
// can be written as JSON; anything else is a mistake of ours and panics.
func AuditHash(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("hash %T for the audit log: %v", v, err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// AuditStore is the log of what was changed in a workspace. There is no method
// to write it: each change does, in its own transaction.
type AuditStore interface {
	// AuditEvents streams the events with a higher seq than after, oldest
	// first.
	AuditEvents(ctx context.Context, workspace string, after int64) iter.Seq2[AuditEvent, error]

	// AuditPage returns the events with a higher seq than after, oldest first,
	// at most limit of them.
	AuditPage(ctx context.Context, workspace string, after int64, limit int) ([]AuditEvent, error)

	// AuditHead returns where the log ends now.
	AuditHead(ctx context.Context, workspace string) (AuditHead, error)

	// AuditedReviews streams what is stored of questionnaires, answers,
	// decisions, comments, exports, files and settings, as the log names it
	// and with its hash.
	AuditedReviews(ctx context.Context, workspace string) iter.Seq2[AuditedObject, error]
}

// AuditedObject is a thing of a workspace as the audit log sees it.
type AuditedObject struct {
	Object string // "questionnaire:ID", "answer:QUESTIONNAIRE:N", "decision:ID", "comment:ID", "export:ID", "file:HASH", "settings"
	Hash   string
}

// AuditHead is where a log ends: how many events it has and the hash of the
// last. Kept elsewhere, it is a checkpoint: a log that was cut off or written
// anew does not hold it.
type AuditHead struct {
	Count int64  `json:"count"`
	Hash  string `json:"hash"` // "" if there are none
}

// String returns "COUNT:HASH", which [ParseAuditHead] reads.
func (h AuditHead) String() string { return strconv.FormatInt(h.Count, 10) + ":" + h.Hash }

// ParseAuditHead reads a checkpoint.
func ParseAuditHead(s string) (AuditHead, error) {
	count, hash, ok := strings.Cut(strings.TrimSpace(s), ":")
	n, err := strconv.ParseInt(count, 10, 64)
	raw, hexErr := hex.DecodeString(hash)
	if !ok || err != nil || hexErr != nil || n < 0 || (n == 0) != (hash == "") || n > 0 && len(raw) != sha256.Size {
		return AuditHead{}, fmt.Errorf("no checkpoint; want a count, a colon and the 64 digits of a hash, as \"vouch audit verify\" prints them")
	}
	return AuditHead{Count: n, Hash: strings.ToLower(hash)}, nil
}

// AuditBreak is what is wrong with a log.
type AuditBreak struct {
	Seq    int64  `json:"seq,omitempty"`    // the first event that does not fit, 0 if it is none
	Object string `json:"object,omitempty"` // the thing that is not as the log has it
	Why    string `json:"why"`
}

// AuditReport is what [VerifyAudit] found.
type AuditReport struct {
	Head    AuditHead    `json:"head"`
	Objects int          `json:"objects"`          // things of the workspace that are as the log has them
	Before  int          `json:"before_log"`       // things that are older than the log, and not in it
	Breaks  []AuditBreak `json:"breaks,omitempty"` // none if the log is whole
}

// maxBreaks bounds how many things are named that are not as the log has them.
const maxBreaks = 20

// VerifyAudit reads the whole log of a workspace and says whether its chain is
// whole, whether it goes through the checkpoint if there is one, and whether
// entries, controls, register, proposals, tuning, jobs, members, tokens,
// invitations and all of the reviews are as the last event of each says.
// It must see one state, so it runs over a snapshot; writers go on meanwhile.
func VerifyAudit(ctx context.Context, store Store, workspace string, checkpoint *AuditHead) (report AuditReport, err error) {
	err = store.InSnapshot(ctx, func(tx Tx) error {
		report = AuditReport{}
		last, err := report.chain(tx.AuditEvents(ctx, workspace, 0), workspace, checkpoint)
		if err != nil {
			return err
		}
		return report.compare(ctx, tx, workspace, last)
	})
	if err != nil {
		return AuditReport{}, fmt.Errorf("verify audit log: %w", err)
	}
	return report, nil
}

// chain follows the events, and returns for each object what it is after the
// last of its events.
func (r *AuditReport) chain(events iter.Seq2[AuditEvent, error], workspace string, checkpoint *AuditHead) (map[string]string, error) {
	last := map[string]string{}
	held := checkpoint == nil || checkpoint.Count == 0
	for e, err := range events {
		if err != nil {
			return nil, err
		}
		if why := r.misfit(&e, workspace, last); why != "" && len(r.Breaks) == 0 {
			r.Breaks = append(r.Breaks, AuditBreak{Seq: e.Seq, Object: e.Object, Why: why})
		}
		r.Head = AuditHead{Count: r.Head.Count + 1, Hash: e.Hash}
		last[e.Object] = e.After
		if checkpoint != nil && r.Head == *checkpoint {
			held = true
		}
	}
	if !held {
		r.Breaks = append(r.Breaks, AuditBreak{Why: fmt.Sprintf("the checkpoint of %d events is not in the log, which has %d: it was cut off or written anew", checkpoint.Count, r.Head.Count)})
	}
	return last, nil
}

// misfit says why an event cannot be the next one, "" if it can.
func (r *AuditReport) misfit(e *AuditEvent, workspace string, last map[string]string) string {
	before, known := last[e.Object]
	switch {
	case e.Seq != r.Head.Count+1:
		return fmt.Sprintf("event %d comes where %d should", e.Seq, r.Head.Count+1)
	case e.Prev != r.Head.Hash:
		return "it does not hold the hash of the event before"
	case e.Hash != e.Sum(workspace):
		return "its hash is not that of what it says"
	case known && before != e.Before:
		return "what it says was there before is not what the log left there"
	}
	return ""
}

// unlisted are the kinds of objects that the log has and nobody can list: layouts
// are found by their shape, old jobs are pruned, and a lockout is no thing.
var unlisted = []string{"layout", "job", "lockout"}

// compare holds what is stored against what the log says of it.
func (r *AuditReport) compare(ctx context.Context, tx Tx, workspace string, last map[string]string) error {
	seen := func(object, hash string) {
		after, known := last[object]
		delete(last, object)
		switch {
		case !known && hash != "":
			r.Before++
		case known && after != hash:
			r.broken(object, "it is not as the log has it")
		case known && hash != "":
			r.Objects++
		}
	}
	for e, err := range tx.AllEntries(ctx, workspace, EntryFilter{}) {
		if err != nil {
			return err
		}
		seen(auditEntry(&e))
	}
	for c, err := range tx.AllControls(ctx, workspace, ControlFilter{}) {
		if err != nil {
			return err
		}
		seen(auditControl(&c))
	}
	v, err := tx.RegisterVersion(ctx, workspace)
	if err != nil {
		return err
	}
	seen("register", v.AuditHash())
	t, err := tx.Tuning(ctx, workspace)
	if err != nil {
		return err
	}
	seen("lexicon", t.LexiconAuditHash())
	seen("calibration", t.CalibrationAuditHash())
	list, err := tx.Commitments(ctx, workspace, CommitmentFilter{})
	if err != nil {
		return err
	}
	for i := range list {
		seen("commitment:"+list[i].ID, AuditHash(list[i]))
	}
	for x, err := range tx.AuditedReviews(ctx, workspace) {
		if err != nil {
			return err
		}
		seen(x.Object, x.Hash)
	}
	proposals, err := tx.EntryProposals(ctx, workspace, ProposalFilter{})
	if err != nil {
		return err
	}
	for i := range proposals {
		seen(proposals[i].AuditObject(), AuditHash(&proposals[i]))
	}
	jobs, err := tx.Jobs(ctx, workspace, JobFilter{})
	if err != nil {
		return err
	}
	for i := range jobs {
		seen("job:"+jobs[i].ID, jobs[i].AuditHash())
	}
	if err := comparePeople(ctx, tx, workspace, seen); err != nil {
		return err
	}
	for object, after := range last { // what the log has and the workspace has not
		kind, _, _ := strings.Cut(object, ":")
		if after != "" && !slices.Contains(unlisted, kind) {
			r.broken(object, "the log has it, and it is gone")
		}
	}
	return nil
}

// comparePeople goes through the members of a workspace, their tokens and the
// invitations. A lockout is an event and no thing, so nothing is left of it.
func comparePeople(ctx context.Context, tx Tx, workspace string, seen func(object, hash string)) error {
	members, err := tx.Members(ctx, workspace, MemberFilter{})
	if err != nil {
		return err
	}
	for i := range members {
		m := &members[i]
		seen("user:"+m.User.ID, m.User.AuditHash())
		seen("member:"+m.User.ID, m.AuditHash())
	}
	tokens, err := tx.Tokens(ctx, workspace, "")
	if err != nil {
		return err
	}
	for i := range tokens {
		seen("token:"+tokens[i].ID, tokens[i].AuditHash())
	}
	invitations, err := tx.Invitations(ctx, workspace)
	if err != nil {
		return err
	}
	for i := range invitations {
		seen("invitation:"+invitations[i].ID, invitations[i].AuditHash())
	}
	return nil
}

func (r *AuditReport) broken(object, why string) {
	if len(r.Breaks) < maxBreaks {
		r.Breaks = append(r.Breaks, AuditBreak{Object: object, Why: why})
	}
}

func auditEntry(e *Entry) (object, hash string)     { return "entry:" + e.ID, AuditHash(e) }
func auditControl(c *Control) (object, hash string) { return "control:" + c.ID, AuditHash(c) }

// AuditHash is the hash of a version of a register, "" of version 0.
func (v *RegisterVersion) AuditHash() string {
	if v.Version == 0 {
		return ""
	}
	return AuditHash(v)
}

// LexiconAuditHash is the hash of a workspace's own lexicon, "" without one.
func (t *Tuning) LexiconAuditHash() string {
	if t.Lexicon == "" {
		return ""
	}
	return AuditHash(t.Lexicon)
}

// CalibrationAuditHash is the hash of a workspace's own calibration, "" without
// one.
func (t *Tuning) CalibrationAuditHash() string {
	if t.Calibration == nil {
		return ""
	}
	return AuditHash(t.Calibration)
}
