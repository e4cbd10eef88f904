package api

import (
	"regexp"
	"strconv"
	"strings"
)

// etag is the version of a thing as a header.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

var etagForm = regexp.MustCompile(`^(?:W/)?"([0-9]{1,9})"$`)

// ifMatch returns the version that a caller read before changing it. A proxy
// that compresses makes an ETag weak; the version in it is the same.
func ifMatch(header, what string) (int, error) {
	if header == "" {
		return 0, ifMatchRequired.because("This changes %s and does not say which version of it was read.", what)
	}
	m := etagForm.FindStringSubmatch(header)
	if m == nil {
		f := badRequest.because("If-Match is no ETag of this API.")
		f.errors = []FieldError{{Parameter: "If-Match", Detail: `must be the ETag of one version, such as "3"`}}
		return 0, f
	}
	return strconv.Atoi(m[1])
}

// changedMeanwhile says that a thing has another version than the caller read,
// and shows it.
func changedMeanwhile(what string, version int, current any) *ProblemError {
	f := stale.because("The %s has version %d now.", what, version)
	f.current = current
	return f
}

// etagOf is the ETag of what has no version of its own: the beginning of the
// hash of what it is, "0" for nothing.
func etagOf(hash string) string {
	if hash == "" {
		return `"0"`
	}
	return `"` + hash[:16] + `"`
}

// sameTag says why something may not be changed by who sent If-Match: it has
// another ETag by now. A proxy that compresses makes an ETag weak.
func sameTag(header, tag, what string, current any) error {
	if header == "" {
		return ifMatchRequired.because("This changes the %s and does not say which state of it was read.", what)
	}
	if strings.TrimPrefix(header, "W/") == tag {
		return nil
	}
	f := stale.because("The %s has changed since.", what)
	f.current = current
	return f
}
