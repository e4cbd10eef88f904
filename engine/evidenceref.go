package engine

import "context"

// evidenceRefs names passages.
func evidenceRefs(list []Passage) (out []EvidenceRef) {
	for i := range list {
		p := &list[i]
		ref := EvidenceRef{Kind: p.Kind, Score: p.Score, Confidence: p.Confidence, VerdictConfidence: p.VerdictConfidence, Notes: p.Notes}
		switch {
		case p.Entry != nil:
			ref.ID, ref.Version = p.Entry.ID, p.Entry.Version
		case p.Control != nil:
			ref.ID, ref.Version = p.Control.ID, p.Control.Version
		}
		out = append(out, ref)
	}
	return out
}

// EvidenceOf returns the passages that were found for a question when it was
// drafted, each in the version that was found.
func EvidenceOf(ctx context.Context, store Tx, workspace string, r *AnswerRevision) ([]Passage, error) {
	return passagesOf(ctx, store, workspace, r.Evidence)
}

// passagesOf returns the passages that refs name, each in its version; what is
// not in the workspace is left out.
func passagesOf(ctx context.Context, store Tx, workspace string, refs []EvidenceRef) ([]Passage, error) {
	var entryIDs, controlIDs []string
	for _, r := range refs {
		if r.Kind == PassageControl {
			controlIDs = append(controlIDs, r.ID)
		} else {
			entryIDs = append(entryIDs, r.ID)
		}
	}
	entries, err := store.Entries(ctx, workspace, entryIDs)
	if err != nil {
		return nil, err
	}
	controls, err := store.Controls(ctx, workspace, controlIDs)
	if err != nil {
		return nil, err
	}
	var out []Passage
	for _, r := range refs {
		p := Passage{Kind: r.Kind, Score: r.Score, Confidence: r.Confidence, VerdictConfidence: r.VerdictConfidence, Notes: r.Notes}
		if r.Kind == PassageControl {
			p.Control, err = inVersion(ctx, workspace, controls, r, controlAt, store.ControlVersions)
		} else {
			p.Entry, err = inVersion(ctx, workspace, entries, r, entryAt, store.EntryVersions)
		}
		if err != nil {
			return nil, err
		}
		if p.Entry != nil || p.Control != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

func entryAt(e *Entry) (id string, version int)     { return e.ID, e.Version }
func controlAt(c *Control) (id string, version int) { return c.ID, c.Version }

// inVersion returns what a ref names: from what is current, or else from all
// versions of it; nil if there is none.
func inVersion[T any](ctx context.Context, workspace string, current []T, r EvidenceRef, at func(*T) (string, int),
	versions func(context.Context, string, string) ([]T, error),
) (*T, error) {
	for i := range current {
		switch id, version := at(&current[i]); {
		case id != r.ID:
		case version == r.Version:
			return &current[i], nil
		default:
			list, err := versions(ctx, workspace, r.ID)
			if err != nil || r.Version < 1 || r.Version > len(list) {
				return nil, err
			}
			return &list[r.Version-1], nil
		}
	}
	return nil, nil
}
