package xlsx

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestPipe(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789abcdef"), pipeBlock/4) // several blocks and no multiple of one
	data = data[:len(data)-7]
	t.Run("ReadAheadGivesTheSameBytes", func(t *testing.T) {
		t.Parallel()
		a := readAhead(iotest.OneByteReader(bytes.NewReader(data[:pipeBlock+9])))
		got, err := io.ReadAll(a)
		if err != nil || !bytes.Equal(got, data[:pipeBlock+9]) || a.Close() != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
	t.Run("ReadAheadStopsEarly", func(t *testing.T) {
		t.Parallel()
		a := readAhead(bytes.NewReader(data))
		if _, err := io.ReadFull(a, make([]byte, 10)); err != nil || a.Close() != nil {
			t.Error(err)
		}
	})
	t.Run("ReadAheadPassesErrorsOnAfterTheBytes", func(t *testing.T) {
		t.Parallel()
		a := readAhead(io.MultiReader(bytes.NewReader(data[:10]), iotest.ErrReader(iotest.ErrTimeout)))
		got, err := io.ReadAll(a)
		if len(got) != 10 || !errors.Is(err, iotest.ErrTimeout) || a.Close() != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
	t.Run("WriteBehindWritesTheSameBytes", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		b := writeBehind(&out)
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 1+len(rest)/3)
			if k, err := b.Write(rest[:n]); k != n || err != nil {
				t.Fatal(k, err)
			}
			rest = rest[n:]
		}
		if err := b.Close(); err != nil || !bytes.Equal(out.Bytes(), data) {
			t.Errorf("%d bytes, %v", out.Len(), err)
		}
	})
	t.Run("WriteBehindReportsErrors", func(t *testing.T) {
		t.Parallel()
		r, w := io.Pipe()
		_ = r.CloseWithError(iotest.ErrTimeout)
		b := writeBehind(w)
		_, _ = b.Write(data)
		if err := b.Close(); !errors.Is(err, iotest.ErrTimeout) {
			t.Error(err)
		}
	})
}
