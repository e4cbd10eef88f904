-- Replies to requests with a key of their own, kept for a day: the same request
-- sent again gets the same answer.

-- +goose Up
CREATE TABLE kept_replies (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    caller       TEXT COLLATE "C" NOT NULL CHECK (caller <> ''),
    request_key  TEXT COLLATE "C" NOT NULL CHECK (request_key <> ''),
    request_hash TEXT   NOT NULL CHECK (length(request_hash) = 64),
    status       BIGINT NOT NULL,
    header       TEXT   NOT NULL CHECK (json_typeof(header::json) = 'object'),
    body         TEXT   NOT NULL,
    kept_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, caller, request_key)
);

CREATE INDEX kept_replies_by_time ON kept_replies (workspace_id, kept_at);
