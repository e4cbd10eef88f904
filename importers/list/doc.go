// Package list reads lists of past answers and lists of controls, and writes
// the answer library as a list that it reads back.
//
// The package owns what a heading means in such a list, how a cell becomes a
// verdict, a date, tags or criteria, and which rows are refused. It gets rows
// of texts: where they come from (CSV, a sheet of a workbook) is the
// caller's. JSON and YAML it reads as package tree gives them.
//
// # Invariants
//
//   - A row either becomes an entry or a control that passes Validate, or a
//     Problem with its place and a sentence that says why; nothing that is
//     filled in is passed over silently. Columns with unknown headings are
//     named in Header.Ignored.
//   - A verdict is only taken from a text that states it (engine.ParseVerdict)
//     or opens with it as a clause of its own (engine.LeadingVerdict). The
//     wording of the answer is kept beside it unless it says nothing more.
//   - A date that can be read in two ways is refused, never guessed.
//   - Reading what WriteEntriesCSV or WriteEntriesJSON wrote gives the same
//     entries (engine.Entry.SaysSame, and the same Source.Ref), for entries as
//     this package makes them: cleaned texts, and no Answer that is itself a
//     plain verdict.
//   - No problem and no error quotes a cell.
//
// # What is a list
//
// A table with a question column and an answer or explanation column can be a
// list of past answers or a customer's filled questionnaire. Header.IsList is
// true only if the headings hold one that no customer asks for: tags, owner,
// review date, the day to review by or the visibility. Header.IsListIn also
// counts files that are no workbooks: a CSV, JSON or YAML file that somebody
// imports as answers is a list.
//
// # Cells
//
// Answer: a plain verdict ("Yes", "n/a") becomes the verdict. "Yes, all disks
// are encrypted." becomes verdict yes; without an explanation cell the rest
// becomes the text if it is a sentence, else the whole wording does; beside an
// explanation the whole wording stays as the answer. Anything else is kept as
// the answer. A verdict column, if there is one beside the answer column,
// goes first; the word "narrative" in it says that there is no verdict.
//
// Section: the row's own cell, or the last row above that has one filled cell
// only.
//
// Dates: 2025-12-31 (ISO 8601, also with a time behind it), 2025/12/31,
// 31.12.2025 (dots are day first everywhere), 31 December 2025 and December
// 31, 2025 in seven languages, and 12/31/2025 or 31-12-2025 if one reading is
// possible. Two-digit years are refused. A column can be about the last review
// ("reviewed", "review date") or about the next one ("review by", "next
// review"); "valid until" and "expires" are the same day as the next review.
// Whatever the heading's wording, the entry is good on that day and not after.
// A heading is never both: to take the one date for the other would make an
// answer look fresh that has lapsed, or the reverse.
//
// Visibility: public, nda or internal, also "under NDA", "internal use only" and
// the like in seven languages (marks.tsv). A row with any other word is refused:
// "confidential" is for customers under NDA here and for nobody there. Products
// are parted as tags are; "all" is none. Language: its name or its code; one that
// is not known is left open and reported.
//
// Criteria: parted by comma, semicolon, line break or blank; "CC 6.1" and
// "cc-6.1" are CC6.1; the name of the framework before an id is left out.
//
// Formulas: a cell that starts with an apostrophe before one of = + - @ tab
// has been defused on export; the apostrophe goes. WriteEntriesCSV puts one
// before every such text but plain negative numbers, and one more before a
// text that already looks defused, so that reading undoes exactly that.
//
// JSON and YAML: what package tree reads, at most 200,000 objects. A wrong
// type, a name that occurs twice or two names for one field refuse the entry;
// an unknown field is left out and reported, and the entry taken.
//
// # Sources
//
// Headings come from public questionnaires (CAIQ, HECVAT, VSA, SIG) and their
// translations, written down here in headings.tsv and marks.tsv. OWASP "CSV Injection" for
// formulas; AICPA TSP 100 and ISO/IEC 27001:2022 for the form of criteria ids.
package list
