-- People: users, who belong to the whole database; what they are in a
-- workspace; and by what they come in. Of every secret there is only a hash.

-- +goose Up
CREATE TABLE users (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    email      TEXT    NOT NULL UNIQUE CHECK (email <> ''),
    name       TEXT    NOT NULL CHECK (name <> ''),
    disabled   INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    password   TEXT    NOT NULL,
    subject    TEXT    UNIQUE CHECK (subject <> ''),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    user_id      TEXT    NOT NULL REFERENCES users (id),
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    since        INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
) STRICT;

CREATE INDEX members_by_user ON members (user_id, workspace_id);

CREATE TABLE sessions (
    id          TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    user_id     TEXT    NOT NULL REFERENCES users (id),
    secret_hash TEXT    NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    created_at  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    origin      TEXT    NOT NULL,
    agent       TEXT    NOT NULL
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL CHECK (length(id) = 36),
    user_id      TEXT    NOT NULL REFERENCES users (id),
    secret_hash  TEXT    NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    name         TEXT    NOT NULL CHECK (name <> ''),
    scopes       TEXT    NOT NULL CHECK (json_type(scopes) = 'array'),
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER,
    revoked_at   INTEGER,
    PRIMARY KEY (workspace_id, id),
    CHECK (expires_at > created_at)
) STRICT;

CREATE TABLE invitations (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL CHECK (length(id) = 36),
    secret_hash  TEXT    NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    email        TEXT    NOT NULL CHECK (email <> ''),
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    invited_by   TEXT    NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    closed_at    INTEGER,
    user_id      TEXT    REFERENCES users (id),
    PRIMARY KEY (workspace_id, id),
    CHECK (expires_at > created_at),
    CHECK (user_id IS NULL OR closed_at IS NOT NULL)
) STRICT;

CREATE TABLE setups (
    secret_hash TEXT    NOT NULL PRIMARY KEY CHECK (length(secret_hash) = 64),
    ends_at     INTEGER NOT NULL
) STRICT;

-- How many sign-ins failed for an account or from an address. The key is a hash,
-- so that what somebody typed as an address is not kept.
CREATE TABLE throttles (
    key_hash TEXT    NOT NULL PRIMARY KEY CHECK (length(key_hash) = 64),
    failures INTEGER NOT NULL CHECK (failures >= 1),
    last_at  INTEGER NOT NULL,
    until    INTEGER
) STRICT;

CREATE INDEX throttles_by_time ON throttles (last_at);

-- What a token or invitation allows is decided once. They end, and are not removed.
-- +goose StatementBegin
CREATE TRIGGER tokens_stay BEFORE UPDATE OF workspace_id, id, user_id, secret_hash, name, scopes, role, created_at, expires_at ON tokens
BEGIN
    SELECT RAISE(ABORT, 'what a token may do is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tokens_kept BEFORE DELETE ON tokens
BEGIN
    SELECT RAISE(ABORT, 'tokens are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER invitations_stay BEFORE UPDATE OF workspace_id, id, secret_hash, email, role, invited_by, created_at, expires_at ON invitations
BEGIN
    SELECT RAISE(ABORT, 'what an invitation says is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER invitations_kept BEFORE DELETE ON invitations
BEGIN
    SELECT RAISE(ABORT, 'invitations are never deleted');
END;
-- +goose StatementEnd
