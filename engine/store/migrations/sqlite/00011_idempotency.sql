-- Replies to requests with a key of their own, kept for a day: the same request
-- sent again gets the same answer.

-- +goose Up
CREATE TABLE kept_replies (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    caller       TEXT    NOT NULL CHECK (caller <> ''),
    request_key  TEXT    NOT NULL CHECK (request_key <> ''),
    request_hash TEXT    NOT NULL CHECK (length(request_hash) = 64),
    status       INTEGER NOT NULL,
    header       TEXT    NOT NULL CHECK (json_type(header) = 'object'),
    body         TEXT    NOT NULL,
    kept_at      INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, caller, request_key)
) STRICT;

CREATE INDEX kept_replies_by_time ON kept_replies (workspace_id, kept_at);
