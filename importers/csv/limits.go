package csv

// Limits bound what Parse takes. A zero field means its default.
type Limits struct {
	Bytes      int // size of the file; default 50 MB
	Rows       int // blank lines included; default 200,000
	Cells      int // empty ones included; default 2,000,000
	Columns    int // of the widest row; default 16,384, as many as Excel has
	FieldChars int // UTF-16 units in one field; default 32,767, as many as an Excel cell holds
}

// The defaults of [Limits].
const (
	DefaultBytes      = 50 << 20
	DefaultRows       = 200_000
	DefaultCells      = 2_000_000
	DefaultColumns    = 16_384
	DefaultFieldChars = 32_767
)

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Bytes, DefaultBytes)
	set(&l.Rows, DefaultRows)
	set(&l.Cells, DefaultCells)
	set(&l.Columns, DefaultColumns)
	set(&l.FieldChars, DefaultFieldChars)
	return l
}
