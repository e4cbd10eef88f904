package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// checkSettings reads the file of settings, if one is named, takes from it where
// the database is, and says whether a process could start with it.
func checkSettings(file string, k *kong.Context, g *global) ([]finding, error) {
	const check = "settings"
	if file == "" {
		return nil, nil
	}
	f, err := readServeFile(file)
	if err != nil {
		return []finding{{check, statusFail, err.Error(), "correct it: nothing starts with it as it is"}}, nil //nolint:nilerr // that it cannot be read is what was found
	}
	workers, format := 0, ""
	if err := f.common(file, givenFlags(k), g, &workers, &format); err != nil {
		return nil, err
	}
	var lacking, open []string
	for _, x := range []struct {
		setting string
		path    *string
		secret  bool
	}{{"oidc_client_secret_file", f.ClientSecretFile, true}, {"database_file", f.DatabaseFile, true}, {"tls_key", f.TLSKey, true}, {"tls_cert", f.TLSCert, false}} {
		if x.path == nil {
			continue
		}
		path := besides(file, *x.path)
		switch _, err := os.Stat(path); {
		case err != nil:
			lacking = append(lacking, fmt.Sprintf("%s: %s", x.setting, strings.TrimPrefix(err.Error(), "stat ")))
		case x.secret:
			for _, name := range openToOthers(path) {
				open = append(open, x.setting+" "+name)
			}
		}
	}
	if f.Database != nil && strings.Contains(*f.Database, "@") && len(openToOthers(file)) > 0 {
		open = append(open, "database in "+openToOthers(file)[0])
	}
	switch {
	case len(lacking) > 0:
		return []finding{{check, statusFail, file + ": " + strings.Join(lacking, "; "), "make the file, or correct the setting; paths count from the folder of the settings"}}, nil
	case len(open) > 0:
		return []finding{{check, statusWarn, file + ": others may read " + strings.Join(open, ", "), "take the rights of group and others away (chmod go=), or let the service manager pass it as a credential"}}, nil
	}
	return []finding{{check, statusOK, file, ""}}, nil
}
