package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"path"
	"strings"
)

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
