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
// (also OSCAL), CSV and workbooks. They are laid over the stored register, nil
// for none, as [register.JoinOver] says. The result can be relied on if there
// are no problems; where a file has problems of its own, those are returned
// alone, without what follows from them.
func ReadRegister(ctx context.Context, stored *assurance.Register, paths ...string) (*assurance.Register, []register.Problem, error) {
	parts, problems, err := ReadRegisterParts(ctx, paths...)
	if err != nil {
		return nil, nil, err
	}
	r, wrong := register.JoinOver(stored, parts...)
	if len(problems) > 0 {
		return r, problems, nil
	}
	return r, wrong, nil
}

// ReadRegisterParts reads what files say of a register, for [register.JoinOver]
// to lay over what is stored by then. With problems the parts are of no use.
func ReadRegisterParts(ctx context.Context, paths ...string) (parts []*register.Part, problems []register.Problem, err error) {
	for _, path := range paths {
		part, wrong, err := readPart(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		parts, problems = append(parts, part), append(problems, wrong...)
	}
	return parts, problems, nil
}

// IsRegister reports whether a file says what only a register has: whether it
// is OSCAL, YAML, JSON with reports or evidence, or has a table of tests,
// subservices, findings or evidence. Lists of controls alone are none.
func IsRegister(ctx context.Context, path string) (bool, error) {
	kind, isYAML, err := registerFormat(path)
	if err != nil || isYAML {
		return isYAML, err
	}
	if kind == formatJSON {
		data, err := readAll(path, maxListBytes)
		if err != nil {
			return false, err
		}
		return register.IsObject(data, filepath.Base(path)), nil
	}
	tables, err := readTables(ctx, path, kind)
	if err != nil {
		return false, err
	}
	return register.HasOwnTables(tables), nil
}

// registerFormat is [format] with YAML, which has no first bytes of its own.
func registerFormat(path string) (kind string, isYAML bool, err error) {
	kind, err = format(path)
	ext := strings.ToLower(filepath.Ext(path))
	return kind, kind == csv.Format && (ext == ".yaml" || ext == ".yml"), err
}

func readPart(ctx context.Context, path string) (*register.Part, []register.Problem, error) {
	name := filepath.Base(path)
	kind, isYAML, err := registerFormat(path)
	if err != nil {
		return nil, nil, err
	}
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
