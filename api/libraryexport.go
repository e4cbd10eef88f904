package api

import (
	"context"
	"net/http"

	"vouch/engine"
)

// ExportLibrary writes all entries as a list.
func (s *Server) ExportLibrary(ctx context.Context, r ExportLibraryRequestObject) (ExportLibraryResponseObject, error) {
	return entryList{requestContext(ctx), s, r.Workspace, string(r.Params.Format)}, nil
}

// entryList is a library of any size, written as it is read.
type entryList struct {
	ctx               context.Context
	s                 *Server
	workspace, format string
}

// VisitExportLibraryResponse writes the list.
func (l entryList) VisitExportLibraryResponse(w http.ResponseWriter) error {
	out := l.s.patient(w)
	out.file(listTypes[l.format], "library."+l.format)
	return l.s.Files.WriteEntries(out, l.format, l.s.Store.AllEntries(l.ctx, l.workspace, engine.EntryFilter{}))
}

// listTypes are the media types of the forms that lists are exported in.
var listTypes = map[string]string{"csv": "text/csv", "json": "application/json", "oscal": "application/json"}
