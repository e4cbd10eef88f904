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
	"errors"
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

	"vouch/engine"
	"vouch/engine/store"
	"vouch/fixtures"
)

// served is a vouch serve that runs in this process.
type served struct {
	t     *testing.T
	out   *lockedBuffer
	log   *lockedBuffer
	stop  context.CancelFunc
	code  chan int
	url   string
	token string // of the admin, if this server was set up
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

var setUpSecret = regexp.MustCompile(`"secret": "([^"]+)"`)

const adminPassword = "four words unlike others"

var anyCertificate = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}

// setUp makes the first admin with what a server has printed, and returns a
// token of theirs for a workspace.
func setUp(t *testing.T, url string, printed fmt.Stringer, workspace string) string {
	t.Helper()
	m := setUpSecret.FindStringSubmatch(printed.String())
	for began := time.Now(); m == nil; m = setUpSecret.FindStringSubmatch(printed.String()) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("it prints no secret for the set-up: %q", printed)
		}
		time.Sleep(10 * time.Millisecond) // the output of a process comes when it comes
	}
	var made struct{ Secret string }
	var cookie *http.Cookie
	for _, x := range []struct{ path, body string }{
		{"/api/v1/setup", `{"secret":"` + m[1] + `","email":"admin@example.com","name":"Admin","password":"` + adminPassword + `"}`},
		{"/api/v1/workspaces/" + workspace + "/tokens", `{"name":"for the test","scopes":["read","write","decide","admin"]}`},
	} {
		h, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+x.path, strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		h.Header.Set("Content-Type", "application/json")
		if cookie != nil {
			h.AddCookie(cookie)
		}
		response, err := anyCertificate.Do(h)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusCreated || json.Unmarshal(text, &made) != nil {
			t.Fatalf("%s: %s %s (%v)", x.path, response.Status, text, err)
		}
		if list := response.Cookies(); len(list) == 1 {
			cookie = list[0]
		}
	}
	return made.Secret
}

var servingAt = regexp.MustCompile(`msg=serving address=(\S+)`)

