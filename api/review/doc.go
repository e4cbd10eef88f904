// Package review renders what vouch proposes for a questionnaire as files for
// reviewers: a self-contained HTML page ([WriteHTML]) and a CSV ([WriteCSV]).
//
// The page shows every question with its proposed values and cells, what the
// proposal rests on, the confidence, and for a gap the reason and what came
// nearest. It holds no scripts and loads nothing; filters work by CSS alone.
// Everything that comes from the customer's file or the library is escaped by
// html/template. Rows that were not taken as questions are listed at the end,
// so that nothing of the file is dropped without being seen.
package review
