package index

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/spanish"
)

// language numbers the languages that the analyzer knows. The zero value is
// English, which is also what a text is read as that shows no language.
type language uint8

const (
	english_ language = iota
	german_
	french_
	spanish_
	portuguese_
	italian_
	dutch_
	numLanguages
)

// vocabulary is what the analyzer knows of a language but English. Its words are
// lower case, one blank between two.
type vocabulary struct {
	code, name string
	stop       map[string]bool
	mapped     map[string]string // by word: negations and quantifiers as English has them
	stemmed    map[string]string // by stem: intervals and units of time as English has them
	stem       func(env *snowballstem.Env) bool
	elides     bool // an apostrophe parts two words: l'accès
}

// languages are the vocabularies by number; English has its own code.
var languages = [numLanguages]vocabulary{
	english_: {code: "en", name: "English"},
	german_: newVocabulary("de", "German", german.Stem, false,
		`der die das den dem des ein eine einen einem einer eines und oder ist sind war wird werden wurde wurden sein ihr ihre ihrem ihren ihrer ihres sie wir uns unser unsere es er im in an am auf aus bei beim mit nach von vom vor zu zum zur für über unter durch gegen um als wie wenn ob dass dies diese dieser dieses diesen hat haben hatte kann können soll sollen muss müssen darf auch sich bitte welche welcher welches welchen was wer wo falls sofern so zwischen bzw`,
		`nicht:not kein:no keine:no keinen:no keinem:no keiner:no keines:no nie:never niemals:never ohne:without weder:neither alle:all allen:all aller:all jede:each jeder:each jedes:each jeden:each mindestens:atleast nur:only`,
		`stündlich:hourly täglich:daily wöchentlich:weekly monatlich:monthly vierteljährlich:quarterly quartalsweise:quarterly halbjährlich:semiannual jährlich:annual minuten:minut stunden:hour stunde:hour tage:day tag:day tagen:day wochen:week woche:week monate:month monat:month jahre:year jahr:year jahren:year`),
	french_: newVocabulary("fr", "French", french.Stem, true,
		`le la les l un une des du de d et ou est sont été être sera avez ayez vous votre vos nous notre nos il elle ils elles ce cet cette ces en dans sur sous par pour avec chez entre vers aux au à que qui quoi dont où quel quelle quels quelles se s y a ont avoir peut peuvent doit doivent si comme plus ne n c j qu afin lors ainsi selon leur leurs son sa ses`,
		`pas:not non:not jamais:never sans:without aucun:no aucune:no ni:neither tous:all toutes:all tout:all toute:all chaque:each seulement:only uniquement:only`,
		`quotidien:daily quotidienne:daily quotidiennement:daily hebdomadaire:weekly mensuel:monthly mensuelle:monthly mensuellement:monthly trimestriel:quarterly trimestrielle:quarterly semestriel:semiannual semestrielle:semiannual annuel:annual annuelle:annual annuellement:annual heures:hour heure:hour jours:day jour:day semaines:week semaine:week mois:month ans:year an:year années:year année:year`),
	spanish_: newVocabulary("es", "Spanish", spanish.Stem, false,
		`el la los las un una unos unas de del y e o u es son ser está están fue han ha haber tiene tienen usted ustedes su sus nuestro nuestra nos se lo le les que qué quién cuál cuáles cómo dónde cuándo en con por para al a sobre entre desde hasta como si este esta estos estas ese esa dicho puede pueden debe deben más también según`,
		`no:not nunca:never jamás:never sin:without ningún:no ninguna:no ninguno:no ni:neither todos:all todas:all todo:all toda:all cada:each solo:only sólo:only solamente:only`,
		`diario:daily diaria:daily diariamente:daily semanal:weekly semanalmente:weekly mensual:monthly mensualmente:monthly trimestral:quarterly trimestralmente:quarterly semestral:semiannual anual:annual anualmente:annual horas:hour hora:hour días:day día:day semanas:week semana:week meses:month mes:month años:year año:year`),
	portuguese_: newVocabulary("pt", "Portuguese", portuguese.Stem, false,
		`o a os as um uma uns umas de do da dos das e ou é são ser está estão foi foram tem têm possui possuem você vocês seu sua seus suas nosso nossa nos se lhe que quem qual quais como onde quando em no na nos nas com por pelo pela pelos pelas para ao à aos às sobre entre desde até este esta estes estas esse essa pode podem deve devem mais também`,
		`não:not nao:not nunca:never jamais:never sem:without nenhum:no nenhuma:no nem:neither todos:all todas:all todo:all toda:all cada:each somente:only apenas:only`,
		`diário:daily diária:daily diariamente:daily semanal:weekly semanalmente:weekly mensal:monthly mensalmente:monthly trimestral:quarterly trimestralmente:quarterly semestral:semiannual anual:annual anualmente:annual horas:hour hora:hour dias:day dia:day semanas:week semana:week meses:month mês:month anos:year ano:year`),
	italian_: newVocabulary("it", "Italian", italian.Stem, true,
		`il lo la i gli le l un uno una di del della dei degli delle dello d e ed o è sono essere stato viene vengono avete ha hanno avere voi vostro vostra vostri vostre noi nostro nostra si ci che chi quale quali come dove quando cosa in nel nella nei nelle con per da dal dalla dai dalle su sul sulla sui sulle al alla ai alle a tra fra se questo questa questi queste può possono deve devono anche mai dell nell all sull dall`,
		`non:not senza:without nessun:no nessuna:no nessuno:no né:neither tutti:all tutte:all tutto:all tutta:all ogni:each almeno:atleast solo:only soltanto:only`,
		`giornaliero:daily giornaliera:daily quotidiano:daily quotidiana:daily quotidianamente:daily settimanale:weekly settimanalmente:weekly mensile:monthly mensilmente:monthly trimestrale:quarterly trimestralmente:quarterly semestrale:semiannual annuale:annual annualmente:annual ore:hour ora:hour giorni:day giorno:day settimane:week settimana:week mesi:month mese:month anni:year anno:year`),
	dutch_: newVocabulary("nl", "Dutch", dutch.Stem, false,
		`de het een en of is zijn was worden wordt werd heeft hebben had u uw wij we ons onze jullie hun zij ze hij er dit dat deze die welke wat wie waar wanneer hoe in op aan bij met van voor naar uit over onder door tegen tussen om te ten ter als indien dan ook zich kan kunnen moet moeten mag zal zullen`,
		`niet:not geen:no nooit:never zonder:without noch:neither alle:all allen:all elke:each elk:each ieder:each iedere:each minstens:atleast alleen:only enkel:only slechts:only`,
		`dagelijks:daily dagelijkse:daily wekelijks:weekly wekelijkse:weekly maandelijks:monthly maandelijkse:monthly driemaandelijks:quarterly kwartaal:quarter halfjaarlijks:semiannual jaarlijks:annual jaarlijkse:annual uren:hour uur:hour dagen:day dag:day weken:week week:week maanden:month maand:month jaren:year jaar:year`),
}

