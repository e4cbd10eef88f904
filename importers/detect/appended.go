package detect

import "vouch/engine"

// appendedHeadings are the headings of the columns that are added to a file
// that has nowhere to answer, by the language of its other headings.
var appendedHeadings = map[string][2]string{
	"en": {"Answer", "Explanation"},
	"de": {"Antwort", "Erläuterung"},
	"fr": {"Réponse", "Commentaire"},
	"es": {"Respuesta", "Comentario"},
	"pt": {"Resposta", "Comentário"},
	"it": {"Risposta", "Commento"},
	"nl": {"Antwoord", "Toelichting"},
}

// appendColumns adds an answer and an explanation column to the tables of a
// file in which there is no column to fill anywhere, unless tinted cells show
// where to answer. A hidden answer column
// counts: then there is one, and it is not ours to add another.
func (d *detection) appendColumns() {
	for _, ts := range d.tables {
		for _, t := range ts {
			for _, c := range t.cols {
				if c.role.IsFilled() && c.role != engine.RoleDate {
					return
				}
			}
		}
	}
	lang := d.language()
	heads, ok := appendedHeadings[lang]
	if !ok {
		heads = appendedHeadings["en"]
	}
	for k, v := range d.views {
		if v.Hidden {
			continue
		}
		if len(d.tables[k]) == 0 {
			if t := bareTable(v); t != nil {
				d.tables[k] = []*table{t}
			}
		}
		for _, t := range d.tables[k] {
			if t.addTinted(); !t.answerable() {
				t.appendColumns(heads, d.q)
			}
		}
	}
}

// appendColumns adds the two columns right of everything the table's sheet
// shows.
func (t *table) appendColumns(heads [2]string, q *engine.Questionnaire) {
	last := t.v.lastColumn()
	for _, c := range t.cols {
		last = max(last, c.col)
	}
	for _, m := range t.v.Merges {
		if m.LastRow >= t.rows.First && m.FirstRow <= t.rows.Last {
			last = max(last, m.LastCol)
		}
	}
	if last+2 > maxColumns {
		return
	}
	for i, role := range []engine.ColumnRole{engine.RoleAnswer, engine.RoleExplanation} {
		t.cols = append(t.cols, column{col: last + 1 + i, role: role, heading: heads[i], append: true})
		if t.band == nil {
			continue
		}
		like := CellName(t.band.last, t.colOf(engine.RoleQuestion))
		q.Appended = append(q.Appended, engine.PartValue{
			Part:  engine.Part{Kind: engine.PartText, Locator: engine.Locator{Sheet: t.v.Name, Cells: []string{CellName(t.band.last, last+1+i)}, Like: like}},
			Value: heads[i],
		})
	}
}

// maxColumns is the number of columns of an Excel sheet.
const maxColumns = 16384
