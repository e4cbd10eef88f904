package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/index"
)

// lexiconCmd groups what is done with the lexicon.
type lexiconCmd struct {
	List   lexiconListCmd   `cmd:"" help:"List what vouch and this workspace know of what things are called."`
	Add    lexiconAddCmd    `cmd:"" help:"Teach vouch the words of your company."`
	Remove lexiconRemoveCmd `cmd:"" help:"Take away what was added."`
	Test   lexiconTestCmd   `cmd:"" help:"Show what vouch makes of a text, or of two: why something was found, or not."`
}

const lexiconHelp = `The lexicon says what different people call the same thing: "pen test", "penetration test" and "ethical hacking" are one concept. vouch brings one along; a workspace adds its own lines, and questions and past answers are read with both from then on.

Sections and their lines:
  concepts    waf: Fortress; Fortress Edge       phrases that mean the same; ~a b finds the words near each other in any order
  joins       backup: back up; back ups          one or two words that are one token
  acronyms    ACME; XDR                          never read as a word with endings
  weak        please; kindly                     words that say little
  opposites   open: open | closed; shut          turn a yes into a no
  contrasts   region: Europe; EU | America; US   an answer about one says nothing about another

A line with the name of a line that is there adds to it. "vouch lexicon list --grep WORD" shows what there is.`

// lexiconListCmd lists the lexicon.
type lexiconListCmd struct {
	Concept string `help:"Only the concept of this name." placeholder:"NAME"`
	Grep    string `help:"Only lines with this word in a phrase or in the name." placeholder:"WORD"`
	Own     bool   `help:"Only what this workspace added or took away."`
	Format  string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *lexiconListCmd) Help() string { return lexiconHelp }

// Run is called by kong.
func (c *lexiconListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	l, own, err := workspaceLexicon(ctx, g)
	if err != nil {
		return err
	}
	lex, problems := l.Overlay(own)
	lines := lex.Lines()
	if c.Own {
		lines = index.OverlayLines(own)
	}
	lines = c.chosen(lines)
	if c.Format == "json" {
		return writeJSON(t.out, lines)
	}
	tab := table{head: []string{"section", "name", "phrases"}}
	for _, x := range lines {
		tab.add(x.Section, x.Name, phraseText(x, !c.Own))
	}
	tab.write(t.out)
	for _, p := range problems {
		fmt.Fprintf(t.err, "left out, %s\n", p)
	}
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(lines), "line", "lines"))
	}
	return nil
}

func (c *lexiconListCmd) chosen(lines []index.LexiconLine) []index.LexiconLine {
	out := []index.LexiconLine{}
	for _, x := range lines {
		if c.Concept != "" && (x.Section != "concepts" || !strings.EqualFold(x.Name, c.Concept)) {
			continue
		}
		if word := engine.FoldWords(c.Grep); word == "" || strings.Contains(engine.FoldWords(x.Name+" "+phraseText(x, false)), word) {
			out = append(out, x)
		}
	}
	return out
}

// phraseText writes the phrases of a line as a lexicon has them; those of the
// workspace are marked with a star.
func phraseText(x index.LexiconLine, mark bool) string {
	sides := make([]string, 0, len(x.Sides))
	for _, side := range x.Sides {
		phrases := make([]string, 0, len(side))
		for _, p := range side {
			if p.Own && mark {
				p.Text += "*"
			}
			phrases = append(phrases, p.Text)
		}
		sides = append(sides, strings.Join(phrases, "; "))
	}
	return strings.Join(sides, " | ")
}

// lexiconAddCmd adds lines to the workspace's own lexicon.
type lexiconAddCmd struct {
	Line    string `arg:"" optional:"" help:"\"name: phrase; phrase\", as in 'waf: Fortress'. A phrase with - before it is taken away from the shipped line."`
	File    string `help:"Add all lines of this file; it has sections in brackets." type:"existingfile" placeholder:"FILE"`
	Section string `help:"What the line is: ${enum}." enum:"concepts,joins,acronyms,weak,opposites,contrasts" default:"concepts"`
}

// Help is shown by kong below the flags.
func (c *lexiconAddCmd) Help() string {
	return lexiconHelp + `

A phrase stands in one concept only; a line that contradicts another is refused, and nothing is stored. To move a phrase, take it away first:
  vouch lexicon add 'waf: -bot protection'
  vouch lexicon add 'bots: bot protection; bot shield'

To see what a line does:
  vouch lexicon test 'Is Fortress in front of every application?'`
}

