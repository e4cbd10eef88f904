package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vouch/engine/assurance"
)

// StaleCheck says what to look for.
type StaleCheck struct {
	Entries  []string  // ids of entries that were changed
	Controls []string  // ids of controls that were changed
	Day      time.Time // the day as of which entries and reports may have lapsed; the zero time looks for none
}

// StaleMark is an answer that was marked, and why.
type StaleMark struct {
	Questionnaire string
	N             int
	Why           string
}

// MarkStale marks the answers in open questionnaires that rest on something
// which is not so any more, approved ones too: an entry that has a newer version
// with another answer, a control that has one with another text or status, an
// entry past its review, a report that has lapsed. A newer version that only
// says when it was reviewed, or by whom, marks nothing.
func MarkStale(ctx context.Context, store Store, workspace string, c StaleCheck) ([]StaleMark, error) {
	s := &staleness{store: store, workspace: workspace, why: map[AnswerAtIn]string{}}
	if err := s.look(ctx, c); err != nil {
		return nil, fmt.Errorf("look for stale answers: %w", err)
	}
	marks, err := s.mark(ctx)
	if err != nil {
		return nil, fmt.Errorf("mark stale answers: %w", err)
	}
	return marks, nil
}

// staleness is what was found so far.
type staleness struct {
	store     Store
	workspace string
	found     []AnswerAtIn
	why       map[AnswerAtIn]string
}

// AnswerAtIn is a revision of an answer of a questionnaire.
type AnswerAtIn struct {
	Questionnaire string
	AnswerAt
}

func (s *staleness) look(ctx context.Context, c StaleCheck) error {
	if len(c.Entries) > 0 {
		if err := s.entries(ctx, c.Entries, changedEntry); err != nil {
			return err
		}
	}
	if len(c.Controls) > 0 {
		if err := s.controls(ctx, c.Controls); err != nil {
			return err
		}
	}
	if c.Day.IsZero() {
		return nil
	}
	settings, err := s.store.Settings(ctx, s.workspace)
	if err != nil {
		return err
	}
	lapsed := func(now, _ *Entry) string { return now.stale(c.Day, settings.MaxAge()) }
	if err := s.entries(ctx, nil, lapsed); err != nil {
		return err
	}
	return s.reports(ctx, assurance.DayOf(c.Day))
}

// entries looks at what cites these entries, or any. why says what is wrong
// with an entry as it is now, of which an answer cites another version.
func (s *staleness) entries(ctx context.Context, ids []string, why func(now, cited *Entry) string) error {
	places, err := s.store.Citing(ctx, s.workspace, CitedEntry, ids)
	if err != nil || len(places) == 0 {
		return err
	}
	current, err := s.store.Entries(ctx, s.workspace, idsOf(places))
	if err != nil {
		return err
	}
	return examine(ctx, s, places, current, entryAt, s.store.EntryVersions, why)
}

func (s *staleness) controls(ctx context.Context, ids []string) error {
	places, err := s.store.Citing(ctx, s.workspace, CitedControl, ids)
	if err != nil || len(places) == 0 {
		return err
	}
	current, err := s.store.Controls(ctx, s.workspace, idsOf(places))
	if err != nil {
		return err
	}
	return examine(ctx, s, places, current, controlAt, s.store.ControlVersions, changedControl)
}

func idsOf(places []CitedIn) (ids []string) {
	for i := range places {
		ids = append(ids, places[i].ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// examine asks of each place why what it cites is not so any more.
func examine[T any](ctx context.Context, s *staleness, places []CitedIn, current []T, at func(*T) (string, int),
	versions func(context.Context, string, string) ([]T, error), why func(now, cited *T) string,
) error {
	now := map[string]*T{}
	for i := range current {
		id, _ := at(&current[i])
		now[id] = &current[i]
	}
	type versionOf struct {
		id      string
		version int
	}
	cited := map[versionOf]*T{}
	for i := range places {
		p := &places[i]
		if now[p.ID] == nil {
			continue
		}
		key := versionOf{p.ID, p.Version}
		old, known := cited[key]
		if !known {
			var err error
			if old, err = inVersion(ctx, s.workspace, current, EvidenceRef{ID: p.ID, Version: p.Version}, at, versions); err != nil {
				return err
			}
			cited[key] = old
		}
		if old != nil {
			s.add(p, why(now[p.ID], old))
		}
	}
	return nil
}

// changedEntry says that an entry answers something else than it did.
func changedEntry(now, cited *Entry) string {
	if now.Verdict == cited.Verdict && now.Answer == cited.Answer && now.Text == cited.Text && now.Ownership == cited.Ownership {
		return ""
	}
	return fmt.Sprintf("the past answer has changed: version %d is cited, and version %d says something else", cited.Version, now.Version)
}

// changedControl says that a control is not what it was.
func changedControl(now, cited *Control) string {
	if now.Title == cited.Title && now.Description == cited.Description && now.Status == cited.Status && now.Planned == cited.Planned && now.Frequency == cited.Frequency {
		return ""
	}
	return fmt.Sprintf("control %s has changed: version %d is cited, and version %d says something else", now.Ref, cited.Version, now.Version)
}

// reports looks at what cites reports that have lapsed on a day.
func (s *staleness) reports(ctx context.Context, on assurance.Day) error {
	v, err := s.store.RegisterVersion(ctx, s.workspace)
	if err != nil {
		return err
	}
	for i := range v.Register.Reports {
		r := &v.Register.Reports[i]
		if !r.Lapsed(on) {
			continue
		}
		places, err := s.store.Citing(ctx, s.workspace, CitedReport, []string{ControlKey(r.ID)})
		if err != nil {
			return err
		}
		for j := range places {
			s.add(&places[j], fmt.Sprintf("report %s can no longer be cited as current", r.ID))
		}
	}
	return nil
}

func (s *staleness) add(p *CitedIn, why string) {
	at := AnswerAtIn{p.Questionnaire, AnswerAt{p.N, p.Number}}
	if _, known := s.why[at]; why == "" || known {
		return
	}
	s.found = append(s.found, at)
	s.why[at] = why
}

// mark marks what was found, if it is still the current revision.
func (s *staleness) mark(ctx context.Context) (marks []StaleMark, err error) {
	if len(s.found) == 0 {
		return nil, nil
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		marks = nil
		for _, at := range s.found {
			h, err := tx.AnswerHead(ctx, s.workspace, at.Questionnaire, at.N)
			if err != nil {
				return err
			}
			if !h.IsOpen || h.Number != at.Revision || h.State != AnswerApproved && h.State != AnswerDrafted && h.State != AnswerInReview {
				continue
			}
			h.State = AnswerStale
			if err := tx.PutAnswer(ctx, s.workspace, h); err != nil {
				return err
			}
			marks = append(marks, StaleMark{at.Questionnaire, at.N, s.why[at]})
		}
		return nil
	})
	return marks, err
}
