// Package tree reads JSON and YAML from outside into nodes that know their
// line and column, within limits on size and depth.
//
// What the names and values mean is the caller's: lists of answers and
// controls (package list), the register (package register).
//
// # Invariants
//
//   - Names keep their order and may repeat; a number is as spelled.
//   - Line and column count from 1, columns in characters. In JSON they are
//     those of a value's first character, in YAML those of its token.
//   - Nothing deeper than MaxDepth levels is read. YAML with anchors, aliases,
//     tags or thousands of names in one object is refused: the time the parser
//     takes grows with the square of them.
//   - No error quotes what the file holds.
package tree
