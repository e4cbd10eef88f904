package importers

import (
	"strings"

	"github.com/abadojack/whatlanggo"

	"vouch/engine"
)

// minLanguageChars is how much text it takes to tell a language by its letters;
// below that the language of the headings stands.
const minLanguageChars = 200

// maxLanguageChars bounds the text that is looked at.
const maxLanguageChars = 100_000

// questionLanguages are the languages that questions are matched in.
var questionLanguages = whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{
	whatlanggo.Eng: true, whatlanggo.Deu: true, whatlanggo.Fra: true, whatlanggo.Spa: true, whatlanggo.Por: true, whatlanggo.Ita: true, whatlanggo.Nld: true,
}}

// tellLanguage sets the language of a questionnaire to that of its questions
// together: headings are often in English where the questions are not.
func tellLanguage(q *engine.Questionnaire) {
	var b strings.Builder
	for i := range q.Questions {
		if b.Len() > maxLanguageChars {
			break
		}
		b.WriteString(q.Questions[i].Text)
		b.WriteByte('\n')
	}
	if b.Len() < minLanguageChars {
		return
	}
	if info := whatlanggo.DetectWithOptions(b.String(), questionLanguages); info.IsReliable() {
		q.Language = info.Lang.Iso6391()
	}
}