// newVocabulary makes a vocabulary of lists: stop words, then word:token for what is
// taken as it is written, and for what is taken by its stem.
func newVocabulary(code, name string, stem func(*snowballstem.Env) bool, elides bool, stop, mapped, stemmed string) vocabulary {
	g := vocabulary{code: code, name: name, stem: stem, elides: elides, stop: wordSet(stop), mapped: map[string]string{}, stemmed: map[string]string{}}
	for _, p := range strings.Fields(mapped) {
		word, token, _ := strings.Cut(p, ":")
		g.mapped[word] = token
	}
	for _, p := range strings.Fields(stemmed) {
		word, token, _ := strings.Cut(p, ":")
		g.stemmed[g.stemOf(word)] = token
	}
	return g
}

func (g *vocabulary) stemOf(w string) string {
	env := snowballstem.NewEnv(w)
	g.stem(env)
	if s := env.Current(); s != "" {
		return s
	}
	return w
}

// token returns the token of a word of the language, "" for a stop word.
func (g *vocabulary) token(a *Analyzer, w string) string {
	switch {
	case g.stop[w]:
		return ""
	case len(w) > maxTokenBytes:
		return cutToken(w)
	case g.mapped[w] != "":
		return g.mapped[w]
	case a.acronyms[w] || !isAlpha(w):
		return w
	}
	if s := strings.TrimSuffix(w, "s"); s != w && a.acronyms[s] {
		return s
	}
	s := g.stemOf(w)
	if t, ok := g.stemmed[s]; ok {
		return t
	}
	return s
}

// englishShows are the English words that show the language: also those that
// other languages have ("is", "in", "a"), so that they count for both.
var englishShows = wordSet(`the of and are your you do does have has had for from which what how this that these those be been being by
	or any all not no to at as their is in a an on with our we us it its will would can could should may must when where who why if there
	than then was were into without only never each every over under between during within about after before through used such other`)

// fewShown is how many function words a text needs to show its language.
const fewShown = 2

// languageOf returns the language whose function words are most frequent in
// words, and whether the text shows any: two of its words have to be, and more
// than those of the next language.
func languageOf(words []string) (best language, shown bool) {
	var count [numLanguages]int
	for _, w := range words {
		if len(w) < 2 { // a letter: of a list, an initial
			continue
		}
		if englishShows[w] {
			count[english_]++
		}
		for l := german_; l < numLanguages; l++ {
			if g := &languages[l]; g.stop[w] || g.mapped[w] != "" {
				count[l]++
			}
		}
	}
	second := 0
	for l := english_ + 1; l < numLanguages; l++ {
		if count[l] > count[best] {
			best = l
		}
	}
	for l := range numLanguages {
		if l != best {
			second = max(second, count[l])
		}
	}
	return best, count[best] >= fewShown && count[best] > second
}

// languageByCode returns the language of an ISO 639-1 code, and whether it is
// known.
func languageByCode(code string) (language, bool) {
	for l := range numLanguages {
		if languages[l].code == code {
			return l, true
		}
	}
	return english_, false
}
