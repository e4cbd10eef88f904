package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
	PublicURL     *string  `yaml:"public_url"`
	TLSCert       *string  `yaml:"tls_cert"`
	TLSKey        *string  `yaml:"tls_key"`
	TrustedProxy  []string `yaml:"trusted_proxy"`
	MetricsListen *string  `yaml:"metrics_listen"`
	LogFormat     *string  `yaml:"log_format"`
	RateLimit     *float64 `yaml:"rate_limit"`
	Workers       *int     `yaml:"workers"`
	HealthListen  *string  `yaml:"health_listen"`
	SessionIdle   *string  `yaml:"session_idle"`
	SessionLife   *string  `yaml:"session_life"`
	TokenLife     *string  `yaml:"token_max_life"`

	Issuer           *string           `yaml:"oidc_issuer"`
	ClientID         *string           `yaml:"oidc_client_id"`
	ClientSecretFile *string           `yaml:"oidc_client_secret_file"`
	Scope            []string          `yaml:"oidc_scope"`
	GroupsClaim      *string           `yaml:"oidc_groups_claim"`
	Groups           map[string]string `yaml:"oidc_groups"` // to WORKSPACE:ROLE
	LinkByEmail      *bool             `yaml:"oidc_link_by_email"`
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
		{"public-url", "VOUCH_PUBLIC_URL", f.PublicURL, &c.PublicURL, false},
		{"oidc-issuer", "VOUCH_OIDC_ISSUER", f.Issuer, &c.OIDC.Issuer, false},
		{"oidc-client-id", "VOUCH_OIDC_CLIENT_ID", f.ClientID, &c.OIDC.ClientID, false},
		{"oidc-client-secret-file", "VOUCH_OIDC_CLIENT_SECRET_FILE", f.ClientSecretFile, &c.OIDC.ClientSecretFile, true},
		{"oidc-groups-claim", "VOUCH_OIDC_GROUPS_CLAIM", f.GroupsClaim, &c.OIDC.GroupsClaim, false},
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
	c.settleProvider(&f, given)
	return c.settleTimes(&f, given)
}

// settleProvider takes what a file says of the identity provider and is no
// plain text.
func (c *serveCmd) settleProvider(f *serveFile, given map[string]bool) {
	if f.Scope != nil && !given["oidc-scope"] && !inEnvironment("VOUCH_OIDC_SCOPE") {
		c.OIDC.Scope = f.Scope
	}
	if f.LinkByEmail != nil && !given["oidc-link-by-email"] && !inEnvironment("VOUCH_OIDC_LINK_BY_EMAIL") {
		c.OIDC.LinkByEmail = *f.LinkByEmail
	}
	if f.Groups != nil && !given["oidc-group"] && !inEnvironment("VOUCH_OIDC_GROUP") {
		c.OIDC.Group = nil
		for group, to := range f.Groups {
			c.OIDC.Group = append(c.OIDC.Group, group+"="+to)
		}
		slices.Sort(c.OIDC.Group)
	}
}

// settleTimes takes the times that a file says.
func (c *serveCmd) settleTimes(f *serveFile, given map[string]bool) error {
	for _, x := range []struct {
		flag, env, key string
		from           *string
		to             *time.Duration
	}{
		{"session-idle", "VOUCH_SESSION_IDLE", "session_idle", f.SessionIdle, &c.SessionIdle},
		{"session-life", "VOUCH_SESSION_LIFE", "session_life", f.SessionLife, &c.SessionLife},
		{"token-max-life", "VOUCH_TOKEN_MAX_LIFE", "token_max_life", f.TokenLife, &c.TokenLife},
	} {
		if x.from == nil || given[x.flag] || inEnvironment(x.env) {
			continue
		}
		d, err := time.ParseDuration(*x.from)
		if err != nil {
			return usageError(fmt.Sprintf("--config %s: %s is no time such as 12h", filepath.Base(c.Config), x.key))
		}
		*x.to = d
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
