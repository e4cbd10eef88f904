// Package register reads and writes the files of the register: reports,
// controls, evidence, and what auditors tested. It turns them into the types
// of package assurance.
//
// # Invariants
//
//   - A file is read strictly. A field that does not exist, a value that is
//     none of those accepted, a day that is not written as 2026-03-31: each is
//     a [Problem] with file, line, column, field and what is accepted. Nothing
//     that is filled in is passed over silently; domain in lists of controls
//     is the one field that is known and not kept.
//   - What the parts say together is judged by [assurance.Register.Validate],
//     and its problems get the same places. A register with problems must not
//     be relied on.
//   - Reading what this package wrote gives the same register, for registers
//     as this package makes them. OSCAL keeps controls only.
//   - No problem and no error quotes a value of the file. Names of unknown
//     fields are shown, as they are what has to be corrected.
//
// # Files
//
// JSON and YAML hold an object with any of company, customers, reports,
// controls and evidence, named as the types' JSON says. A control may hold its
// own evidence. OSCAL catalogs and component definitions, 1.0 to 1.2, are
// recognised by their outermost name; see [ReadJSON].
//
// Tables (CSV, sheets of workbooks) have one list each: reports, tests,
// subservices, findings, controls, evidence. The headings tell which. Tests,
// subservices and findings name their report, which may stand in another
// table or file. A cell with a list has one of it a line; ids of criteria may
// be parted as package list parts them.
//
// A control of a component definition has the control id as its id and as the
// criterion that it meets; several components that implement one make one
// control. A catalog says what is to be done: its controls are planned until a
// status is stated, so that nobody's framework becomes a claim.
//
// # Spellings
//
// Values are compared by letters and digits: "No exceptions" is no_exceptions,
// "SOC 2" soc2, "ISO/IEC 27001:2022" iso27001, "yearly" annual
// (spellings.tsv). Ids of criteria are spelled as their frameworks do.
//
// # Sources
//
// NIST OSCAL 1.1.3 (catalog and component definition models), RFC 9562
// section 5.5 for UUIDs by SHA-1 of a name.
package register
