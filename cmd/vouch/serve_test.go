package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/fixtures"
)

const testToken = "0123456789abcdef0123456789abcdef"

// served is a vouch serve that runs in this process.
type served struct {
	t    *testing.T
	log  *lockedBuffer
	stop context.CancelFunc
	code chan int
	url  string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func tokenFile(t *testing.T, token string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

var servingAt = regexp.MustCompile(`msg=serving address=(\S+)`)

// serve starts the server and waits until it listens.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &served{t: t, log: &lockedBuffer{}, stop: stop, code: make(chan int, 1)}
	go func() {
		s.code <- run(ctx, append([]string{"serve"}, args...), &terminal{out: io.Discard, err: s.log})
	}()
	t.Cleanup(func() { s.end() })
	for range 1000 {
		if m := servingAt.FindStringSubmatch(s.log.String()); m != nil {
			s.url = m[1]
			return s
		}
		select {
		case code := <-s.code:
			t.Fatalf("exit %d: %s", code, s.log)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("it does not serve: %s", s.log)
	return nil
}

// end stops the server and returns its exit code, the first time.
func (s *served) end() int {
	s.stop()
	select {
	case code := <-s.code:
		s.code <- code
		return code
	case <-time.After(30 * time.Second):
		s.t.Error("it does not stop")
		return -1
	}
}

func (s *served) do(method, path, kind string, body io.Reader) (int, string) {
	s.t.Helper()
	h, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	h.Header.Set("Authorization", "Bearer "+testToken)
	h.Header.Set("Content-Type", kind)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	response, err := client.Do(h)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestServe: a library is sent, found at once, and still there for the command
// line and the next server.
func TestServe(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"--data", data, "--listen", "127.0.0.1:0", "--token-file", tokenFile(t, testToken)}
	s := serve(t, args...)
	list, err := fixtures.ReadFile("library.csv")
	if err != nil {
		t.Fatal(err)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("file", "library.csv")
	_, _ = part.Write(list)
	_ = w.Close()
	const at = "/api/v1/workspaces/default"
	if code, text := s.do("POST", at+"/entries/import", w.FormDataContentType(), &form); code != 200 || !strings.Contains(text, `"added":198`) {
		t.Fatalf("import: %d %s", code, text)
	}
	const question = `{"question":"Do you encrypt customer data at rest?","limit":1}`
	for deadline := time.Now().Add(20 * time.Second); ; { // at the first try, unless the machine is busy
		code, text := s.do("POST", at+"/search", "application/json", strings.NewReader(question))
		if code == 200 && strings.Contains(text, `"kind":"entry"`) {
			break
		}
		if code != 200 || time.Now().After(deadline) {
			t.Fatalf("search: %d %s", code, text)
		}
	}
	if code, text := s.do("GET", "/readyz", "", nil); code != 200 {
		t.Errorf("readyz: %d %s", code, text)
	}
	if code, _ := s.do("GET", "/api/v1/workspaces/other/entries", "", nil); code != 404 {
		t.Errorf("another workspace: %d, want 404", code)
	}
	if out := must(t, "library", "list", "--data", data, "--format", "json"); strings.Count(out, `"id":`) != 198 {
		t.Errorf("the command line sees %d entries beside the server", strings.Count(out, `"id":`))
	}
	if code := s.end(); code != exitOK || strings.Contains(s.log.String(), testToken) {
		t.Errorf("exit %d: %s", code, s.log)
	}
	s = serve(t, args...)
	if code, text := s.do("GET", at+"/audit/verification", "", nil); code != 200 || !strings.Contains(text, `"count":198`) || strings.Contains(text, "breaks") {
		t.Errorf("audit: %d %s", code, text)
	}
	if log := must(t, "audit", "list", "--data", data, "--limit", "1"); !strings.Contains(log, "token:file") {
		t.Errorf("the log does not name the caller: %s", log)
	}
}

// TestServeSettings: a flag comes before the environment, that before the
// file, and that before the default.
func TestServeSettings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("token", testToken)
	file := write("vouch.yaml", "data: data\nworkspace: filed\nlisten: 127.0.0.1:0\nmetrics_listen: 127.0.0.1:0\ntoken_file: token\ntrusted_proxy: [127.0.0.0/8]\nrate_limit: 1000\n")
	workspaceOf := func(s *served) string {
		for _, name := range []string{"filed", "environed", "flagged"} {
			if code, _ := s.do("GET", "/api/v1/workspaces/"+name+"/entries", "", nil); code == 200 {
				return name
			}
		}
		return ""
	}
	s := serve(t, "--config", file)
	if got := workspaceOf(s); got != "filed" {
		t.Errorf("by the file: %q", got)
	}
	metrics := regexp.MustCompile(`msg="serving figures" address=(\S+)`).FindStringSubmatch(s.log.String())
	if metrics == nil {
		t.Fatalf("no figures: %s", s.log)
	}
	response, err := http.Get(metrics[1])
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("figures: %s", response.Status)
	}
	h, _ := http.NewRequest(http.MethodGet, s.url+"/healthz", nil)
	h.Header.Set("X-Forwarded-For", "192.0.2.77")
	response, err = http.DefaultClient.Do(h)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if s.end(); !strings.Contains(s.log.String(), "from=192.0.2.77") {
		t.Errorf("the trusted proxy is not believed: %s", s.log)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", databaseName)); err != nil {
		t.Errorf("paths in the file do not count from its folder: %v", err)
	}
	t.Setenv("VOUCH_WORKSPACE", "environed")
	s = serve(t, "--config", file)
	if got := workspaceOf(s); got != "environed" {
		t.Errorf("by the environment: %q", got)
	}
	s.end()
	s = serve(t, "--config", file, "--workspace", "flagged")
	if got := workspaceOf(s); got != "flagged" {
		t.Errorf("by the flag: %q", got)
	}
}

// TestServeRefuses: it does not begin with what it cannot serve with, above all
// not without a token.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	good := tokenFile(t, testToken)
	config := func(text string) string {
		file := filepath.Join(t.TempDir(), "v.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for name, x := range map[string]struct {
		args []string
		says string
	}{
		"no token":               {nil, "--token-file is missing"},
		"an empty token":         {[]string{"--token-file", tokenFile(t, "")}, "at least 32 characters"},
		"a short token":          {[]string{"--token-file", tokenFile(t, testToken[1:])}, "at least 32 characters"},
		"two tokens":             {[]string{"--token-file", tokenFile(t, testToken+"\n"+testToken)}, "one token"},
		"no such file":           {[]string{"--token-file", "/nowhere/token"}, "no such file"},
		"half of TLS":            {[]string{"--token-file", good, "--tls-cert", good}, "go together"},
		"no certificate":         {[]string{"--token-file", good, "--tls-cert", good, "--tls-key", good}, "--tls-cert, --tls-key"},
		"a wrong proxy":          {[]string{"--token-file", good, "--trusted-proxy", "everybody"}, "trusted proxies"},
		"a wrong address":        {[]string{"--token-file", good, "--listen", "192.0.2.1:1"}, "--listen"},
		"a wrong format":         {[]string{"--token-file", good, "--log-format", "xml"}, "--log-format"},
		"no rate":                {[]string{"--token-file", good, "--rate-limit", "0"}, "--rate-limit"},
		"an unknown key":         {[]string{"--token-file", good, "--config", config("data: x\n\nlisten_on: y\n")}, `line 3: unknown field "listen_on"`},
		"a wrong value":          {[]string{"--token-file", good, "--config", config("rate_limit: many\n")}, "line 1"},
		"a file that is no YAML": {[]string{"--token-file", good, "--config", config("a: [")}, "line 1"},
		"no config":              {[]string{"--token-file", good, "--config", "/nowhere/v.yaml"}, "no such file"},
	} {
		code, _, says := vouch(t, append([]string{"serve", "--data", t.TempDir()}, x.args...)...)
		if code != exitRefused || !strings.Contains(says, x.says) || strings.Contains(says, testToken) || strings.Count(strings.TrimSpace(says), "\n") > 2 {
			t.Errorf("%s: exit %d: %s", name, code, says)
		}
	}
}

func TestServeTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, "--data", filepath.Join(dir, "data"), "--listen", "127.0.0.1:0", "--token-file", tokenFile(t, testToken), "--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"))
	if !strings.HasPrefix(s.url, "https://") {
		t.Fatalf("it serves at %s", s.url)
	}
	var health struct{ Status string }
	code, text := s.do("GET", "/healthz", "", nil)
	if err := json.Unmarshal([]byte(text), &health); err != nil || code != 200 || health.Status != "ok" {
		t.Errorf("%d %s (%v)", code, text, err)
	}
	plain, err := http.Get(fmt.Sprintf("http://%s/healthz", strings.TrimPrefix(s.url, "https://")))
	if err != nil {
		t.Fatal(err)
	}
	plain.Body.Close()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %s", plain.Status)
	}
}
