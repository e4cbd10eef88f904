package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// serveFile is what a file of settings may say, for "vouch serve" and "vouch
// work" alike, so that both can have the same one; each takes what it knows.
// What it leaves out is not changed.
type serveFile struct {
	Data          *string  `yaml:"data"`
	Database      *string  `yaml:"database"`
	DatabaseFile  *string  `yaml:"database_file"`
	Workspace     *string  `yaml:"workspace"`
	Listen        *string  `yaml:"listen"`
	TokenFile     *string  `yaml:"token_file"`
	TLSCert       *string  `yaml:"tls_cert"`
	TLSKey        *string  `yaml:"tls_key"`
	TrustedProxy  []string `yaml:"trusted_proxy"`
	MetricsListen *string  `yaml:"metrics_listen"`
	LogFormat     *string  `yaml:"log_format"`
	RateLimit     *float64 `yaml:"rate_limit"`
	Workers       *int     `yaml:"workers"`
	HealthListen  *string  `yaml:"health_listen"`
}

// fromFile is one setting that a file may make.
type fromFile struct {
	flag, env string
	from      *string // nil if the file says nothing
	to        *string
	path      bool // counts from the folder of the file
}

// settle takes from the file of settings what neither a flag nor the
// environment says. Paths in it count from its own folder.
func (c *serveCmd) settle(k *kong.Context, g *global) error {
	f, err := readServeFile(c.Config)
	if err != nil {
		return err
	}
	given := givenFlags(k)
	if err := f.common(c.Config, given, g, &c.Workers, &c.LogFormat); err != nil {
		return err
	}
	take(c.Config, given, []fromFile{
		{"listen", "VOUCH_LISTEN", f.Listen, &c.Listen, false},
		{"token-file", "VOUCH_TOKEN_FILE", f.TokenFile, &c.TokenFile, true},
		{"tls-cert", "VOUCH_TLS_CERT", f.TLSCert, &c.TLSCert, true},
		{"tls-key", "VOUCH_TLS_KEY", f.TLSKey, &c.TLSKey, true},
		{"metrics-listen", "VOUCH_METRICS_LISTEN", f.MetricsListen, &c.MetricsListen, false},
	})
	if f.TrustedProxy != nil && !given["trusted-proxy"] && !inEnvironment("VOUCH_TRUSTED_PROXY") {
		c.TrustedProxy = f.TrustedProxy
	}
	if f.RateLimit != nil && !given["rate-limit"] && !inEnvironment("VOUCH_RATE_LIMIT") {
		c.RateLimit = *f.RateLimit
	}
	return nil
}

// common takes the settings that every process has.
func (f *serveFile) common(file string, given map[string]bool, g *global, workers *int, logFormat *string) error {
	take(file, given, []fromFile{
		{"data", "VOUCH_DATA", f.Data, &g.Data, true},
		{"workspace", "VOUCH_WORKSPACE", f.Workspace, &g.Workspace, false},
		{"log-format", "VOUCH_LOG_FORMAT", f.LogFormat, logFormat, false},
	})
	if f.Workers != nil && !given["workers"] && !inEnvironment("VOUCH_WORKERS") {
		*workers = *f.Workers
	}
	if given["database"] || inEnvironment(databaseEnv) || inEnvironment(databaseFileEnv) {
		return nil
	}
	switch {
	case f.Database != nil && f.DatabaseFile != nil:
		return usageError("--config: database and database_file both name a database; keep one of them")
	case f.Database != nil:
		g.Database, g.databaseFrom = *f.Database, "database in "+filepath.Base(file)
		if !strings.Contains(g.Database, "://") {
			g.Database = besides(file, g.Database)
		}
	case f.DatabaseFile != nil:
		path, err := databaseIn(besides(file, *f.DatabaseFile), "database_file in "+filepath.Base(file))
		if err != nil {
			return err
		}
		g.Database, g.databaseFrom = path, "database_file in "+filepath.Base(file)
	}
	return nil
}

// take takes those settings that the file makes and nothing else does.
func take(file string, given map[string]bool, list []fromFile) {
	for _, x := range list {
		if x.from == nil || given[x.flag] || inEnvironment(x.env) {
			continue
		}
		*x.to = *x.from
		if x.path {
			*x.to = besides(file, *x.to)
		}
	}
}

// besides returns a path that counts from the folder of a file.
func besides(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// givenFlags returns the flags of the command line.
func givenFlags(k *kong.Context) map[string]bool {
	given := map[string]bool{}
	for _, p := range k.Path {
		if p.Flag != nil {
			given[p.Flag.Name] = true
		}
	}
	return given
}

func inEnvironment(name string) bool { return os.Getenv(name) != "" }

// readServeFile reads a file of settings. What it does not know is an error
// with its line: a setting that is misspelled would otherwise not be there.
func readServeFile(file string) (f serveFile, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return f, usageError("--config: " + err.Error())
	}
	err = yaml.UnmarshalWithOptions(text, &f, yaml.Strict())
	if err == nil || errors.Is(err, io.EOF) { // an empty file says nothing
		return f, nil
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return f, usageError(fmt.Sprintf("--config %s: %s", filepath.Base(file), firstLine(err.Error())))
	}
	return f, usageError(fmt.Sprintf("--config %s, line %d: %s; \"vouch serve --help\" lists what there is", filepath.Base(file), at.GetToken().Position.Line, at.GetMessage()))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
