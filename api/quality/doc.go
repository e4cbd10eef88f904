// Package quality renders how well vouch answers a workspace's own
// questionnaires, as a self-contained HTML page ([WriteHTML]).
//
// The page holds no scripts and loads nothing; its charts are SVG drawn here,
// and each has its numbers in a table beside it, for those who cannot see it.
// Everything that comes from a questionnaire is escaped by html/template. It
// shows questions and verdicts of the worst mistakes and no other texts.
package quality
