package xlsx

import (
	"context"
	"strconv"
	"strings"

	"vouch/importers/detect"
)

// maxStyles is how many cell formats Excel itself allows in a workbook.
const maxStyles = 65_490

// readStyles returns what each cell format says about a cell. The styles part
// is read here and not by excelize, which takes a cell whose format names no
// lock for an unlocked one; in the format's definition it is locked.
func readStyles(ctx context.Context, p *pack) ([]detect.Style, error) {
	r := styleReader{dates: map[int]bool{}}
	if p.styles != nil {
		if err := p.eachTag(ctx, p.styles, r.take, nil); err != nil {
			return nil, err
		}
	}
	if len(r.out) == 0 {
		r.out = []detect.Style{{Locked: true}}
	}
	return r.out, nil
}

// styleReader collects fonts, fills and formats in the order of the part:
// numFmts, fonts, fills, …, cellXfs.
type styleReader struct {
	in    string // the collection we are in
	bold  []bool
	fills []string
	dates map[int]bool // numFmtId of formats that show dates
	out   []detect.Style
	full  bool
}

func (r *styleReader) take(t *token) error {
	switch string(t.local) {
	case "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles":
		if t.level == 2 {
			r.in = string(t.local)
			return nil
		}
	}
	switch r.in {
	case "numFmts":
		return r.takeNumFmt(t)
	case "fonts":
		r.takeFont(t)
	case "fills":
		return r.takeFill(t)
	case "cellXfs":
		return r.takeXf(t)
	}
	return nil
}

func (r *styleReader) takeNumFmt(t *token) error {
	if !t.opens("numFmt") {
		return nil
	}
	id, err := t.intAttr("numFmtId", -1)
	if err != nil {
		return err
	}
	code, _, err := t.attr("formatCode")
	if err == nil && len(r.dates) < maxStyles {
		r.dates[id] = showsDate(code)
	}
	return err
}

func (r *styleReader) takeFont(t *token) {
	switch {
	case t.level == 3 && t.opens("font") && len(r.bold) < maxStyles:
		r.bold = append(r.bold, false)
	case t.opens("b") && len(r.bold) > 0:
		v, ok, _ := t.attr("val")
		r.bold[len(r.bold)-1] = !ok || isTrue([]byte(v))
	}
}

// takeFill names each fill by what it is made of; plain white is no fill.
func (r *styleReader) takeFill(t *token) error {
	if t.level == 3 && t.opens("fill") {
		if len(r.fills) < maxStyles {
			r.fills = append(r.fills, "")
		}
		return nil
	}
	if len(r.fills) == 0 {
		return nil
	}
	last := &r.fills[len(r.fills)-1]
	switch {
	case t.opens("patternFill"):
		p, _, err := t.attr("patternType")
		if err != nil {
			return err
		}
		if p != "" && p != "none" {
			*last = p
		}
	case t.opens("fgColor") && *last != "":
		c := ""
		for _, a := range []string{"rgb", "theme", "indexed", "tint"} {
			v, ok, err := t.attr(a)
			if err != nil {
				return err
			}
			if ok {
				c += " " + a + v
			}
		}
		if strings.HasSuffix(c, "FFFFFF") || c == " theme0" || c == " indexed9" || c == " indexed1" {
			*last = ""
			return nil
		}
		*last += c
	case t.opens("gradientFill"):
		*last = "gradient"
	}
	return nil
}

func (r *styleReader) takeXf(t *token) error {
	if t.level == 3 && t.opens("xf") {
		if r.full = len(r.out) >= maxStyles; r.full {
			return nil
		}
		s := detect.Style{Locked: true}
		font, err := t.intAttr("fontId", 0)
		if err != nil {
			return err
		}
		fill, err := t.intAttr("fillId", 0)
		if err != nil {
			return err
		}
		num, err := t.intAttr("numFmtId", 0)
		if err != nil {
			return err
		}
		s.Bold = font >= 0 && font < len(r.bold) && r.bold[font]
		if fill >= 0 && fill < len(r.fills) {
			s.Fill = r.fills[fill]
		}
		s.Date = r.dates[num] || num >= 14 && num <= 17 || num == 22
		r.out = append(r.out, s)
		return nil
	}
	if t.opens("protection") && len(r.out) > 0 && !r.full {
		v, ok, err := t.attr("locked")
		if err != nil {
			return err
		}
		r.out[len(r.out)-1].Locked = !ok || isTrue([]byte(v))
	}
	return nil
}

// intAttr returns a number attribute, or def where it is missing or no number.
func (t *token) intAttr(name string, def int) (int, error) {
	v, ok, err := t.attr(name)
	if err != nil || !ok {
		return def, err
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return def, nil //nolint:nilerr // a format that names nonsense has the default look
	}
	return n, nil
}

// showsDate reports whether a number format code shows a calendar date: it has
// a year or a day outside quotes, brackets and escapes.
func showsDate(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == 'y' || c == 'Y' || c == 'd' || c == 'D':
			return true
		}
	}
	return false
}
