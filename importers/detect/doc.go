// Package detect finds the questions in a file of cells: which sheets ask,
// where the tables begin, what each column holds, which rows are questions
// and which cells want an answer. It knows nothing of file formats; xlsx and
// csv hand it a [Workbook] and get an engine.Questionnaire back.
//
// # How a sheet is read
//
//  1. Heading bands ([findBands]). A row whose cells read like column headings
//     in one of seven languages (headings.txt) starts a band of up to three
//     rows; group titles above and option words below ("Yes", "No", "N/A")
//     belong to it. A later row that restates headings of an earlier band
//     starts a new block of the same table.
//  2. Tables ([buildTables]). Between two bands lies a block of rows. Each
//     column gets a role from its heading; where headings say nothing, from
//     content (question-likeness, id patterns) and from structure (drop-downs,
//     unlocked cells of a protected sheet, marks).
//  3. Rows ([classify]). A row is a question by the weight of the evidence:
//     wording, an id of the usual pattern, a drop-down in its answer cell, the
//     look of the other questions. Everything else is reported with a reason.
//  4. Parts ([buildParts]). Every cell a vendor fills becomes a part.
//  5. Across sheets ([dropRepeated]). A row whose answer is a formula is a
//     view of a question asked elsewhere and is not answered twice.
//
// # Invariants
//
// Every non-empty row of every sheet is either a question or in Skipped,
// never both, never neither. No part points at a formula, at a hidden cell, at
// a cell inside a merge that is not its first, or at a column for the
// customer's own people. The same workbook gives the same result. There is no
// rule for any particular questionnaire.
package detect
