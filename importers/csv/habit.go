package csv

// habit counts the filled fields of a column, and how many are quoted.
type habit struct{ filled, quoted int }

func (h habit) always() bool { return h.filled > 0 && h.filled == h.quoted }

// enough is how many filled fields it takes to speak of a column's habit.
const enough = 2

// habits returns the quoting habit of every column, and of the file.
func (f *File) habits() (columns []habit, file habit) {
	for _, r := range f.records {
		for j, x := range f.fields[r.first:r.last] {
			if x.start == x.end {
				continue
			}
			if j >= len(columns) {
				columns = append(columns, make([]habit, j+1-len(columns))...)
			}
			columns[j].filled++
			file.filled++
			if x.quoted {
				columns[j].quoted++
				file.quoted++
			}
		}
	}
	return columns, file
}

func (f *File) alwaysQuotes() bool {
	_, file := f.habits()
	return file.always()
}
