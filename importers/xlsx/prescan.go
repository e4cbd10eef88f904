package xlsx

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"vouch/engine"
)

// Limits bound what a workbook may hold and what reading it may cost. The
// zero value stands for the defaults, field by field. They are far above
// every real questionnaire and far below what hurts a small server.
type Limits struct {
	FileBytes     int64         // size of the file; default 50 MB
	UnpackedBytes int64         // all parts together, counted while unpacking; default 300 MB
	Parts         int           // files inside the file; default 5,000
	Ratio         int64         // unpacked to packed size of one part above 1 MB; default 400 (real sheets reach 60)
	Rows          int           // rows that stand in the file, all sheets together; default 200,000
	Cells         int           // cells that stand in the file, all sheets together; default 2,000,000
	Reach         int           // the last column of every row, summed up: what a dense grid would hold; default 20,000,000
	Merges        int           // merged ranges; default 100,000
	Ranges        int           // drop-down lists and the ranges they apply to, and defined names; default 65,536
	Memory        int64         // of the process that reads the file; default 512 MB
	Time          time.Duration // for reading the file; default 20 s
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// withDefaults returns l with every unset field filled in.
func (l Limits) withDefaults() Limits {
	orDefault(&l.FileBytes, 50<<20)
	orDefault(&l.UnpackedBytes, 300<<20)
	orDefault(&l.Parts, 5_000)
	orDefault(&l.Ratio, 400)
	orDefault(&l.Rows, 200_000)
	orDefault(&l.Cells, 2_000_000)
	orDefault(&l.Reach, 20_000_000)
	orDefault(&l.Merges, 100_000)
	orDefault(&l.Ranges, 65_536)
	orDefault(&l.Memory, 512<<20)
	orDefault(&l.Time, 20*time.Second)
	return l
}

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

// prescan opens the workbook of that name and looks through all of it with
// the project's own scanner, before anything else touches it. What it returns
// keeps to lim, is no zip bomb, is well-formed where it is going to be read,
// and declares no entities. Everything else comes back as an
// [engine.RefusedError].
func prescan(r io.ReaderAt, size int64, name string, lim Limits) (*pack, error) {
	lim = lim.withDefaults()
	ctx, cancel := context.WithTimeout(context.Background(), lim.Time)
	defer cancel()
	return prescanContext(ctx, r, size, name, lim)
}

func prescanContext(ctx context.Context, r io.ReaderAt, size int64, name string, lim Limits) (*pack, error) {
	lim = lim.withDefaults()
	p, err := openPack(ctx, r, size, name, lim)
	if err != nil {
		return nil, err
	}
	if err := p.scanParts(ctx); err != nil {
		return nil, p.refusal(err)
	}
	return p, nil
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

// fault is a reason to refuse a file: what it is, what to do.
type fault struct {
	is, do string
	err    error
}

func (f *fault) Error() string { return f.is }
func (f *fault) Unwrap() error { return f.err }

const (
	doSaveXlsx  = `open it in Excel and save it as "Excel Workbook (.xlsx)"`
	doGetAgain  = "get the file again, or open it in Excel, let Excel repair it and save it"
	doSplit     = "delete what is not needed or split the file, and try again"
	isDamaged   = "it is damaged"
	isNoBook    = "it is no Excel workbook"
	doGiveSheet = "send the questionnaire as an Excel workbook (.xlsx)"
)

var errDamagedZip = &fault{is: "it is damaged: the zip container cannot be read", do: doGetAgain}

func notA(is, do string) *fault { return &fault{is: is, do: do} }

func damaged(format string, args ...any) *fault {
	return &fault{is: isDamaged + ": " + fmt.Sprintf(format, args...), do: doGetAgain}
}

func overLimit(format string, args ...any) *fault {
	return &fault{is: fmt.Sprintf(format, args...), do: doSplit}
}

// refusal makes err the refusal of this file. Only errors of the file become
// refusals; a cancelled context stays what it is.
func (p *pack) refusal(err error) error {
	var f *fault
	var d *damagedError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &engine.RefusedError{File: p.name, Is: "looking through it takes longer than " + p.lim.Time.String(), Do: doSplit, Err: err}
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("scan %s: %w", p.name, err)
	case errors.As(err, &f):
		return &engine.RefusedError{File: p.name, Is: f.is, Do: f.do, Err: err}
	case errors.Is(err, errDoctype):
		return &engine.RefusedError{File: p.name, Is: "it holds a document type declaration, which no spreadsheet program writes", Do: doSaveXlsx, Err: err}
	case errors.Is(err, errEncoding):
		return &engine.RefusedError{File: p.name, Is: "a part of it is not in UTF-8", Do: doSaveXlsx, Err: err}
	case errors.As(err, &d):
		return &engine.RefusedError{File: p.name, Is: isDamaged + ": " + d.Error(), Do: doGetAgain, Err: err}
	case isXMLFault(err), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm),
		errors.Is(err, io.ErrUnexpectedEOF), isFlateFault(err):
		return &engine.RefusedError{File: p.name, Is: isDamaged, Do: doGetAgain, Err: err}
	}
	return fmt.Errorf("scan %s: %w", p.name, err)
}

