package engine_test

import (
	"fmt"
	"testing"

	"vouch/engine"
)

// TestFollowUps proves which questions depend on which, and for what answer.
func TestFollowUps(t *testing.T) {
	t.Parallel()
	q := &engine.Questionnaire{}
	ask := func(ref, section, text, want string) string {
		q.Questions = append(q.Questions, engine.Question{Ref: ref, Section: section, Text: text})
		return want
	}
	wants := []string{
		ask("1", "A", "Do you have a disaster recovery plan?", ""),
		ask("2", "A", "If yes, how often is it tested?", "0 yes"),
		ask("3", "A", "If not, when will there be one?", "0 no"),
		ask("4", "A", "If so, please attach the latest test.", "0 yes"),
		ask("5", "A", "Is the plan approved by management?", ""),
		ask("6", "A", "Please describe.", "4 answered"),
		ask("7", "A", "If you answered yes to question 1, who owns the plan?", "0 yes"),
		ask("8", "B", "If yes, explain.", ""), // under another heading
		ask("4.2", "C", "Is access reviewed?", ""),
		ask("4.3", "C", "Is access logged?", ""),
		ask("4.2a", "C", "If yes, how often?", "8 yes"),
		ask("4.2.1", "C", "If no, why not?", "8 no"),
		ask("D1", "D", "Haben Sie einen Notfallplan?", ""),
		ask("D2", "D", "Falls ja, wie oft wird er geübt?", "12 yes"),
		ask("D3", "D", "Falls nein, bitte begründen.", "12 no"),
		ask("F1", "F", "Avez-vous un plan de reprise ?", ""),
		ask("F2", "F", "Si oui, précisez.", "15 yes"),
		ask("G1", "G", "If a customer asks, is data deleted?", ""), // no follow-up
		ask("G2", "G", "Describe your backup concept.", ""),        // says itself what is asked
		ask("G3", "G", "Notify customers in no more than 3 days?", ""),
	}
	for i, f := range engine.FollowUps(q) {
		got := ""
		if f != nil {
			got = fmt.Sprintf("%d %s", f.Parent, f.Condition)
		}
		if got != wants[i] {
			t.Errorf("%s %q: got %q, want %q", q.Questions[i].Ref, q.Questions[i].Text, got, wants[i])
		}
	}
}
