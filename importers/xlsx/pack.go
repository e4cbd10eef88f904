package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"path"
	"sort"
	"strings"
)

// pack is a workbook file that was looked through and found harmless: what it
// is made of, without the contents of its sheets.
type pack struct {
	name     string // base name of the file
	zip      *zip.Reader
	parts    map[string]*zip.File // by [partKey]
	workbook *zip.File
	strings  *zip.File // the shared strings; nil if there are none
	styles   *zip.File // nil if there are none

	sheets []sheetInfo // in the order of the tabs
	names  []definedName
	strict bool // the namespaces of ISO 29500 Strict
	date1904,
	hasCalcPr bool
	hasFormulas bool // in any worksheet

	lim   Limits
	count counts
}

// sheetKind says what a tab of a workbook is.
type sheetKind string

const (
	kindWorksheet sheetKind = "worksheet"
	kindChart     sheetKind = "chartsheet"
	kindDialog    sheetKind = "dialogsheet"
	kindMacro     sheetKind = "macrosheet"
	kindOther     sheetKind = "other"
)

// sheetState says whether a tab is shown.
type sheetState string

const (
	stateVisible    sheetState = "visible"
	stateHidden     sheetState = "hidden"
	stateVeryHidden sheetState = "veryHidden" // can only be shown by a program
)

// sheetInfo is one tab. Only worksheets have cells.
type sheetInfo struct {
	name    string
	kind    sheetKind
	state   sheetState
	file    *zip.File // nil if the part is not there and the tab is no worksheet
	lastRow int       // the largest row number that stands in the file; set by the pre-scan
}

// definedName is a name for a range, a constant or a formula.
type definedName struct {
	name   string
	scope  int // index into sheets, -1 for the whole workbook
	refers string
	hidden bool
}

// worksheet returns the worksheet of that name, nil if there is none.
func (p *pack) worksheet(name string) *sheetInfo {
	for i := range p.sheets {
		if p.sheets[i].kind == kindWorksheet && p.sheets[i].name == name {
			return &p.sheets[i]
		}
	}
	return nil
}

// openPack opens the file, checks the zip directory and finds out which part
// is what. It does not look into the sheets.
func openPack(ctx context.Context, r io.ReaderAt, size int64, name string, lim Limits) (*pack, error) {
	p := &pack{name: baseName(name), lim: lim, parts: map[string]*zip.File{}}
	if size > lim.FileBytes {
		return nil, p.refusal(overLimit("the file is larger than %s", megabytes(lim.FileBytes)))
	}
	if err := notZip(r, size); err != nil {
		return nil, p.refusal(err)
	}
	if err := checkDirectory(r, size, lim.Parts); err != nil {
		return nil, p.refusal(err)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, p.refusal(fmt.Errorf("%w: %w", errDamagedZip, err))
	}
	p.zip = z
	if err := p.indexParts(); err != nil {
		return nil, p.refusal(err)
	}
	if err := p.resolve(ctx); err != nil {
		return nil, p.refusal(err)
	}
	return p, nil
}

