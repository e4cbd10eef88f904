// Package csv reads and writes comma-separated questionnaires: it turns a
// customer's file into the grid the detector works on, and splices answers
// back into the very same bytes.
//
// The package owns the dialect of a file (character encoding, delimiter,
// quoting habit, line ends) and the byte range of every field in it. Nothing
// outside knows that a cell reference of such a file stands for a byte range.
//
// # Invariants
//
//   - The preamble (byte order mark, "sep=" line), the fields, the delimiters
//     between them and the line ends tile the file: put together in order they
//     are the file, byte for byte.
//   - Write changes the bytes of the fields it was given values for, and adds
//     delimiters and fields at the end of rows that are too short for a value.
//     Every other byte stays. Write checks this on what it made before the
//     first byte leaves, WriteFile checks it again on what is on the disk.
//   - A field that holds something is kept unless WriteOptions.Overwrite is set.
//   - A character that the file's encoding cannot express is an error that
//     names the cell, never a question mark.
//   - No error holds any of the file's content.
//
// # Dialect rules
//
// Encoding: a byte order mark decides. Else NUL bytes mean UTF-16 (the byte
// order under which the text is plausible) or a binary file. Else valid UTF-8
// is UTF-8, and so is a text whose multi-byte sequences are nearly all valid.
// Else Shift-JIS if every byte sequence is valid in it and most of the
// characters are ones that Japanese uses, standing in runs; Windows-1252 if
// bytes above 127 stand alone or in short runs as letters with accents do.
// What is neither is refused, since guessed text would be matched against the
// library. For files of few such bytes a statistical detector has nothing to
// go by: it is asked only when these rules leave Shift-JIS open, and for a
// name to put into the refusal.
//
// Delimiter: the one of comma, semicolon, tab and pipe that splits most rows
// into the same number of fields, outside quotes; Excel's "sep=;" first line
// decides, and as in Excel it is no row. A file of one column gets the first
// of the four that occurs nowhere outside quotes, for columns appended to it.
//
// Rows: RFC 4180 with the tolerance of spreadsheets. A line ends with LF, CRLF
// or CR, each row with its own. A quote opens a quoted field only as the first
// character of the field; anything behind the closing quote is taken as it
// stands. Rows may have any number of fields. A blank line is a row, so that
// row numbers are those a spreadsheet shows.
//
// Writing: a value is quoted if it holds a quote, a line end, any of the four
// delimiters or outer blanks, if the field was quoted, or if all filled fields
// of its column (with fewer than two: of the file) are. Line breaks in a value
// become those of the file's own multi-line fields, else those of its rows.
// A value that a spreadsheet could take for a formula (first character = + -
// @, tab or line break, but not a negative number) gets a leading apostrophe,
// unless it is one of the part's options or marks, which are the file's own
// words. Control characters no spreadsheet takes are dropped and reported.
//
// # Sources
//
// RFC 4180 (format), the WHATWG Encoding Standard (Windows-1252, Shift-JIS),
// Microsoft's Excel specifications and limits (32,767 characters in a cell,
// 16,384 columns), OWASP "CSV Injection" (formulas).
package csv
