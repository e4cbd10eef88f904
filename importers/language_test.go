package importers

import (
	"testing"

	"vouch/engine"
)

// TestTellLanguage proves that a questionnaire has the language of its
// questions, and keeps that of its headings where there is too little text.
func TestTellLanguage(t *testing.T) {
	t.Parallel()
	german := []string{
		"Werden die Daten der Kunden verschlüsselt gespeichert?", "Gibt es einen Prozess für den Umgang mit Schwachstellen?",
		"Wird der Zugriff auf die Systeme regelmäßig überprüft?", "Sind die Mitarbeiter zur Vertraulichkeit verpflichtet worden?",
	}
	for _, c := range []struct {
		rule, headings string
		questions      []string
		want           string
	}{
		{"QuestionsOutweighHeadings", "en", german, "de"},
		{"TooLittleText", "nl", german[:1], "nl"},
		{"NoQuestions", "fr", nil, "fr"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			q := &engine.Questionnaire{Language: c.headings}
			for _, text := range c.questions {
				q.Questions = append(q.Questions, engine.Question{Text: text})
			}
			if tellLanguage(q); q.Language != c.want {
				t.Errorf("language %q, want %q", q.Language, c.want)
			}
		})
	}
}
