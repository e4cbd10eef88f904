package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
)

// benchEnv is how many questionnaires of 300 questions are stored while
// [BenchmarkAnswerPage] and [BenchmarkApprovals] run; 10 if it is not set.
const benchEnv = "VOUCH_BENCH_QUESTIONNAIRES"

// shelf stores questionnaires of 300 drafted answers, and returns their ids.
func (r *rig) shelf(b *testing.B, n int) (ids []string) {
	b.Helper()
	ctx := b.Context()
	text := strings.Repeat("Customer data is encrypted at rest with AES-256 and in transit with TLS 1.2 or later. ", 4)
	read := &engine.Questionnaire{Name: "customer.xlsx", Format: "xlsx", Language: "en", Layout: engine.Layout{Format: "xlsx", Shape: "s"}}
	for i := range 300 {
		at := func(column string) engine.Locator {
			return engine.Locator{Sheet: "Questions", Cells: []string{column + strconv.Itoa(i+2)}}
		}
		read.Questions = append(read.Questions, engine.Question{
			Ref: "Q-" + strconv.Itoa(i+1), Section: "Cryptography", Text: fmt.Sprintf("Is question number %d about the encryption of customer data at rest answered here?", i), Row: i + 2, Locator: at("B"),
			Parts: []engine.Part{{Kind: engine.PartChoice, Options: []string{"Yes", "No", "Partially", "Not applicable"}, Locator: at("C")}, {Kind: engine.PartExplanation, Locator: at("D")}},
		})
	}
	who := engine.Person{ID: "bench", Role: engine.RoleAdmin}
	for i := range n {
		q, err := engine.Intake(ctx, r.store, here, who, engine.IntakeInput{Read: read, File: strings.NewReader(fmt.Sprint("file ", i)), Customer: "Acme"})
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, q.ID)
		err = r.store.InTx(ctx, func(tx engine.Tx) error {
			for j := range read.Questions {
				x := &read.Questions[j]
				rev := &engine.Revision{
					Verdict: engine.VerdictYes, Values: []engine.PartValue{{Part: x.Parts[0], Value: "Yes"}, {Part: x.Parts[1], Value: text}}, Text: text, Confidence: 0.9, Origin: engine.OriginReuse,
					Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: q.ID, Version: 1, Label: x.Text, Where: "library.csv"}},
				}
				evidence := make([]engine.EvidenceRef, 6)
				for k := range evidence {
					evidence[k] = engine.EvidenceRef{Kind: engine.PassageEntry, ID: q.ID, Version: 1, Score: 0.5, Confidence: 0.4}
				}
				if _, err := tx.PutRevision(ctx, here, engine.AnswerRevision{Questionnaire: q.ID, N: j + 1, Revision: rev, Author: "job:draft", Evidence: evidence}, engine.AnswerDrafted); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return ids
}

func shelfSize(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv(benchEnv))
	if err != nil {
		return 10
	}
	if n < 1 {
		b.Fatalf("%s is no number from 1", benchEnv)
	}
	return n
}

// BenchmarkReviews measures over HTTP, with the client on the same machine: a
// page of 50 answers, one client after the other, and approvals by 50 clients.
func BenchmarkReviews(b *testing.B) {
	r := start(b)
	ids := r.shelf(b, shelfSize(b))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
	defer client.CloseIdleConnections()
	send := func(method, path, body string) error {
		h, err := http.NewRequestWithContext(b.Context(), method, r.http.URL+"/api/v1/workspaces/here/questionnaires/"+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		h.Header.Set("Authorization", "Bearer reviewer")
		h.Header.Set("Content-Type", "application/json")
		response, err := client.Do(h)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		var text bytes.Buffer
		if _, err := io.Copy(&text, response.Body); err != nil {
			return err
		}
		if response.StatusCode >= 300 {
			return fmt.Errorf("%d %s", response.StatusCode, text.String())
		}
		return nil
	}
	b.Run("page of 50", func(b *testing.B) {
		times := make([]time.Duration, 0, b.N)
		cursors := answerCursors("", 250)
		for i := 0; b.Loop(); i++ {
			began := time.Now()
			id := ids[i*7%len(ids)]
			after := ""
			if i%2 == 1 {
				after = "?after=" + cursors[i%250]
			}
			if err := send(http.MethodGet, id+"/answers"+after, ""); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	})
	var next atomic.Int64
	b.Run("approvals", func(b *testing.B) {
		var mu sync.Mutex
		var times []time.Duration
		var wg sync.WaitGroup
		left := atomic.Int64{}
		left.Store(int64(b.N))
		began := time.Now()
		for range 50 {
			wg.Go(func() {
				for left.Add(-1) >= 0 {
					i := int(next.Add(1) - 1)
					if i >= 300*len(ids) {
						b.Errorf("all %d answers are approved; store more with %s", i, benchEnv)
						return
					}
					one := time.Now()
					if err := send(http.MethodPost, fmt.Sprintf("%s/answers/%d/decisions", ids[i/300], i%300+1), `{"kind":"approve","revision":1}`); err != nil {
						b.Error(err)
						return
					}
					took := time.Since(one)
					mu.Lock()
					times = append(times, took)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(times) > 0 {
			slices.Sort(times)
			b.ReportMetric(float64(len(times))/time.Since(began).Seconds(), "approvals/s")
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
		}
	})
}

// BenchmarkExport writes 1,000 approved answers into the customer's file, keeps
// it and records what was told.
func BenchmarkExport(b *testing.B) {
	r := start(b)
	q := r.takeIn(1000, 0.9)
	var many DecisionsContent
	for n := range 1000 {
		many.Answers = append(many.Answers, AnswerAt{N: n + 1, Revision: 1})
	}
	r.do(request{method: "POST", path: "/questionnaires/" + q.Id + "/decisions", body: many}).want(b, 200, "")
	for b.Loop() {
		r.do(request{method: "POST", path: "/questionnaires/" + q.Id + "/exports", body: ExportContent{}}).want(b, 201, "")
	}
}
