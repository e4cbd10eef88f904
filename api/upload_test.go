package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// fileForm returns a form with one file, as a string that is sent as it is, and
// its header.
func fileForm(name, text string) (string, map[string]string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("file", name)
	_, _ = io.WriteString(part, text)
	_ = w.Close()
	return b.String(), map[string]string{"Content-Type": w.FormDataContentType()}
}

func (r *rig) upload(name, text string) reply {
	r.t.Helper()
	body, header := fileForm(name, text)
	return r.do(request{method: "POST", path: "/entries/import", body: body, header: header})
}

func TestImport(t *testing.T) {
	t.Parallel()
	r := start(t)
	const list = "question,answer,explanation\nIs it so?,Yes,It is.\nIs there none?,,\n"
	for i, want := range []string{`"added":1,"changed":0`, `"added":0,"changed":0`} {
		if got := r.upload("../../past <answers>.csv", list).want(t, 200, ""); !contains(string(got.body), want) || !contains(string(got.body), `"file":"past answers.csv"`) {
			t.Errorf("import %d: %s", i+1, got.body)
		}
	}
	var p EntryPage
	r.do(request{path: "/entries?file=past%20answers.csv"}).want(t, 200, "").into(t, &p)
	if len(p.Entries) != 1 {
		t.Errorf("%d entries of the file, want 1", len(p.Entries))
	}
	r.upload("a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook").want(t, 422, "file_refused")
	r.upload("..", list).want(t, 400, "invalid_request")
	r.do(request{method: "POST", path: "/entries/import", body: "{}"}).want(t, 415, "unsupported_media_type")
	r.do(request{method: "POST", path: "/entries/import", body: "none", header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}}).want(t, 400, "invalid_request")
	if left, err := os.ReadDir(r.Temp); err != nil || len(left) != 0 {
		t.Errorf("%d uploads are left (%v)", len(left), err)
	}
}

// TestLargeUploads: too much is refused, and nothing of it is left.
func TestLargeUploads(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, path := range []string{"/entries/import", "/questionnaires", "/questionnaires/preview"} {
		r.sendTooMuch(path)
		if left, err := os.ReadDir(r.Temp); err != nil || len(left) != 0 {
			t.Errorf("%s: %d uploads are left (%v)", path, len(left), err)
		}
	}
}

// sendTooMuch sends a file of 60 MB.
func (r *rig) sendTooMuch(path string) {
	t := r.t
	read, write := io.Pipe()
	w := multipart.NewWriter(write)
	go func() {
		part, _ := w.CreateFormFile("file", "large.csv")
		line := []byte(strings.Repeat("x", 1<<20))
		for range 60 {
			if _, err := part.Write(line); err != nil {
				break
			}
		}
		_ = write.CloseWithError(w.Close())
	}()
	h := r.request(request{method: "POST", path: path, header: map[string]string{"Content-Type": w.FormDataContentType()}})
	h.Body = read
	response, err := http.DefaultClient.Do(h)
	if err == nil { // else the server hung up on what came after
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: got %s: %s", path, response.Status, body)
		}
	}
}

// TestSlowUploads: who sends too slowly is cut off, and meanwhile takes no place
// of others.
func TestSlowUploads(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Limits.Upload, o.Limits.Uploads = 3*time.Second, 1 })
	body, header := fileForm("a.csv", "question,answer\nIs it so?,Yes\n")
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.http.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/workspaces/here/entries/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reviewer\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", header["Content-Type"], len(body), body[:len(body)/2])
	for deadline := time.Now().Add(10 * time.Second); r.uploading("user:reviewer") == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the slow upload never began")
		}
	}
	r.do(request{method: "POST", path: "/entries/import", body: body, header: header}).want(t, 429, "too_many_uploads")
	r.do(request{method: "POST", path: "/entries/import", who: "admin", body: body, header: header}).want(t, 200, "")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestTimeout {
		t.Errorf("got %s, want 408", response.Status)
	}
	r.do(request{method: "POST", path: "/entries/import", body: body, header: header}).want(t, 200, "")
}

// uploading returns how many uploads of a caller run.
func (r *rig) uploading(caller string) int {
	r.uploads.mu.Lock()
	defer r.uploads.mu.Unlock()
	return r.uploads.callers[caller]
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"a.csv": "a.csv", "../../etc/passwd": "passwd", `C:\x\b.xlsx`: "b.xlsx", "a\r\nb\x00.csv": "ab.csv", "..": "", ".": "", "": "", "/": "", " a . ": "a",
		strings.Repeat("ü", 200) + ".csv": strings.Repeat("ü", 98) + ".csv", "Antworten – März.csv": "Antworten – März.csv",
	} {
		if got := fileName(sent); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}