// partKey is what makes two part names the same one.
func partKey(name string) string {
	return strings.ToLower(strings.TrimLeft(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// indexParts checks every entry of the zip's directory.
func (p *pack) indexParts() error {
	type span struct{ from, to int64 }
	var spans []span
	for _, f := range p.zip.File {
		if err := checkEntry(f); err != nil {
			return err
		}
		key := partKey(f.Name)
		if p.parts[key] != nil {
			return damaged("two parts have the same name")
		}
		p.parts[key] = f
		at, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("%w: %w", errDamagedZip, err)
		}
		spans = append(spans, span{at - 30 - int64(len(f.Name)), at + int64(f.CompressedSize64)})
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return damaged("its parts overlap each other")
		}
	}
	return p.whatElse()
}

// whatElse recognises the other things that come as a zip.
func (p *pack) whatElse() error {
	has := func(name string) bool { return p.parts[name] != nil }
	switch {
	case has("mimetype") && has("content.xml"), has("content.xml") && has("meta-inf/manifest.xml"):
		return notA("it is an OpenDocument file (.ods)", `open it and save it as "Excel Workbook (.xlsx)"`)
	case has("xl/workbook.bin"):
		return notA("it is a binary Excel workbook (.xlsb)", doSaveXlsx)
	case has("word/document.xml"):
		return notA("it is a Word document (.docx)", doGiveSheet)
	case has("ppt/presentation.xml"):
		return notA("it is a PowerPoint presentation (.pptx)", doGiveSheet)
	case has("index/document.iwa"), has("index.zip"):
		return notA("it is an Apple Numbers or Pages file", "export it to Excel (.xlsx)")
	case has("xl/workbook.xml"), has("_rels/.rels"):
		return nil
	}
	for name := range p.parts {
		switch path.Ext(name) {
		case ".xlsx", ".xlsm", ".xls", ".csv", ".docx", ".pdf":
			return notA("it is a zip archive with files in it", "unpack it and give the workbook itself")
		}
	}
	return notA("it is a zip archive, but no Excel workbook", doGiveSheet)
}

// open returns the unpacked bytes of a part, counted against the limits.
func (p *pack) open(ctx context.Context, f *zip.File) (*countedPart, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open a part: %w", err)
	}
	return &countedPart{ctx: ctx, r: aside(rc, f), f: f, p: p}, nil
}

// countedPart reads a part and believes nothing of what its headers say about
// its size.
type countedPart struct {
	ctx   context.Context
	r     io.ReadCloser
	f     *zip.File
	p     *pack
	n     int64
	first bool // count against the total: the first time a part is read
}

func (c *countedPart) Close() error { return c.r.Close() }

func (c *countedPart) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	c.n += int64(n)
	lim := c.p.lim
	if c.first {
		c.p.count.bytes += int64(n)
	}
	if c.n > lim.UnpackedBytes || c.p.count.bytes > lim.UnpackedBytes {
		return 0, overLimit("unpacked it is larger than %s", megabytes(lim.UnpackedBytes))
	}
	if c.n > 1<<20 && c.n/lim.Ratio > int64(c.f.CompressedSize64) {
		return 0, overLimit("a part of it is packed more than %s times, as no real workbook is", group(lim.Ratio))
	}
	return n, err
}

// eachTag calls fn for every start and empty-element tag of a part, and text
// with the character data directly inside the last one if want says so.
func (p *pack) eachTag(ctx context.Context, f *zip.File, fn func(t *token) error, text func(elem string, s []byte) error) error {
	rc, err := p.open(ctx, f)
	if err != nil {
		return err
	}
	defer rc.Close()
	s := newScanner(rc)
	elem := ""
	var buf []byte
	for {
		if err := s.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		t := &s.tok
		switch t.kind {
		case tokStart, tokEmpty:
			elem, buf = string(t.local), buf[:0]
			if err := fn(t); err != nil {
				return err
			}
		case tokText, tokCDATA:
			if text == nil {
				continue
			}
			if len(buf)+len(t.raw) > maxListText {
				return errLongTag
			}
			if t.kind == tokText {
				buf = append(buf, t.raw...)
			} else {
				buf = appendEscaped(buf, string(t.content()))
			}
		case tokEnd:
			if text != nil && elem == string(t.local) {
				if err := text(elem, buf); err != nil {
					return err
				}
			}
			elem = ""
		}
	}
}

// resolve finds the workbook part, its sheets and what else is read later.
func (p *pack) resolve(ctx context.Context) error {
	if err := p.findWorkbook(ctx); err != nil {
		return err
	}
	rels, err := p.relsOf(ctx, p.workbook.Name)
	if err != nil {
		return err
	}
	if err := p.readWorkbook(ctx, rels); err != nil {
		return err
	}
	for _, r := range rels {
		switch relKind(r.typ) {
		case "sharedstrings":
			p.strings = p.part(p.workbook.Name, r.target)
		case "styles":
			p.styles = p.part(p.workbook.Name, r.target)
		}
	}
	for _, s := range p.sheets {
		if s.kind == kindWorksheet {
			return nil
		}
	}
	return notA("it has no worksheet", doGiveSheet)
}