func isXMLFault(err error) bool {
	for _, e := range []error{errTooDeep, errLongTag, errMismatch, errTruncated, errSyntax} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func isFlateFault(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

func baseName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "" {
		return "the file"
	}
	return name
}

// group writes n as people do: 200,000.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return group(n) + " bytes"
	}
	return group(n>>20) + " MB"
}

// checkDirectory walks the zip's directory before archive/zip loads it: a file
// may claim few entries and hold a million.
func checkDirectory(r io.ReaderAt, size int64, limit int) error {
	from, length, err := findDirectory(r, size)
	if err != nil {
		return err
	}
	br := bufio.NewReader(io.NewSectionReader(r, from, length))
	var h [46]byte
	for n := 0; ; n++ {
		if _, err := io.ReadFull(br, h[:]); err == io.EOF {
			return nil
		} else if err != nil || binary.LittleEndian.Uint32(h[:]) != 0x02014b50 {
			return errDamagedZip
		}
		if n == limit {
			return overLimit("it holds more than %s parts", group(int64(limit)))
		}
		rest := int(binary.LittleEndian.Uint16(h[28:])) + int(binary.LittleEndian.Uint16(h[30:])) + int(binary.LittleEndian.Uint16(h[32:]))
		if _, err := br.Discard(rest); err != nil {
			return errDamagedZip
		}
	}
}

