// Package draft makes proposals from evidence. [Reuse] takes the best past
// answer as it was approved and fits it into the cells of the question; it
// needs no model and no network.
//
// What it guarantees: every value it proposes is an approved entry's own
// words, or one of the cell's own options that states the entry's verdict.
// Where the verdict has no option ("partial" for a cell that offers Yes and
// No), where two entries that fit equally well disagree, or where a drop-down
// cannot be read, there is a gap that says so. A gap is never an "N/A".
//
// What an option states is read from options.tsv, in seven languages and finer
// than verdicts are: "largely" is neither yes nor partial, and "planned" is no
// part of anything. An option is taken only if all of its words are understood,
// so one that claims more than the entry ("Yes, independently certified") is
// not, unless the entry says just that. A number states nothing, unless a label,
// the guidance, the question or the heading of its column explains it ("0 = not
// implemented, 2 = fully").
package draft