// findWorkbook finds the main part: by the package's relationships, else
// where everybody puts it.
func (p *pack) findWorkbook(ctx context.Context) error {
	if p.parts["_rels/.rels"] != nil {
		rels, err := p.relsOf(ctx, "")
		if err != nil {
			return err
		}
		for _, r := range rels {
			if relKind(r.typ) == "officedocument" && p.workbook == nil {
				p.workbook = p.part("", r.target)
			}
		}
	}
	if p.workbook == nil {
		p.workbook = p.parts["xl/workbook.xml"]
	}
	if p.workbook == nil {
		return notA("it is a package of another program, not an Excel workbook", doGiveSheet)
	}
	return p.checkType(ctx)
}

// checkType refuses main parts whose content type is not that of a workbook
// in XML.
func (p *pack) checkType(ctx context.Context) error {
	f := p.parts["[content_types].xml"]
	if f == nil {
		return damaged("its list of parts is missing")
	}
	typ := ""
	key := partKey(p.workbook.Name)
	err := p.eachTag(ctx, f, func(t *token) error {
		if string(t.local) != "Override" {
			return nil
		}
		name, _, err := t.attr("PartName")
		if err != nil || partKey(name) != key {
			return err
		}
		typ, _, err = t.attr("ContentType")
		return err
	}, nil)
	typ = strings.ToLower(typ)
	switch {
	case err != nil:
		return err
	case strings.Contains(typ, "sheet.binary"):
		return notA("it is a binary Excel workbook (.xlsb)", doSaveXlsx)
	case strings.Contains(typ, "wordprocessingml"), strings.Contains(typ, "ms-word"):
		return notA("it is a Word document (.docx)", doGiveSheet)
	case strings.Contains(typ, "presentationml"), strings.Contains(typ, "ms-powerpoint"):
		return notA("it is a PowerPoint presentation (.pptx)", doGiveSheet)
	}
	return nil
}

// relation is one relationship of a part to another one in the package.
type relation struct{ id, typ, target string }

// relKind is the last word of a relationship's type, which the transitional
// and the strict namespaces share.
func relKind(typ string) string { return strings.ToLower(typ[strings.LastIndexByte(typ, '/')+1:]) }

