package xlsx

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
)

// peakHeap runs fn and returns the most memory, in MB, that the Go runtime
// held for the heap at any time while it ran.
func peakHeap(fn func()) float64 {
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(s)
			peak.Store(max(peak.Load(), s[0].Value.Uint64()))
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	fn()
	close(stop)
	<-done
	return float64(peak.Load()) / (1 << 20)
}

// largeBook writes a workbook of one sheet with that many rows of ten cells.
func largeBook(t testing.TB, rows int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "large.xlsx")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	for _, p := range bookParts([]string{""}) {
		fw, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.name, "worksheets/") {
			fmt.Fprint(fw, p.body)
			continue
		}
		fmt.Fprintf(fw, `<worksheet xmlns="%s"><dimension ref="A1:J%d"/><sheetData>`, nsMain, rows)
		for r := 1; r <= rows; r++ {
			fmt.Fprintf(fw, `<row r="%d" spans="1:10">`, r)
			for c := range 8 {
				fmt.Fprintf(fw, `<c r="%c%d" s="%d" t="inlineStr"><is><t>Question %d, of column %d?</t></is></c>`, 'A'+c, r, c, r*7919%100_003, c)
			}
			fmt.Fprintf(fw, `<c r="I%d" s="3"/><c r="J%d"><f>A%d</f><v>1</v></c></row>`, r, r, r)
		}
		fmt.Fprint(fw, `</sheetData></worksheet>`)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func benchWrite(b *testing.B, src string, values []engine.PartValue) {
	dst := filepath.Join(b.TempDir(), "out.xlsx")
	peak := 0.0
	for b.Loop() {
		peak = max(peak, peakHeap(func() {
			report, err := WriteFile(context.Background(), src, dst, values, WriteOptions{})
			if err != nil || len(report.Written) != len(values) {
				b.Fatal(err, len(report.Written))
			}
		}))
	}
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(float64(len(values)), "answers")
}

func BenchmarkWriteFileQuestionnaire(b *testing.B) {
	base := filepath.Join(evalDir, "workbooks/hecvat-4.1.4")
	benchWrite(b, base+".xlsx", truthValues(b, base+".truth.tsv"))
}

func BenchmarkWriteFileLarge(b *testing.B) {
	src := largeBook(b, 100_000)
	var values []engine.PartValue
	for i := range 1000 {
		values = append(values, textValue(fmt.Sprintf("I%d", i*97+5), "Yes, we do; see our policy."))
	}
	st, err := os.Stat(src)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(st.Size())/(1<<20), "file-MB")
	benchWrite(b, src, values)
}

func BenchmarkPrescan(b *testing.B) {
	for name, file := range map[string]string{"questionnaire": filepath.Join(evalDir, "workbooks/hecvat-4.1.4.xlsx"), "large": largeBook(b, 100_000)} {
		b.Run(name, func(b *testing.B) {
			f, err := os.Open(file)
			if err != nil {
				b.Skip(err)
			}
			defer f.Close()
			st, err := f.Stat()
			if err != nil {
				b.Fatal(err)
			}
			var p *pack
			for b.Loop() {
				if p, err = prescan(f, st.Size(), name, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(p.count.bytes)
		})
	}
}
