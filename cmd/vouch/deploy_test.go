package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	mend(t, err)
	return string(b)
}

// takesEnvironment says which variables the program takes: those of all flags,
// and the file that names the database.
func takesEnvironment(t *testing.T) map[string]bool {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Vars{"version": "", "min_confidence": "0"})
	mend(t, err)
	takes := map[string]bool{databaseFileEnv: true}
	var add func(n *kong.Node)
	add = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, name := range f.Envs {
				takes[name] = true
			}
		}
		for _, child := range n.Children {
			add(child)
		}
	}
	add(parser.Model.Node)
	return takes
}

// parses fails if the program does not take a call.
func parses(t *testing.T, args ...string) {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Vars{"version": "", "min_confidence": "0"})
	mend(t, err)
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("vouch %s: %v", strings.Join(args, " "), err)
	}
}

var environmentName = regexp.MustCompile(`VOUCH_[A-Z_]+`)

// TestDeployment: what the units and the Containerfile call, the program takes.
func TestDeployment(t *testing.T) {
	t.Parallel()
	takes := takesEnvironment(t)
	hardening := map[string]string{}
	for _, name := range []string{"vouch.service", "vouch-work.service", "Containerfile"} {
		text := read(t, "deploy", name)
		for _, variable := range environmentName.FindAllString(text, -1) {
			if !takes[variable] {
				t.Errorf("%s sets %s, which is not taken", name, variable)
			}
		}
		if name == "Containerfile" {
			entry := regexp.MustCompile(`(?m)^CMD \["(\w+)"\]$`).FindStringSubmatch(text)
			parses(t, entry[1])
			continue
		}
		call := regexp.MustCompile(`(?m)^ExecStart=\S+ (.+)$`).FindStringSubmatch(text)
		parses(t, strings.Fields(call[1])...)
		_, hardening[name], _ = strings.Cut(text, "UMask=")
	}
	if hardening["vouch.service"] != hardening["vouch-work.service"] {
		t.Error("the two units have not the same rights")
	}
}

// TestSettingsReference: the README shows every setting that a file may make,
// with its default, and no other.
func TestSettingsReference(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(read(t, "..", "..", "README.md"), "### Settings")
	_, text, _ = strings.Cut(text, "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	text = regexp.MustCompile(`(?m)^# `).ReplaceAllString(text, "")
	file := filepath.Join(t.TempDir(), "vouch.yaml")
	mend(t, os.WriteFile(file, []byte(text), 0o600))
	f, err := readServeFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the README does not show %s", v.Type().Field(i).Tag.Get("yaml"))
		}
	}
	var c cli
	parser, err := kong.New(&c, kong.Vars{"version": "", "min_confidence": "0"})
	mend(t, err)
	flags := map[string]*kong.Flag{}
	for _, n := range parser.Model.Children {
		if n.Name == "serve" {
			for _, group := range n.AllFlags(true) {
				for _, f := range group {
					flags[f.Name] = f
				}
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^(\w+): (\S+) +#`).FindAllStringSubmatch(read(t, "..", "..", "README.md"), -1) {
		name := strings.ReplaceAll(m[1], "_", "-")
		if f := flags[name]; f == nil || f.Default != m[2] && !slices.Contains([]string{"data"}, name) {
			t.Errorf("the README says that the default of %s is %s", m[1], m[2])
		}
	}
}
