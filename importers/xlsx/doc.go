// Package xlsx reads questionnaires from Excel workbooks and writes answers
// back into them.
//
// # What stands where
//
// A file from a customer passes three gates before anything is believed:
//
//   - sniff.go says what the file is if it is no workbook: encrypted, .xls,
//     a PDF, half a download.
//   - prescan.go looks through the whole file with the scanner of scan.go,
//     against [Limits]: sizes counted while unpacking, parts, rows, cells, and
//     how far to the right the rows reach. strict.go holds what excelize reads
//     to the syntax that encoding/xml takes. pack.go resolves which part is
//     which sheet, because everything later asks for sheets by name.
//   - excelize then reads texts (workbook.go). Both this and the pre-scan run
//     in a child process with its own limits (read.go, package isolate): a
//     16 KB file can make excelize allocate gigabytes.
//
// structure.go, styles.go, validation.go and dropdown.go read what excelize
// does not tell, or tells only at a price: hidden rows and columns, merges,
// protection and locks, fills, drop-down lists of both kinds and their options,
// which cells stand in the file at all. Package detect then finds the
// questions.
//
// write.go, facts.go and patch.go put answers into the customer's own file;
// verify.go and compare.go check the result. Excelize takes no part in it.
//
// # What holds
//
//   - Written files differ from the original only in the answer cells, in the
//     rows, spans and dimension that new cells need, and in the request to
//     recompute formulas. Every other part is copied as it is packed.
//   - [Write] decides about all values before it writes the first byte, and
//     memory does not grow with the sheet: sheets are read once to decide and
//     once to patch.
//   - [WriteFile] verifies before the file appears under its name.
//     [Verify] shares with the patcher the scanner and the look-up of sheets,
//     not the code that decides and splices.
//   - A formula is never overwritten, nor a cell of an array formula's range;
//     in a merge only the top-left cell is written.
//   - Errors name cells and rows, never what stands in them.
//
// # Traps
//
//   - Rows and cells may lack their r attribute; their place then follows from
//     the one before. Cells that are replaced keep it that way, new cells
//     always carry theirs, and no later cell moves by it: where there is room
//     for a new cell, the next one has to say where it is.
//   - The merged ranges, which decide whether a cell may be written, stand
//     behind the rows; the dimension, which a new cell may widen, before them.
//     Hence two passes.
//   - Elements may have any prefix ("x:row"); new ones take that of their
//     sheet. Relationship types are told by their last word, which ISO strict
//     and transitional share; targets are absolute, relative or wrong by a
//     slash; part names differ in case from what refers to them.
//   - A data validation of type list has its formula inside
//     mc:AlternateContent when an item holds a comma; its ranges are an
//     attribute in the standard and an element in the x14 extension.
//   - excelize takes a syntax error inside a sheet for its end and says nothing:
//     the rest of the sheet would be missing. And it takes a cell format that
//     names no lock for an unlocked one; it is locked.
//   - sheetProtection without sheet="1" protects nothing.
//   - Text is written inline (t="inlineStr") so that the shared strings stay
//     as they are. Text like "=1+1" stays text that way. "_x000D_" is an
//     escape to Excel: look-alikes are written with their underscore escaped.
//   - An option such as "4" is written as a number, because formulas that
//     score it compare numbers; "007" and "4.0" are not, because a number cell
//     would not show them so.
//   - A cell that refers to an empty shared string looks filled in the file,
//     and is empty to everybody.
package xlsx
