package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers says which of our packages each package may import, directly. A
// package that is not listed fails the test: put it where it belongs first.
var layers = map[string][]string{
	"vouch/cmd/vouch":              {"*"},
	"vouch/engine":                 {"vouch/engine/assurance"},
	"vouch/engine/assurance":       {},
	"vouch/engine/draft":           {"vouch/engine"},
	"vouch/engine/store":           {"vouch/engine"},
	"vouch/engine/store/storetest": {"vouch/engine", "vouch/engine/assurance"},
	"vouch/engine/jobs":            {"vouch/engine"},
	"vouch/engine/jobs/jobstest":   {"vouch/engine", "vouch/engine/jobs"},
	"vouch/index":                  {"vouch/engine"},
	"vouch/importers":              {"vouch/engine", "vouch/engine/assurance", "vouch/importers/atomicfile", "vouch/importers/csv", "vouch/importers/detect", "vouch/importers/list", "vouch/importers/register", "vouch/importers/xlsx"},
	"vouch/importers/detect":       {"vouch/engine"},
	"vouch/importers/csv":          {"vouch/engine", "vouch/importers/atomicfile", "vouch/importers/detect"},
	"vouch/importers/xlsx":         {"vouch/engine", "vouch/importers/atomicfile", "vouch/importers/detect", "vouch/importers/isolate"},
	"vouch/importers/list":         {"vouch/engine", "vouch/importers/tree"},
	"vouch/importers/register":     {"vouch/engine", "vouch/engine/assurance", "vouch/importers/list", "vouch/importers/tree"},
	"vouch/importers/tree":         {"vouch/engine"},
	"vouch/importers/atomicfile":   {},
	"vouch/importers/isolate":      {"vouch/engine"},
	"vouch/api":                    {"vouch/api/oidc", "vouch/api/readiness", "vouch/engine", "vouch/engine/assurance"},
	"vouch/api/review":             {"vouch/engine", "vouch/engine/assurance"},
	"vouch/api/quality":            {"vouch/engine"},
	"vouch/api/readiness":          {"vouch/engine/assurance"},
	"vouch/api/password":           {"vouch/engine"},
	"vouch/api/oidc":               {"vouch/engine"},
	"vouch/fixtures":               {},
	"vouch/fixtures/generate":      {"vouch/fixtures"},
}

// owners says which packages may import a third-party module, directly.
// Modules that are not listed may not be imported at all.
var owners = map[string][]string{
	"github.com/blevesearch/":         {"vouch/index"},
	"go.etcd.io/bbolt":                {"vouch/index"}, // the errors of bleve's store
	"github.com/google/go-cmp":        {"vouch/engine/store/storetest"},
	"pgregory.net/rapid":              {"vouch/engine/store/storetest"},
	"github.com/xuri/excelize/":       {"vouch/importers/xlsx", "vouch/fixtures/generate"},
	"modernc.org/sqlite":              {"vouch/engine/store"},
	"github.com/jackc/pgx/":           {"vouch/engine/store", "vouch/engine/jobs"},
	"github.com/riverqueue/river":     {"vouch/engine/jobs"},
	"github.com/pressly/goose/":       {"vouch/engine/store"},
	"github.com/google/uuid":          {"vouch/engine/store", "vouch/importers/register"},
	"github.com/alecthomas/kong":      {"vouch/cmd/vouch"},
	"github.com/schollz/progressbar/": {"vouch/cmd/vouch"},
	"golang.org/x/term":               {"vouch/cmd/vouch"},
	"golang.org/x/crypto":             {"vouch/api/password"},
	"golang.org/x/oauth2":             {"vouch/api/oidc"},
	"github.com/coreos/go-oidc/":      {"vouch/api/oidc"},
	"github.com/goccy/go-yaml":        {"vouch/cmd/vouch", "vouch/importers", "vouch/importers/tree", "vouch/fixtures/generate"},
	"github.com/gin-gonic/gin":        {"vouch/api"},
	"github.com/oapi-codegen/runtime": {"vouch/api"},
	"github.com/getkin/kin-openapi/":  {"vouch/api"},
	"github.com/prometheus/":          {"vouch/api"},
	"go.opentelemetry.io/":            {"vouch/api"},
	"golang.org/x/time":               {"vouch/api"},
	"github.com/wlynxg/chardet":       {"vouch/importers/csv"},
	"github.com/abadojack/whatlanggo": {"vouch/importers"},
	"golang.org/x/text":               {"vouch/importers/csv", "vouch/index", "vouch/fixtures/generate"},
	"golang.org/x/sys":                {"vouch/importers/isolate"},
}

type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// TestImports holds the architecture: who imports whom, and which package owns
// which third-party module.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Standard,Imports", "-deps", "vouch/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	standard := map[string]bool{"C": true}
	var ours []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Standard {
			standard[p.ImportPath] = true
		}
		if strings.HasPrefix(p.ImportPath, "vouch/") {
			ours = append(ours, p)
		}
	}
	for _, p := range ours {
		allowed, ok := layers[p.ImportPath]
		if !ok {
			t.Errorf("%s is not in the table of layers", p.ImportPath)
		}
		for _, imp := range p.Imports {
			switch {
			case standard[imp]:
			case strings.HasPrefix(imp, "vouch/"):
				if !slices.Contains(allowed, imp) && !slices.Contains(allowed, "*") {
					t.Errorf("%s must not import %s", p.ImportPath, imp)
				}
			default:
				checkOwner(t, p.ImportPath, imp)
			}
		}
	}
}

func checkOwner(t *testing.T, pkg, imp string) {
	t.Helper()
	for prefix, who := range owners {
		if strings.HasPrefix(imp, prefix) {
			if !slices.Contains(who, pkg) {
				t.Errorf("%s must not import %s; that is for %v", pkg, imp, who)
			}
			return
		}
	}
	t.Errorf("%s imports %s, which nobody owns", pkg, imp)
}
