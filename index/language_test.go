package index

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// TestTokensByLanguage proves that negations, intervals and standards come out
// alike in every language, that endings do not matter, and elisions part.
func TestTokensByLanguage(t *testing.T) {
	t.Parallel()
	a := mustLexicon(t).analyzer
	for _, c := range []struct{ code, text, want string }{
		{"de", "Werden keine Daten ohne Verschlüsselung gespeichert?", "no dat without verschlussel gespeichert"},
		{"de", "jährliche Prüfungen, mindestens alle 90 Tage", "annual prufung atleast all 90 day"},
		{"de", "Ist TLS 1.2 nach ISO/IEC 27001 Pflicht (A.8.24)?", "tls1.2 tls iso27001 pflicht a.8.24"},
		{"fr", "L'accès n'est jamais accordé sans autorisation", "acces never accord without autoris"},
		{"fr", "revues annuelles des droits d'accès", "revu annual droit acces"},
		{"es", "No se almacenan contraseñas sin cifrado; revisión anual", "not almacen contraseñ without cifr revision annual"},
		{"pt", "Não há senhas sem criptografia; cópias diárias", "not há senh without criptograf cóp daily"},
		{"it", "L'accesso non è concesso senza autorizzazione annuale", "access not concess without autorizz annual"},
		{"nl", "Wordt er geen wachtwoord zonder versleuteling bewaard? Jaarlijkse controle", "no wachtwoord without versleutel bewaard annual control"},
	} {
		l, ok := languageByCode(c.code)
		if !ok {
			t.Fatalf("no language %q", c.code)
		}
		if got := strings.Join(a.tokensIn(l, c.text), " "); got != c.want {
			t.Errorf("%s %q:\n got %s\nwant %s", c.code, c.text, got, c.want)
		}
	}
}

// TestLanguageOf proves that a sentence shows its language, and a title none.
func TestLanguageOf(t *testing.T) {
	t.Parallel()
	a := mustLexicon(t).analyzer
	for _, c := range []struct{ text, want string }{
		{"Is customer data encrypted at rest?", "en"},
		{"Is a firewall in place?", ""}, // as much Dutch as English: read as what the questionnaire is
		{"Do you use TLS?", "en"},
		{"Werden die Daten der Kunden verschlüsselt gespeichert?", "de"},
		{"Gibt es einen Prozess für das Management von Schwachstellen?", "de"},
		{"Les données des clients sont-elles chiffrées au repos ?", "fr"},
		{"¿Se cifran los datos de los clientes en reposo?", "es"},
		{"Os dados dos clientes são criptografados em repouso?", "pt"},
		{"I dati dei clienti sono cifrati a riposo?", "it"},
		{"Worden de gegevens van klanten versleuteld opgeslagen?", "nl"},
		{"Is de firewall van het netwerk in gebruik?", "nl"},
		{"Firmenname", ""},
		{"Firewall", ""},
		{"", ""},
	} {
		l, shown := a.languageOf(c.text)
		got := ""
		if shown {
			got = languages[l].code
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestOtherLanguages proves that a library in German answers in German, and
// that an answer in another language than the question's is held back.
func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	src := newFakeSource()
	put := func(id, question, text string) {
		src.putEntry("w", engine.Entry{ID: id, Version: 1, Question: question, Verdict: engine.VerdictYes, Text: text})
	}
	put("backup", "Werden die Sicherungen jährlich auf Wiederherstellbarkeit geprüft?", "Ja, die Wiederherstellung wird jedes Jahr geübt.")
	put("crypt", "Sind die Festplatten der Laptops verschlüsselt?", "Alle Laptops sind mit BitLocker verschlüsselt.")
	put("vpn", "Ist für den Fernzugriff ein VPN vorgeschrieben?", "Ja, der Zugriff ist nur über das VPN möglich.")
	x := mustOpen(t, "", src, Options{})
	ask := func(text string) engine.Passage {
		t.Helper()
		found, err := x.Retrieve(context.Background(), "w", engine.Query{Text: text, Limit: 1})
		if err != nil || len(found) == 0 {
			t.Fatalf("%q: %d passages, %v", text, len(found), err)
		}
		return found[0]
	}
	if p := ask("Sind Festplatten von Laptops verschlüsselt?"); p.Entry.ID != "crypt" || p.Confidence < 0.5 {
		t.Errorf("got %s with %.2f", p.Entry.ID, p.Confidence)
	}
	if p := ask("Wird die Wiederherstellung der Sicherungen vierteljährlich geprüft?"); p.Entry.ID != "backup" || p.Confidence > contradictedConfidence || !slices.Contains(p.Notes, "quarterly against annually") {
		t.Errorf("got %s with %.2f and %q", p.Entry.ID, p.Confidence, p.Notes)
	}
	if p := ask("Sind die Festplatten der Laptops nicht verschlüsselt?"); p.Entry.ID != "crypt" || p.Confidence > contradictedConfidence {
		t.Errorf("got %s with %.2f for the opposite", p.Entry.ID, p.Confidence)
	}
	if p := ask("Is a VPN required for all of the remote access?"); p.Confidence > contradictedConfidence || !slices.Contains(p.Notes, "the past answer is in German") {
		t.Errorf("got %s with %.2f and %q", p.Entry.ID, p.Confidence, p.Notes)
	}
}
