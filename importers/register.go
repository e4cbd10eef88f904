package importers

import (
	"context"
	"path/filepath"
	"strings"

	"vouch/engine/assurance"
	"vouch/importers/csv"
	"vouch/importers/register"
)

// ReadRegister reads a register from files that say parts of it: YAML, JSON
// (also OSCAL), CSV and workbooks. The register can be relied on if there are
// no problems; where a file has problems of its own, those are returned alone,
// without what follows from them.
func ReadRegister(ctx context.Context, paths ...string) (*assurance.Register, []register.Problem, error) {
	var parts []*register.Part
	var problems []register.Problem
	for _, path := range paths {
		part, wrong, err := readPart(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		parts, problems = append(parts, part), append(problems, wrong...)
	}
	r, wrong := register.Join(parts...)
	if len(problems) > 0 {
		return r, problems, nil
	}
	return r, wrong, nil
}

func readPart(ctx context.Context, path string) (*register.Part, []register.Problem, error) {
	name := filepath.Base(path)
	kind, err := format(path)
	if err != nil {
		return nil, nil, err
	}
	ext := strings.ToLower(filepath.Ext(path))
	isYAML := kind == csv.Format && (ext == ".yaml" || ext == ".yml") // YAML has no first bytes of its own
	if kind == formatJSON || isYAML {
		data, err := readAll(path, maxListBytes)
		if err != nil {
			return nil, nil, err
		}
		if isYAML {
			return register.ReadYAML(data, name)
		}
		return register.ReadJSON(data, name)
	}
	tables, err := readTables(ctx, path, kind)
	if err != nil {
		return nil, nil, err
	}
	return register.ReadTables(tables, name)
}
