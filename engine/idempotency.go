package engine

import (
	"context"
	"time"
)

// RepliesKept is how long the reply to a request with a key of its own is kept.
const RepliesKept = 24 * time.Hour

// KeptReply is what was answered to a request that came with a key, so that the
// same request sent again gets the same answer and changes nothing.
type KeptReply struct {
	Caller  string // [Actor.Name] of who sent it; another's key is another key
	Key     string // as the caller made it
	Request string // SHA-256 in hex of all that the request says
	Status  int    // of HTTP
	Header  string // the headers that belong to the reply, a JSON object
	Body    string
	At      time.Time // when it was kept, given by the store
}

// IdempotencyStore keeps replies. A reply is kept in the transaction of the
// change it tells of: either both are there after a crash, or neither. It is
// no part of what a workspace holds, so the audit log does not know it.
type IdempotencyStore interface {
	// KeptReply returns the reply to the caller's request with this key, or
	// [ErrNotFound].
	KeptReply(ctx context.Context, workspace, caller, key string) (KeptReply, error)

	// KeepReply keeps r. A key that the caller has used is [ErrExists].
	KeepReply(ctx context.Context, workspace string, r KeptReply) error

	// DropReplies drops the replies kept before a time, and returns how many.
	DropReplies(ctx context.Context, workspace string, before time.Time) (int, error)
}

// Joined returns a store that does everything in tx: a use case that makes a
// transaction of its own becomes part of this one. An error inside undoes
// nothing by itself; whoever owns tx must return it.
func Joined(tx Tx) Store { return joined{tx} }

type joined struct{ Tx }

// InTx runs fn in the transaction there is.
func (j joined) InTx(_ context.Context, fn func(Tx) error) error { return fn(j.Tx) }

// InSnapshot runs fn in the transaction there is, which sees one state too.
func (j joined) InSnapshot(_ context.Context, fn func(Tx) error) error { return fn(j.Tx) }
