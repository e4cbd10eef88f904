package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/stdlib"
)

// PostgreSQL refuses the byte 0 in a text, and what is no UTF-8; SQLite keeps
// every byte. Nothing of the customer's may be lost or refused for that, so
// such bytes are stored behind the byte 1, here, where all texts pass: 0 as
// 1 1, 1 itself as 1 2, and a byte that is no UTF-8 as 1 and the character of
// that number. Texts without any of them, nearly all, are stored as they are.
// Equal texts stay equal and different ones different, and the order of texts
// that are UTF-8 stays too.
const escapeByte = "\x01"

// escapeText returns s as PostgreSQL can keep it.
func escapeText(s string) string {
	if utf8.ValidString(s) && !strings.ContainsAny(s, "\x00"+escapeByte) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r <= 1:
			b.WriteString(escapeByte)
			b.WriteRune(r + 1)
		case r == utf8.RuneError && n == 1:
			b.WriteString(escapeByte)
			b.WriteRune(rune(s[0]))
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// unescapeText returns what [escapeText] was given.
func unescapeText(s string) string {
	before, rest, found := strings.Cut(s, escapeByte)
	if !found {
		return s
	}
	var b strings.Builder
	for found {
		b.WriteString(before)
		r, n := utf8.DecodeRuneInString(rest)
		if r < utf8.RuneSelf {
			r--
		}
		b.WriteByte(byte(r))
		before, rest, found = strings.Cut(rest[n:], escapeByte)
	}
	b.WriteString(before)
	return b.String()
}

// textConnector makes connections whose texts are any bytes.
type textConnector struct{ driver.Connector }

func (c textConnector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := made.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(errors.New("the driver gave an unknown kind of connection"), made.Close())
	}
	return &textConn{Conn: conn}, nil
}

// textConn is a connection whose texts are any bytes.
type textConn struct {
	*stdlib.Conn
	before *ahead // sent with the next query
}

// CheckNamedValue makes an argument one of the driver's.
func (*textConn) CheckNamedValue(v *driver.NamedValue) (err error) {
	v.Value, err = textValue(v.Value)
	return err
}

// textValue converts an argument as database/sql does by default, and escapes
// it.
func textValue(arg any) (driver.Value, error) {
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if s, ok := v.(string); ok {
		v = escapeText(s)
	}
	return v, err
}

func (c *textConn) QueryContext(ctx context.Context, stmt string, args []driver.NamedValue) (rows driver.Rows, err error) {
	if before := c.before; before != nil {
		c.before, before.sent = nil, true
		rows, err = c.queryAhead(ctx, before.list, stmt, args)
	} else {
		rows, err = c.Conn.QueryContext(ctx, stmt, args)
	}
	if err != nil {
		return nil, err
	}
	return textRows{rows}, nil
}

type textRows struct{ driver.Rows }

func (r textRows) Next(dest []driver.Value) error {
	if err := r.Rows.Next(dest); err != nil {
		return err
	}
	for i, v := range dest {
		if s, ok := v.(string); ok {
			dest[i] = unescapeText(s)
		}
	}
	return nil
}
