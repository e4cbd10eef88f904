package engine

import (
	"context"
	"slices"
	"time"

	"vouch/engine/assurance"
)

// Settings are what a workspace has decided about its reviews. Each change is
// a new version.
type Settings struct {
	Version       int             `json:"version"`        // 0 where nothing was ever set
	FourEyes      bool            `json:"four_eyes"`      // nobody approves a revision they wrote
	MinConfidence float64         `json:"min_confidence"` // 0 to 1: drafts below it become gaps
	MaxAgeDays    int             `json:"max_age_days"`   // entries without a day to be reviewed by are stale so many days after their review; 0 takes any
	Citations     assurance.Style `json:"citations"`      // how much of the citations goes into explanation cells

	// Propose says that what is approved and the library does not say yet is
	// proposed to it.
	Propose bool `json:"propose"`
}

// maxAgeDays bounds [Settings.MaxAgeDays]: a hundred years.
const maxAgeDays = 36_500

// DefaultSettings are those of a workspace that has set nothing: the same as
// those of "vouch answer" without flags.
func DefaultSettings() Settings {
	return Settings{MinConfidence: 0.7, MaxAgeDays: 730, Citations: assurance.StyleNone, Propose: true}
}

// Validate returns the first thing wrong with s, or nil.
func (s *Settings) Validate() error {
	switch {
	case !(s.MinConfidence >= 0 && s.MinConfidence <= 1): // also what is no number
		return invalidField("settings", "min_confidence", "it is %v; write a number from 0 to 1", s.MinConfidence)
	case s.MaxAgeDays < 0 || s.MaxAgeDays > maxAgeDays:
		return invalidField("settings", "max_age_days", "it is %d; write days from 0 to %d, 0 for any age", s.MaxAgeDays, maxAgeDays)
	case !slices.Contains(assurance.Styles(), s.Citations):
		return invalidField("settings", "citations", "it is no style; the styles are %v", assurance.Styles())
	}
	return nil
}

// MaxAge is how long ago an entry may have been reviewed, 0 for any age.
func (s *Settings) MaxAge() time.Duration { return time.Duration(s.MaxAgeDays) * 24 * time.Hour }

// AuditHash is the hash of settings, "" where nothing was ever set.
func (s *Settings) AuditHash() string {
	if s.Version == 0 {
		return ""
	}
	if !s.Propose {
		return AuditHash(s)
	}
	return AuditHash(struct { // the settings that hashes were made of before there were proposals
		Version       int             `json:"version"`
		FourEyes      bool            `json:"four_eyes"`
		MinConfidence float64         `json:"min_confidence"`
		MaxAgeDays    int             `json:"max_age_days"`
		Citations     assurance.Style `json:"citations"`
	}{s.Version, s.FourEyes, s.MinConfidence, s.MaxAgeDays, s.Citations})
}

// SettingsStore keeps the settings of each workspace, every version of them.
type SettingsStore interface {
	// Settings returns the newest version, [DefaultSettings] where nothing was
	// ever set.
	Settings(ctx context.Context, workspace string) (Settings, error)

	// PutSettings stores s as the next version; s.Version must be the newest,
	// else the error is [ErrStaleVersion].
	PutSettings(ctx context.Context, workspace string, s Settings) (Settings, error)
}

// ChangeSettings stores the settings of a workspace. Version is the one that
// the person saw.
func ChangeSettings(ctx context.Context, store Store, workspace string, p Person, s Settings) (Settings, error) {
	ctx, err := p.acting(ctx, ActionSettingsEdit)
	if err != nil {
		return Settings{}, err
	}
	return store.PutSettings(ctx, workspace, s)
}
