-- The library of each workspace: entries and controls in versions, layouts,
-- and the outbox. Times are milliseconds UTC; STRICT knows them as INTEGER,
-- PostgreSQL as BIGINT.

-- +goose Up
CREATE TABLE workspaces (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE entry_versions (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL CHECK (length(id) = 36),
    version      INTEGER NOT NULL CHECK (version >= 1),
    question     TEXT    NOT NULL CHECK (question <> ''),
    verdict      TEXT    NOT NULL CHECK (verdict IN ('', 'yes', 'no', 'partial', 'not_applicable')),
    answer       TEXT    NOT NULL,
    explanation  TEXT    NOT NULL,
    ownership    TEXT    NOT NULL,
    section      TEXT    NOT NULL,
    tags         TEXT    NOT NULL CHECK (json_type(tags) = 'array'),
    owner        TEXT    NOT NULL,
    reviewed_at  INTEGER,
    source_file  TEXT    NOT NULL,
    source_ref   TEXT    NOT NULL,
    source_nth   INTEGER NOT NULL CHECK (source_nth >= 0),
    source_place TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id, version),
    CHECK (verdict <> '' OR answer <> '' OR explanation <> '')
) STRICT;

-- The newest version of each entry. key_hash is the SHA-256 of its question
-- key, which can be longer than an index allows.
CREATE TABLE entries (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    key_hash     TEXT    NOT NULL CHECK (length(key_hash) = 64),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, id, version) REFERENCES entry_versions (workspace_id, id, version)
        DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE INDEX entries_by_key ON entries (workspace_id, key_hash);

CREATE TABLE control_versions (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL CHECK (length(id) = 36),
    version      INTEGER NOT NULL CHECK (version >= 1),
    ref          TEXT    NOT NULL CHECK (ref <> ''),
    domain       TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    criteria     TEXT    NOT NULL CHECK (json_type(criteria) = 'array'),
    owner        TEXT    NOT NULL,
    frequency    TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    source_file  TEXT    NOT NULL,
    source_ref   TEXT    NOT NULL,
    source_nth   INTEGER NOT NULL CHECK (source_nth >= 0),
    source_place TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id, version),
    CHECK (title <> '' OR description <> '')
) STRICT;

-- The newest version of each control. ref_hash is the SHA-256 of its ref as
-- compared; no two controls of a workspace share it.
CREATE TABLE controls (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    ref_hash     TEXT    NOT NULL CHECK (length(ref_hash) = 64),
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, ref_hash),
    FOREIGN KEY (workspace_id, id, version) REFERENCES control_versions (workspace_id, id, version)
        DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE layouts (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    shape        TEXT    NOT NULL CHECK (shape <> ''),
    layout       TEXT    NOT NULL CHECK (json_type(layout) = 'object'),
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, shape)
) STRICT;

-- AUTOINCREMENT: a seq is never given twice.
CREATE TABLE outbox (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    kind         TEXT    NOT NULL CHECK (kind IN ('entry', 'control')),
    passage_id   TEXT    NOT NULL CHECK (length(passage_id) = 36),
    deleted      INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    created_at   INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER entry_versions_stay BEFORE UPDATE ON entry_versions
BEGIN
    SELECT RAISE(ABORT, 'versions are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entry_versions_kept BEFORE DELETE ON entry_versions
BEGIN
    SELECT RAISE(ABORT, 'versions are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER control_versions_stay BEFORE UPDATE ON control_versions
BEGIN
    SELECT RAISE(ABORT, 'versions are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER control_versions_kept BEFORE DELETE ON control_versions
BEGIN
    SELECT RAISE(ABORT, 'versions are never deleted');
END;
-- +goose StatementEnd