// relsOf reads the relationships of a part; "" stands for the package.
func (p *pack) relsOf(ctx context.Context, name string) ([]relation, error) {
	dir, base := path.Split(strings.ReplaceAll(name, `\`, "/"))
	f := p.parts[partKey(dir+"_rels/"+base+".rels")]
	if f == nil {
		return nil, nil
	}
	var rels []relation
	err := p.eachTag(ctx, f, func(t *token) error {
		if string(t.local) != "Relationship" {
			return nil
		}
		var r relation
		external := false
		it := attrsOf(t.raw)
		for it.next() {
			v, err := it.decoded()
			if err != nil {
				return err
			}
			switch string(it.name) {
			case "Id":
				r.id = v
			case "Type":
				r.typ = v
			case "Target":
				r.target = v
			case "TargetMode":
				external = strings.EqualFold(v, "External")
			}
		}
		if it.err == nil && !external {
			rels = append(rels, r)
		}
		if len(rels) > p.lim.Ranges {
			return overLimit("it has more than %s relationships", group(int64(p.lim.Ranges)))
		}
		return it.err
	}, nil)
	return rels, err
}

// part returns the part that a relationship of the part from points at, nil
// if it is not there.
func (p *pack) part(from, target string) *zip.File {
	target = strings.ReplaceAll(target, `\`, "/")
	if f := p.partAt(from, target); f != nil {
		return f
	}
	if plain, err := url.PathUnescape(target); err == nil && plain != target {
		return p.partAt(from, plain)
	}
	return nil
}

func (p *pack) partAt(from, target string) *zip.File {
	if strings.HasPrefix(target, "/") {
		return p.parts[partKey(path.Clean(target))]
	}
	dir := path.Dir("/" + strings.ReplaceAll(from, `\`, "/"))
	if f := p.parts[partKey(path.Join(dir, target))]; f != nil {
		return f
	}
	return p.parts[partKey(path.Clean("/"+target))] // some writers leave the slash of an absolute target out
}

func (p *pack) readWorkbook(ctx context.Context, rels []relation) error {
	byID := make(map[string]relation, len(rels))
	for _, r := range rels {
		byID[r.id] = r
	}
	name := definedName{scope: -1}
	kept := 0
	return p.eachTag(ctx, p.workbook, func(t *token) error {
		switch {
		case t.level == 1:
			if string(t.local) != "workbook" {
				return notA(isNoBook, doGiveSheet)
			}
			p.strict = bytes.Contains(t.raw, []byte("purl.oclc.org/ooxml/spreadsheetml"))
		case t.level == 2 && string(t.local) == "workbookPr":
			v, _, err := t.attr("date1904")
			p.date1904 = isTrue([]byte(v))
			return err
		case t.level == 2 && string(t.local) == "calcPr":
			p.hasCalcPr = true
		case t.level == 3 && string(t.local) == "sheet":
			return p.addSheet(t, byID)
		case t.level == 3 && string(t.local) == "definedName":
			var err error
			name, err = nameOf(t)
			return err
		}
		return nil
	}, func(elem string, s []byte) error {
		if elem != "definedName" {
			return nil
		}
		out, err := unescaped(s)
		if err != nil {
			return err
		}
		name.refers = strings.TrimSpace(string(out))
		p.names = append(p.names, name)
		kept += len(name.refers)
		if len(p.names) > p.lim.Ranges || kept > 4*maxListText {
			return overLimit("it has more than %s defined names", group(int64(p.lim.Ranges)))
		}
		return nil
	})
}

func nameOf(t *token) (definedName, error) {
	n := definedName{scope: -1}
	it := attrsOf(t.raw)
	for it.next() {
		v, err := it.decoded()
		if err != nil {
			return n, err
		}
		switch string(it.name) {
		case "name":
			n.name = v
		case "localSheetId":
			if i, ok := parseUint(it.value, 1<<20); ok {
				n.scope = i
			}
		case "hidden":
			n.hidden = isTrue(it.value)
		}
	}
	return n, it.err
}

func (p *pack) addSheet(t *token, rels map[string]relation) error {
	s := sheetInfo{kind: kindWorksheet, state: stateVisible}
	var id string
	var err error
	if s.name, _, err = t.attr("name"); err != nil {
		return err
	}
	state, _, err := t.attr("state")
	if err != nil {
		return err
	}
	if id, _, err = t.attrLocal("id"); err != nil {
		return err
	}
	switch {
	case strings.EqualFold(state, "hidden"):
		s.state = stateHidden
	case strings.EqualFold(state, "veryHidden"):
		s.state = stateVeryHidden
	}
	r, ok := rels[id]
	if !ok {
		return damaged("a sheet is listed, but its part is missing")
	}
	s.kind = kindOf(relKind(r.typ))
	s.file = p.part(p.workbook.Name, r.target)
	if s.file == nil && s.kind == kindWorksheet {
		return damaged("a sheet is listed, but its part is missing")
	}
	for i := range p.sheets {
		if s.file != nil && p.sheets[i].file == s.file {
			return damaged("two sheets share one part")
		}
	}
	p.sheets = append(p.sheets, s)
	if len(p.sheets) > p.lim.Parts {
		return overLimit("it has more than %s sheets", group(int64(p.lim.Parts)))
	}
	return nil
}

func kindOf(rel string) sheetKind {
	switch rel {
	case "worksheet":
		return kindWorksheet
	case "chartsheet":
		return kindChart
	case "dialogsheet":
		return kindDialog
	case "xlmacrosheet", "xlintlmacrosheet":
		return kindMacro
	}
	return kindOther
}

func baseName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "" {
		return "the file"
	}
	return name
}
