package store

import (
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// TestTablesAreCounted: a table that has changed much is counted without
// waiting for autovacuum.
func TestTablesAreCounted(t *testing.T) {
	t.Parallel()
	s := prepared(t, newDatabase(t))
	err := s.InTx(t.Context(), func(x engine.Tx) error {
		for i := range 300 {
			if err := putOne(t.Context(), x, fmt.Sprintf("Question %d?", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0.0
	for range 600 {
		if err := s.pool.db.QueryRowContext(t.Context(), `SELECT reltuples FROM pg_class WHERE oid = 'entry_versions'::regclass`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if rows == 300 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("entry_versions is said to have %v rows after a minute, want 300", rows)
}

// TestAnswersAreLookedUp: however little the server knows of its tables,
// reading an answer reads one revision and one question of the questionnaire.
func TestAnswersAreLookedUp(t *testing.T) {
	t.Parallel()
	s := prepared(t, newDatabase(t))
	id := drafted(t, s, 1, 300)[0]
	for n := range 5 {
		err := s.InTx(t.Context(), func(x engine.Tx) error {
			for i := range 300 {
				r := engine.AnswerRevision{Questionnaire: id, N: i + 1, Number: n + 1, Revision: &engine.Revision{Text: "Yes."}, Author: "user:1"}
				if _, err := x.PutRevision(t.Context(), "w", r, engine.AnswerDrafted); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	page := s.answersThatPass("w", id, &engine.AnswerFilter{After: 100, Limit: 6})
	for name, stmt := range map[string]string{"head": selectHead, "page": fmt.Sprintf(selectAnswers, page.stmt)} {
		for _, counted := range []bool{false, true} {
			if counted {
				if _, err := s.counts.db.ExecContext(t.Context(), `ANALYZE`); err != nil {
					t.Fatal(err)
				}
			}
			if plan, most := planOf(t, s, stmt, id); most > 50 {
				t.Errorf("%s, counted %v: reads %d rows in vain:\n%s", name, counted, most, plan)
			}
		}
	}
}

var inVain = regexp.MustCompile(`Rows Removed by [^:]*: (\d+)`)

// planOf returns how the server runs a statement of three parameters, planned
// once for all, and how many rows one of its steps reads in vain at most.
func planOf(t *testing.T, s *Store, stmt, id string) (plan string, most int) {
	t.Helper()
	conn, err := s.counts.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, set := range []string{`SET plan_cache_mode = force_generic_plan`, `PREPARE looked (text, text, bigint) AS ` + stmt} {
		if _, err := conn.ExecContext(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.QueryContext(t.Context(), fmt.Sprintf(`EXPLAIN (ANALYZE, TIMING OFF) EXECUTE looked ('w', '%s', 100)`, id))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := linesOf(rows)
	if err != nil {
		t.Fatal(err)
	}
	plan = strings.Join(lines, "\n")
	for _, m := range inVain.FindAllStringSubmatch(plan, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, n)
	}
	return plan, most
}

func linesOf(rows *sql.Rows) (list []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		list = append(list, line)
	}
	return list, rows.Err()
}