// findDirectory returns where the zip's directory lies. Files of this size
// need no zip64; the few writers that use it anyway are followed.
func findDirectory(r io.ReaderAt, size int64) (from, length int64, err error) {
	tail := make([]byte, min(size, 22+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return 0, 0, err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return 0, 0, notA("it is incomplete: its end is missing", "get the file again; the download or copy broke off")
	}
	end := size - int64(len(tail)-i)
	length, from = int64(binary.LittleEndian.Uint32(tail[i+12:])), int64(binary.LittleEndian.Uint32(tail[i+16:]))
	if i >= 20 && string(tail[i-20:i-16]) == "PK\x06\x07" {
		var h [56]byte
		at := int64(binary.LittleEndian.Uint64(tail[i-12:]))
		if at < 0 || at > end-56 {
			return 0, 0, errDamagedZip
		}
		if _, err := r.ReadAt(h[:], at); err != nil || string(h[:4]) != "PK\x06\x06" {
			return 0, 0, errDamagedZip
		}
		length, from = int64(binary.LittleEndian.Uint64(h[40:])), int64(binary.LittleEndian.Uint64(h[48:]))
		end = at
	}
	if length < 0 || from < 0 || length > end || from > end-length {
		return 0, 0, errDamagedZip
	}
	return end - length, length, nil
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

func checkEntry(f *zip.File) error {
	name := strings.ReplaceAll(f.Name, `\`, "/")
	switch {
	case f.Flags&1 != 0:
		return notA("it is a zip archive encrypted with a password", "remove the password and try again")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return notA("it is packed with a method that Excel does not know", doSaveXlsx)
	case name == "" || strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), ".."),
		len(name) > 1 && name[1] == ':', strings.HasPrefix(f.Name, "//"), strings.HasPrefix(name, "/"):
		return damaged("a part has a name that is not allowed")
	case f.CompressedSize64 > 1<<40 || f.UncompressedSize64 > 1<<40:
		return errDamagedZip
	}
	return nil
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

// counts is what the whole file was found to hold.
type counts struct {
	bytes  int64
	rows   int
	cells  int
	reach  int
	merges int
	ranges int
}

// check returns the first limit that is passed.
func (c *counts) check(l *Limits) error {
	for _, x := range []struct {
		n, limit int
		what     string
	}{
		{c.rows, l.Rows, "rows"},
		{c.cells, l.Cells, "cells"},
		{c.merges, l.Merges, "merged ranges"},
		{c.ranges, l.Ranges, "drop-down ranges"},
	} {
		if x.n > x.limit {
			return overLimit("it has more than %s %s", group(int64(x.limit)), x.what)
		}
	}
	if c.reach > l.Reach {
		return overLimit("its rows reach so far to the right that they span more than %s cells", group(int64(l.Reach)))
	}
	return nil
}

// scanParts unpacks every part once: worksheets through the walker that
// counts, the other parts that are read later through the scanner, the rest
// only for their size and for document type declarations.
func (p *pack) scanParts(ctx context.Context) error {
	sheets := map[*zip.File]*sheetInfo{}
	for i := range p.sheets {
		if p.sheets[i].kind == kindWorksheet {
			sheets[p.sheets[i].file] = &p.sheets[i]
		}
	}
	sc := newScanner(nil)
	sc.strict = true
	for _, f := range p.zip.File {
		if err := p.scanPart(ctx, f, sheets[f], sc); err != nil {
			return err
		}
	}
	return nil
}

func (p *pack) scanPart(ctx context.Context, f *zip.File, sheet *sheetInfo, sc *scanner) error {
	rc, err := p.open(ctx, f)
	if err != nil {
		return err
	}
	defer rc.Close()
	rc.first = true
	switch {
	case sheet != nil:
		sc.reset(rc)
		return p.scanSheet(sc, sheet)
	case p.isRead(f):
		sc.reset(rc)
		for {
			if err := sc.next(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return skimPart(rc, f.Name)
}

// isRead reports whether the part is read as XML later on, by us or by
// excelize, so that it has to be well-formed.
func (p *pack) isRead(f *zip.File) bool {
	key := partKey(f.Name)
	return f == p.workbook || f == p.strings || f == p.styles || strings.HasSuffix(key, ".rels") || key == "[content_types].xml" ||
		(strings.HasSuffix(key, ".xml") && strings.HasPrefix(key, "xl/worksheets/"))
}

// skimPart unpacks a part that nobody parses. Parts that may be XML must not
// declare a document type all the same, in whatever encoding.
func skimPart(r io.Reader, name string) error {
	ext := path.Ext(partKey(name))
	isXML := ext == ".xml" || ext == ".vml"
	buf := make([]byte, 32<<10)
	keep := 0
	const longest = 2 * len("<!DOCTYPE")
	for {
		n, err := r.Read(buf[keep:])
		if isXML && hasDoctype(buf[:keep+n]) {
			return errDoctype
		}
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		n += keep
		keep = min(n, longest)
		copy(buf, buf[n-keep:n])
	}
}

func hasDoctype(b []byte) bool {
	for {
		i := bytes.Index(b, []byte("<!"))
		if i < 0 {
			break
		}
		b = b[i:]
		if len(b) >= 9 && bytes.EqualFold(b[:9], []byte("<!DOCTYPE")) {
			return true
		}
		b = b[2:]
	}
	return bytes.Contains(b, []byte("<\x00!\x00D\x00O\x00C\x00T\x00")) || bytes.Contains(b, []byte("\x00<\x00!\x00D\x00O\x00C\x00T"))
}

// findFormulas sets hasFormulas without parsing the sheets: a tag that opens
// like <f> is enough, and one too many only asks for a recalculation.
func (p *pack) findFormulas(ctx context.Context) error {
	buf := make([]byte, 64<<10)
	for i := range p.sheets {
		if p.hasFormulas || p.sheets[i].kind != kindWorksheet {
			continue
		}
		rc, err := p.open(ctx, p.sheets[i].file)
		if err != nil {
			return err
		}
		keep := 0
		for err == nil && !p.hasFormulas {
			var n int
			n, err = rc.Read(buf[keep:])
			n += keep
			for _, tag := range []string{"<f>", "<f ", ":f>", ":f "} {
				p.hasFormulas = p.hasFormulas || bytes.Contains(buf[:n], []byte(tag))
			}
			keep = min(n, len("<f"))
			copy(buf, buf[n-keep:n])
		}
		if closeErr := rc.Close(); err == nil || err == io.EOF {
			err = closeErr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scanSheet counts what a worksheet holds.
func (p *pack) scanSheet(sc *scanner, info *sheetInfo) error {
	w := &sheetWalker{sc: sc}
	c := &p.count
	inList, cols := 0, 0
	for {
		ev, err := w.next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		t := &sc.tok
		switch ev {
		case evRow, evRowEmpty:
			c.rows++
			info.lastRow = w.row
			if c.rows > p.lim.Rows {
				return c.check(&p.lim)
			}
		case evRowEnd:
			c.reach += w.col
			if err := c.check(&p.lim); err != nil {
				return err
			}
		case evCell, evCellEmpty:
			c.cells++
			if c.cells > p.lim.Cells {
				return c.check(&p.lim)
			}
		case evInCell:
			if t.level == 5 && t.opens("f") {
				p.hasFormulas = true
			}
		case evOther:
			if t.level == 3 && t.opens("col") {
				if cols++; cols > maxCols {
					return &damagedError{what: "a sheet with more columns than a sheet can have"}
				}
			}
			inList = c.takeOther(t, inList)
			if err := c.check(&p.lim); err != nil {
				return err
			}
		}
	}
}

// takeOther counts what stands around the rows. inList is the level of the
// dataValidation element that is open, 0 if none is.
func (c *counts) takeOther(t *token, inList int) int {
	switch {
	case t.kind <= tokEmpty && t.level == 3 && string(t.local) == "mergeCell":
		c.merges++
	case t.kind <= tokEmpty && string(t.local) == "dataValidation":
		c.ranges++
		it := attrsOf(t.raw)
		for it.next() {
			if string(it.name) == "sqref" {
				c.ranges += bytes.Count(it.value, []byte(" "))
			}
		}
		if t.kind == tokStart {
			return t.level
		}
	case inList > 0 && t.kind == tokText:
		c.ranges += bytes.Count(t.raw, []byte(" "))
	case t.kind == tokEnd && t.level == inList:
		return 0
	}
	return inList
}