// serve starts the server and waits until it listens.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &served{t: t, out: &lockedBuffer{}, log: &lockedBuffer{}, stop: stop, code: make(chan int, 1)}
	go func() {
		s.code <- run(ctx, append([]string{"serve"}, args...), &terminal{out: s.out, err: s.log})
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
	if s.token != "" {
		h.Header.Set("Authorization", "Bearer "+s.token)
	}
	h.Header.Set("Content-Type", kind)
	response, err := anyCertificate.Do(h)
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
	args := []string{"--data", data, "--listen", "127.0.0.1:0"}
	s := serve(t, args...)
	s.token = setUp(t, s.url, s.out, "default")
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
	secret, token := setUpSecret.FindStringSubmatch(s.out.String())[1], s.token
	if code := s.end(); code != exitOK || strings.Contains(s.log.String(), token) || strings.Contains(s.log.String(), secret) || strings.Contains(s.log.String(), adminPassword) {
		t.Errorf("exit %d: %s", code, s.log)
	}
	s = serve(t, args...)
	if s.token = token; s.out.String() != "" {
		t.Errorf("a server that is set up prints %q", s.out)
	}
	if code, text := s.do("GET", at+"/audit/verification", "", nil); code != 200 || !strings.Contains(text, `"count":201`) || strings.Contains(text, "breaks") {
		t.Errorf("audit: %d %s", code, text)
	}
	if log := must(t, "audit", "list", "--data", data, "--limit", "1"); !strings.Contains(log, "token:") {
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
	file := write("vouch.yaml", "data: data\nworkspace: filed\nlisten: 127.0.0.1:0\nmetrics_listen: 127.0.0.1:0\npublic_url: https://vouch.example.com\ntrusted_proxy: [127.0.0.0/8]\nrate_limit: 1000\n")
	workspaceOf := func() string {
		s, err := store.Open(t.Context(), filepath.Join(dir, "data", databaseName))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, name := range []string{"flagged", "environed", "filed"} { // each server makes its own
			if err := s.PutLayout(t.Context(), name, engine.Layout{Shape: "x"}); !errors.Is(err, engine.ErrNoWorkspace) {
				return name
			}
		}
		return ""
	}
	s := serve(t, "--config", file)
	if got := workspaceOf(); got != "filed" {
		t.Errorf("by the file: %q", got)
	}
	if !strings.Contains(s.out.String(), "https://vouch.example.com/api/v1/setup") {
		t.Errorf("where browsers reach it is not believed: %s", s.out)
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
	if got := workspaceOf(); got != "environed" {
		t.Errorf("by the environment: %q", got)
	}
	s.end()
	serve(t, "--config", file, "--workspace", "flagged")
	if got := workspaceOf(); got != "flagged" {
		t.Errorf("by the flag: %q", got)
	}
}

// TestServeRefuses: it does not begin with what it cannot serve with.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		file := filepath.Join(t.TempDir(), "v.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	provider := []string{"--public-url", "https://vouch.example.com", "--oidc-issuer", "https://id.example.com", "--oidc-client-id", "vouch"}
	for name, x := range map[string]struct {
		args []string
		says string
	}{
		"half of TLS":            {[]string{"--tls-cert", file("x")}, "go together"},
		"no certificate":         {[]string{"--tls-cert", file("x"), "--tls-key", file("x")}, "--tls-cert, --tls-key"},
		"a wrong proxy":          {[]string{"--trusted-proxy", "everybody"}, "trusted proxies"},
		"a wrong address":        {[]string{"--listen", "192.0.2.1:1"}, "--listen"},
		"a wrong format":         {[]string{"--log-format", "xml"}, "--log-format"},
		"no rate":                {[]string{"--rate-limit", "0"}, "--rate-limit"},
		"no time":                {[]string{"--session-idle", "0s"}, "--session-idle"},
		"a path":                 {[]string{"--public-url", "https://vouch.example.com/x"}, "--public-url"},
		"no scheme":              {[]string{"--public-url", "vouch.example.com"}, "--public-url"},
		"a client alone":         {[]string{"--oidc-client-id", "x"}, "--oidc-issuer is missing"},
		"no way back":            {provider[2:], "--public-url is missing"},
		"no client":              {provider[:4], "client id is empty"},
		"a plain provider":       {append(provider[:2:2], "--oidc-issuer", "http://id.example.com", "--oidc-client-id", "vouch"), "not a https:// URL"},
		"an empty secret":        {append(provider[:6:6], "--oidc-client-secret-file", file("")), "the file is empty"},
		"a group to nowhere":     {append(provider[:6:6], "--oidc-group", "staff"), "GROUP=WORKSPACE:ROLE"},
		"a group without a role": {append(provider[:6:6], "--oidc-group", "cn=staff=default"), "WORKSPACE:ROLE"},
		"an unknown key":         {[]string{"--config", file("data: x\n\nlisten_on: y\n")}, `line 3: unknown field "listen_on"`},
		"a wrong value":          {[]string{"--config", file("rate_limit: many\n")}, "line 1"},
		"a wrong time":           {[]string{"--config", file("session_life: long\n")}, "session_life is no time"},
		"a file that is no YAML": {[]string{"--config", file("a: [")}, "line 1"},
		"no config":              {[]string{"--config", "/nowhere/v.yaml"}, "no such file"},
	} {
		code, _, says := vouch(t, append([]string{"serve", "--data", t.TempDir()}, x.args...)...)
		if code != exitRefused || !strings.Contains(says, x.says) || strings.Count(strings.TrimSpace(says), "\n") > 2 {
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
	s := serve(t, "--data", filepath.Join(dir, "data"), "--listen", "127.0.0.1:0", "--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"))
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
