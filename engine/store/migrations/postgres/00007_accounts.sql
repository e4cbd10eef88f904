-- People: users, who belong to the whole database; what they are in a
-- workspace; and by what they come in. Of every secret there is only a hash.

-- +goose Up
CREATE TABLE users (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    email      TEXT COLLATE "C" NOT NULL UNIQUE CHECK (email <> ''),
    name       TEXT             NOT NULL CHECK (name <> ''),
    disabled   BIGINT           NOT NULL CHECK (disabled IN (0, 1)),
    password   TEXT             NOT NULL,
    subject    TEXT COLLATE "C" UNIQUE CHECK (subject <> ''),
    created_at BIGINT           NOT NULL
);

CREATE TABLE members (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    role         TEXT             NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    since        BIGINT           NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);

CREATE INDEX members_by_user ON members (user_id, workspace_id);

CREATE TABLE sessions (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    secret_hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    created_at  BIGINT           NOT NULL,
    seen_at     BIGINT           NOT NULL,
    origin      TEXT             NOT NULL,
    agent       TEXT             NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    secret_hash  TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    name         TEXT             NOT NULL CHECK (name <> ''),
    scopes       TEXT             NOT NULL CHECK (json_typeof(scopes::json) = 'array'),
    role         TEXT             NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    created_at   BIGINT           NOT NULL,
    expires_at   BIGINT           NOT NULL,
    used_at      BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (workspace_id, id),
    CHECK (expires_at > created_at)
);

CREATE TABLE invitations (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    secret_hash  TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    email        TEXT COLLATE "C" NOT NULL CHECK (email <> ''),
    role         TEXT             NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    invited_by   TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at   BIGINT           NOT NULL,
    expires_at   BIGINT           NOT NULL,
    closed_at    BIGINT,
    user_id      TEXT COLLATE "C" REFERENCES users (id),
    PRIMARY KEY (workspace_id, id),
    CHECK (expires_at > created_at),
    CHECK (user_id IS NULL OR closed_at IS NOT NULL)
);

CREATE TABLE setups (
    secret_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(secret_hash) = 64),
    ends_at     BIGINT           NOT NULL
);

-- How many sign-ins failed for an account or from an address. The key is a hash,
-- so that what somebody typed as an address is not kept.
CREATE TABLE throttles (
    key_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(key_hash) = 64),
    failures BIGINT           NOT NULL CHECK (failures >= 1),
    last_at  BIGINT           NOT NULL,
    until    BIGINT
);

CREATE INDEX throttles_by_time ON throttles (last_at);

-- What a token or invitation allows is decided once. They end, and are not removed.
CREATE TRIGGER tokens_stay BEFORE UPDATE OF workspace_id, id, user_id, secret_hash, name, scopes, role, created_at, expires_at ON tokens
    EXECUTE FUNCTION refuse_change('what a token may do is never changed');

CREATE TRIGGER tokens_kept BEFORE DELETE OR TRUNCATE ON tokens
    EXECUTE FUNCTION refuse_change('tokens are never deleted');

CREATE TRIGGER invitations_stay BEFORE UPDATE OF workspace_id, id, secret_hash, email, role, invited_by, created_at, expires_at ON invitations
    EXECUTE FUNCTION refuse_change('what an invitation says is never changed');

CREATE TRIGGER invitations_kept BEFORE DELETE OR TRUNCATE ON invitations
    EXECUTE FUNCTION refuse_change('invitations are never deleted');
