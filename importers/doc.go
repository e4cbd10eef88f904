// Package importers knows the file formats: it looks at a file's content,
// picks the format package and hands over. Reading a questionnaire, a list of
// past answers or of controls, writing answers back, and layout files go
// through here; the formats themselves do not know each other.
package importers
