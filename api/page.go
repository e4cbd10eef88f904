package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

// cursor is where a page of a list ends. It says which list that is, so that it
// is refused in another, or with other filters. It is no secret: what it names
// is looked for in the caller's own workspace only.
type cursor struct {
	Of    string `json:"o"` // the operation
	List  string `json:"l"` // hash of the workspace and the filters
	After string `json:"a"` // the last of the page before
}

// list names the list that a call asks for: the operation with all that
// chooses what is in it.
func (x *call) list() string {
	q := x.request.URL.Query()
	q.Del("after")
	q.Del("limit")
	sum := sha256.Sum256([]byte(x.workspace + "\n" + q.Encode()))
	return hex.EncodeToString(sum[:8])
}

// after returns what the cursor of a request stands for, "" for the beginning.
func (x *call) after(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	var at cursor
	if err != nil || json.Unmarshal(raw, &at) != nil || at.Of == "" {
		return "", badCursor.because("after is no cursor of this API.")
	}
	if at.Of != x.op.id || at.List != x.list() {
		return "", badCursor.because("after is the cursor of another list, or of this one with other filters.")
	}
	return at.After, nil
}

// next returns the cursor after the last of a page, and the Link header with
// it.
func (x *call) next(after string) (next, link string) {
	raw, err := json.Marshal(cursor{Of: x.op.id, List: x.list(), After: after})
	if err != nil {
		panic(err) // three strings
	}
	next = base64.RawURLEncoding.EncodeToString(raw)
	q := x.request.URL.Query()
	q.Set("after", next)
	u := url.URL{Path: x.request.URL.Path, RawQuery: q.Encode()}
	return next, fmt.Sprintf(`<%s>; rel="next"`, u.String())
}

// pageOf cuts a list that was read whole to the page that a request asks for.
func pageOf[T any](ctx context.Context, list []T, cursor string, limit int, id func(*T) string) (shown []T, next, link string, err error) {
	after, err := callOf(ctx).after(cursor)
	if err != nil {
		return nil, "", "", err
	}
	if after != "" {
		i := slices.IndexFunc(list, func(x T) bool { return id(&x) == after })
		if i < 0 {
			return nil, "", "", badCursor.because("after names what is not in this list any more.")
		}
		list = list[i+1:]
	}
	shown, next, link = page(ctx, list, limit, id)
	return shown, next, link, nil
}

// page cuts a list that was read one longer than limit to it, and returns the
// cursor and the link of the next page, if there is one.
func page[T any](ctx context.Context, list []T, limit int, id func(*T) string) (shown []T, next, link string) {
	if len(list) <= limit {
		return list, "", ""
	}
	list = list[:limit]
	next, link = callOf(ctx).next(id(&list[limit-1]))
	return list, next, link
}