// Run is called by kong.
func (c *lexiconAddCmd) Run(ctx context.Context, g *global, t *terminal) error {
	addition, err := c.addition()
	if err != nil {
		return err
	}
	w, err := openWorkspace(ctx, g, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	l, err := index.DefaultLexicon()
	if err != nil {
		return err
	}
	return w.changeLexicon(ctx, g, t, func(own string) (string, error) {
		text, problems := l.AddToOverlay(own, c.Section, addition)
		if len(problems) == 0 {
			return text, nil
		}
		return "", c.refusal(problems)
	})
}

func (c *lexiconAddCmd) addition() (string, error) {
	if (c.Line == "") == (c.File == "") {
		return "", usageError(`give one line, as in 'waf: Fortress', or a file with --file FILE`)
	}
	if c.File == "" {
		if strings.ContainsAny(c.Line, "\n\r") {
			return "", usageError("this is more than one line; put the lines in a file and give it with --file FILE")
		}
		return c.Line, nil
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", baseName(c.File), err)
	}
	if info.Size() > engine.MaxLexiconBytes {
		return "", &engine.RefusedError{File: baseName(c.File), Is: "it is larger than 1 MiB", Do: "keep the words of your company in it and nothing else"}
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", baseName(c.File), err)
	}
	if err := (&engine.Tuning{Lexicon: string(text)}).Validate(); err != nil {
		return "", usageError(fmt.Sprintf("%s: %s", baseName(c.File), err))
	}
	return string(text), nil
}

// refusal says what is wrong with a line, or with the lines of a file.
func (c *lexiconAddCmd) refusal(problems []index.OverlayError) error {
	if c.File == "" {
		return usageError(problems[0].Text)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: nothing was stored, for these lines do not fit", baseName(c.File))
	for i, p := range problems {
		if i == maxReasons {
			fmt.Fprintf(&b, "\n  … and %d more", len(problems)-i)
			break
		}
		fmt.Fprintf(&b, "\n  line %d: %s", p.Line, p.Text)
	}
	return usageError(b.String())
}

// lexiconRemoveCmd takes away lines of the workspace's own lexicon.
type lexiconRemoveCmd struct {
	Line    string `arg:"" optional:"" help:"A name, to take away everything this workspace has under it; or 'name: phrase; phrase'."`
	Section string `help:"Where it stands: ${enum}." enum:"concepts,joins,acronyms,weak,opposites,contrasts" default:"concepts"`
	All     bool   `help:"Take away everything this workspace added."`
}

// Help is shown by kong below the flags.
func (c *lexiconRemoveCmd) Help() string {
	return `Only what this workspace added can be removed; "vouch lexicon list --own" shows it. What vouch brings along is taken away with "vouch lexicon add 'name: -phrase'".`
}

// Run is called by kong.
func (c *lexiconRemoveCmd) Run(ctx context.Context, g *global, t *terminal) error {
	if (c.Line == "") == !c.All {
		return usageError(`name what to remove, as in "vouch lexicon remove waf" or 'waf: Fortress', or remove everything with --all`)
	}
	w, err := openWorkspace(ctx, g, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	return w.changeLexicon(ctx, g, t, func(own string) (string, error) {
		if c.All {
			return "", nil
		}
		text, n, err := index.RemoveFromOverlay(own, c.Section, c.Line)
		switch {
		case err != nil:
			return "", usageError(err.Error())
		case n == 0:
			return "", usageError(fmt.Sprintf("this workspace has no %q in its %s; see \"vouch lexicon list --own\"", c.Line, c.Section))
		}
		return text, nil
	})
}

// changeLexicon stores what change makes of the workspace's own lexicon, and
// has the index read everything with it.
func (w *workspace) changeLexicon(ctx context.Context, g *global, t *terminal, change func(own string) (string, error)) error {
	changed := false
	err := w.store.InTx(ctx, func(tx engine.Tx) error {
		tuning, err := tx.Tuning(ctx, w.name)
		if err != nil {
			return err
		}
		text, err := change(tuning.Lexicon)
		if err != nil || text == tuning.Lexicon {
			return err
		}
		changed = true
		return tx.PutLexicon(ctx, w.name, text)
	})
	if err != nil {
		return err
	}
	if !changed {
		return g.say(t, "nothing changed: the lexicon says so already")
	}
	if err := w.index.Sync(ctx); err != nil {
		return fmt.Errorf("index the library with the new lexicon (it is stored, and used at the next start): %w", err)
	}
	return g.say(t, "stored; questions and past answers of this workspace are read with it from now on")
}

func (g *global) say(t *terminal, s string) error {
	if !g.Quiet {
		fmt.Fprintln(t.out, s)
	}
	return nil
}

// workspaceLexicon returns the shipped lexicon and the workspace's own lines,
// none if there is no database.
func workspaceLexicon(ctx context.Context, g *global) (*index.Lexicon, string, error) {
	l, err := index.DefaultLexicon()
	if err != nil {
		return nil, "", err
	}
	s, err := openStore(ctx, g)
	if errors.Is(err, errNoDatabase) {
		return l, "", nil // nothing was added yet
	}
	if err != nil {
		return nil, "", err
	}
	defer func(s *store.Store) { _ = s.Close() }(s)
	tuning, err := s.Tuning(ctx, g.Workspace)
	return l, tuning.Lexicon, err
}

// lexiconTestCmd shows what is made of a text.
type lexiconTestCmd struct {
	Text   string `arg:"" help:"A question, or any text."`
	Other  string `arg:"" optional:"" help:"Another: what the two share, and what speaks against answering the first with the answer to the second."`
	Format string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *lexiconTestCmd) Help() string {
	return `Tokens are what is left of the words: endings and small words are gone. Concepts are what the lexicon knows them as, and by which phrases; a star marks those of this workspace. Sides, times, numbers and standards are what two texts can contradict each other in.

  vouch lexicon test 'Is Fortress deployed?' 'Do you use a web application firewall?'`
}

// textTest is what is printed for programs.
type textTest struct {
	First  index.TextReading     `json:"first"`
	Second *index.TextReading    `json:"second,omitempty"`
	Both   *index.TextComparison `json:"both,omitempty"`
}

// Run is called by kong.
func (c *lexiconTestCmd) Run(ctx context.Context, g *global, t *terminal) error {
	l, own, err := workspaceLexicon(ctx, g)
	if err != nil {
		return err
	}
	lex, _ := l.Overlay(own)
	out := textTest{First: lex.Read(c.Text)}
	if c.Other != "" {
		second, both := lex.Read(c.Other), lex.Compare(c.Text, c.Other)
		out.Second, out.Both = &second, &both
	}
	if c.Format == "json" {
		return writeJSON(t.out, out)
	}
	writeReading(t, c.Text, &out.First)
	if out.Both != nil {
		writeReading(t, c.Other, out.Second)
		writeComparison(t, out.Both)
	}
	return nil
}

func writeReading(t *terminal, text string, r *index.TextReading) {
	fmt.Fprintln(t.out, colour(t.out, bold, engine.CleanText(text)))
	row(t, "tokens", strings.Join(r.Tokens, " "))
	for i, c := range r.Concepts {
		name := ""
		if i == 0 {
			name = "concepts"
		}
		row(t, name, fmt.Sprintf("%s, by %s", c.Name, phraseText(index.LexiconLine{Sides: [][]index.LexiconPhrase{c.By}}, true)))
	}
	if len(r.Concepts) == 0 {
		row(t, "concepts", "none: only its words can find anything")
	}
	for _, s := range r.Sides {
		row(t, "side", fmt.Sprintf("%s (of %s, %s)", s.Side, s.Name, s.Section))
	}
	if r.Turns > 0 {
		row(t, "turned", count(r.Turns, "time", "times")+`, by "not" and the like`)
	}
	for _, x := range []struct {
		name string
		list []string
	}{{"times", r.Times}, {"numbers", r.Quantities}, {"standards", r.Standards}} {
		if len(x.list) > 0 {
			row(t, x.name, strings.Join(x.list, ", "))
		}
	}
}

func writeComparison(t *terminal, c *index.TextComparison) {
	fmt.Fprintln(t.out, colour(t.out, bold, "Both"))
	if c.Exact {
		row(t, "the same", "word for word")
	}
	for _, x := range []struct {
		name string
		list []string
	}{{"tokens", c.Tokens}, {"concepts", c.Concepts}, {"only first", c.OnlyFirst}, {"only second", c.OnlySecond}} {
		row(t, x.name, orNone(strings.Join(x.list, ", ")))
	}
	row(t, "against", orNone(strings.Join(c.Against, "; ")))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// row prints what is said under a name, further lines below the first.
func row(t *terminal, name, text string) {
	fmt.Fprintf(t.out, "  %-12s %s\n", name, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 15)))
}
