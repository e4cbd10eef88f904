package xlsx

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

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
