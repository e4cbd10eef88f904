package list

import (
	"slices"
	"strings"
	"testing"
)

// TestReviewByHeadings proves that the headings of the next review are
// recognised in every language, in the forms they have in files.
func TestReviewByHeadings(t *testing.T) {
	t.Parallel()
	for _, heading := range []string{
		"Review by", "REVIEW BY:", "review_by", "Next review", "Next Review Date", "Review due", "Expires", "Expiry date (UTC)", "Valid until", "Review date (next)",
		"Gültig bis", "Nächste Prüfung", "Wiedervorlage", "Prüfen bis",
		"Prochaine révision", "Valable jusqu’au", "Valable jusqu'au", "Date d'expiration", "À réviser avant le",
		"Próxima revisión", "Válido hasta", "Fecha de caducidad",
		"Próxima revisão", "Válido até", "Data de validade",
		"Prossima revisione", "Valido fino al", "Scadenza",
		"Volgende beoordeling", "Geldig tot", "Vervaldatum",
	} {
		if r, _ := roleOf(heading, entryRoles); r != RoleReviewBy {
			t.Errorf("%q is %q, want %q", heading, r, RoleReviewBy)
		}
	}
}

// TestReviewByTakesNothingFromOthers proves that a heading of the next review
// is never one of anything else, above all of the last review.
func TestReviewByTakesNothingFromOthers(t *testing.T) {
	t.Parallel()
	for role, of := range headings {
		for h := range of {
			if role != RoleReviewBy && headings[RoleReviewBy][h] {
				t.Errorf("%q is both %s and %s", h, role, RoleReviewBy)
			}
		}
	}
	for _, heading := range []string{
		"Reviewed", "Review date", "Last review", "Reviewed on", "reviewed_at", "Last updated", "Approved on", "Geprüft am", "Letzte Prüfung", "Prüfdatum", "Dernière révision",
		"Date de révision", "Fecha de revisión", "Última revisión", "Data da revisão", "Ultima revisione", "Laatste beoordeling", "Datum beoordeling",
	} {
		if r, _ := roleOf(heading, entryRoles); r != RoleReviewed {
			t.Errorf("%q is %q, want %q", heading, r, RoleReviewed)
		}
	}
	for _, heading := range []string{"Reviewed by", "Reviewer", "Due date", "Date", "Geprüft von", "Valid"} {
		if r, ok := roleOf(heading, entryRoles); ok {
			t.Errorf("%q is %q, want it unknown", heading, r)
		}
	}
}

// TestHeadingsHaveTheirLanguages proves that the next review is known in every
// language that the last one is.
func TestHeadingsHaveTheirLanguages(t *testing.T) {
	t.Parallel()
	languages := map[Role][]string{}
	for line := range strings.Lines(headingTable) {
		if cols := strings.Split(line, "\t"); len(cols) == 3 {
			languages[Role(cols[0])] = append(languages[Role(cols[0])], cols[1])
		}
	}
	if got, want := languages[RoleReviewBy], languages[RoleReviewed]; !slices.Equal(got, want) || len(want) != 7 {
		t.Errorf("%s is known in %v, %s in %v", RoleReviewBy, got, RoleReviewed, want)
	}
}

// TestReviewDaysOfRows proves what becomes of the two days in a table.
func TestReviewDaysOfRows(t *testing.T) {
	t.Parallel()
	entries, problems, err := Entries(table(
		"Frage|Antwort|Zuletzt geprüft|Gültig bis",
		"Both?|Ja|01.03.2026|31.03.2027",
		"Neither?|Ja||",
		"Same day?|Ja|2026-03-01|2026-03-01",
		"Before the review?|Ja|2026-03-01|2026-02-28",
		"Two readings?|Ja||01/02/2027",
	), "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range entries {
		got = append(got, entries[i].Question+" "+isoDay(entries[i].ReviewedAt)+" "+isoDay(entries[i].ReviewBy))
	}
	got = append(got, sentences(problems)...)
	want := []string{
		"Both? 2026-03-01 2027-03-31", "Neither?  ", "Same day? 2026-03-01 2026-03-01",
		"row 5: the day to review it by is before the day it was last reviewed; it must be that day or a later one",
		"row 6: the day to review it by can be read in two ways; write it as 2025-12-31",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
