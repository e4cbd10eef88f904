package store

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"vouch/engine"
)

var (
	benchReviewer = engine.Person{ID: "01890000-0000-7000-8000-000000000001", Role: engine.RoleReviewer}
	benchText     = strings.Repeat("Customer data is encrypted at rest with AES-256 and in transit with TLS 1.2 or later. ", 4)
)

// questionnaireOf returns n questions such as a long questionnaire has.
func questionnaireOf(n int) *engine.Questionnaire {
	q := &engine.Questionnaire{Name: "customer.xlsx", Format: "xlsx", Language: "en", Layout: engine.Layout{Format: "xlsx", Shape: "s"}}
	for i := range n {
		q.Questions = append(q.Questions, engine.Question{
			Ref: fmt.Sprintf("Q-%d", i+1), Section: "Cryptography", Text: fmt.Sprintf("Is question number %d about the encryption of customer data at rest answered here?", i), Row: i + 2,
			Locator: engine.Locator{Sheet: "Questions", Cells: []string{fmt.Sprintf("B%d", i+2)}},
			Parts: []engine.Part{
				{Kind: engine.PartChoice, Options: []string{"Yes", "No", "Partially", "Not applicable"}, Locator: engine.Locator{Sheet: "Questions", Cells: []string{fmt.Sprintf("C%d", i+2)}}},
				{Kind: engine.PartExplanation, Locator: engine.Locator{Sheet: "Questions", Cells: []string{fmt.Sprintf("D%d", i+2)}}},
			},
		})
	}
	return q
}

// drafted stores questionnaires of n drafted answers, and returns their ids.
func drafted(b testing.TB, s *Store, questionnaires, n int) (ids []string) {
	b.Helper()
	ctx := b.Context()
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		b.Fatal(err)
	}
	read := questionnaireOf(n)
	for i := range questionnaires {
		q, err := engine.Intake(ctx, s, "w", benchReviewer, engine.IntakeInput{Read: read, File: strings.NewReader(fmt.Sprint("file ", i)), Customer: "Acme"})
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, q.ID)
		err = s.InTx(ctx, func(tx engine.Tx) error {
			for j := range read.Questions {
				x := &read.Questions[j]
				rev := &engine.Revision{
					Verdict: engine.VerdictYes, Values: []engine.PartValue{{Part: x.Parts[0], Value: "Yes"}, {Part: x.Parts[1], Value: benchText}}, Text: benchText, Confidence: 0.9,
					Origin: engine.OriginReuse, Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: q.ID, Version: 1, Label: x.Text, Where: "library.csv"}},
				}
				r := engine.AnswerRevision{Questionnaire: q.ID, N: j + 1, Revision: rev, Author: "job:draft", Evidence: make([]engine.EvidenceRef, 6)}
				if _, err := tx.PutRevision(ctx, "w", r, engine.AnswerDrafted); err != nil {
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

// BenchmarkApprove approves answers one after the other, each in a transaction
// of its own.
func BenchmarkApprove(b *testing.B) { benchBoth(b, benchApprove) }

func benchApprove(b *testing.B, s *Store) {
	ids := drafted(b, s, 30, 300)
	n := 0
	for b.Loop() {
		in := engine.DecideInput{Questionnaire: ids[n/300%len(ids)], N: n%300 + 1, Revision: 1, Kind: engine.DecisionApprove}
		if _, err := engine.Decide(b.Context(), s, "w", benchReviewer, in); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n > 300*len(ids) {
		b.Fatal("all were approved; make more")
	}
}

// BenchmarkApproveTogether lets sixteen people at once approve answers, who share
// commits.
func BenchmarkApproveTogether(b *testing.B) { benchBoth(b, benchApproveTogether) }

func benchApproveTogether(b *testing.B, s *Store) {
	ids := drafted(b, s, 30, 300)
	var next atomic.Int64
	b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(next.Add(1) - 1)
			if n >= 300*len(ids) {
				b.Error("all were approved; make more")
				return
			}
			in := engine.DecideInput{Questionnaire: ids[n/300], N: n%300 + 1, Revision: 1, Kind: engine.DecisionApprove}
			if _, err := engine.Decide(b.Context(), s, "w", benchReviewer, in); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkReviewPages reads what the pages of a large workspace need: 50
// answers with their questions, and 50 questionnaires with their counts. Both
// are found by their keys, whatever else there is.
func BenchmarkReviewPages(b *testing.B) { benchBoth(b, benchReviewPages) }

func benchReviewPages(b *testing.B, s *Store) {
	ids := drafted(b, s, 50, 300)
	b.Run("50Answers", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			list, err := s.Answers(b.Context(), "w", ids[n%len(ids)], engine.AnswerFilter{After: n * 50 % 250, Limit: 50})
			if err != nil || len(list) != 50 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("50Questionnaires", func(b *testing.B) {
		for b.Loop() {
			list, err := s.Questionnaires(b.Context(), "w", engine.QuestionnaireFilter{Limit: 50})
			if err != nil || len(list) != 50 {
				b.Fatal(len(list), err)
			}
		}
	})
}
