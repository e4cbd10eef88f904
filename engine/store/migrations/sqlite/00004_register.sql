-- The register of reports and evidence, each version of it; what customers were
-- told; and what they asked in vain.

-- +goose Up
ALTER TABLE control_versions ADD COLUMN planned TEXT NOT NULL DEFAULT '';

CREATE TABLE register_versions (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    version      INTEGER NOT NULL CHECK (version >= 1),
    register     TEXT    NOT NULL CHECK (json_type(register) = 'object'),
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, version)
) STRICT;

-- said_hash tells whether the same was recorded before.
CREATE TABLE commitments (
    workspace_id  TEXT    NOT NULL REFERENCES workspaces (id),
    id            TEXT    NOT NULL CHECK (length(id) = 36),
    customer      TEXT    NOT NULL CHECK (customer <> ''),
    sent_at       INTEGER NOT NULL,
    questionnaire TEXT    NOT NULL,
    ref           TEXT    NOT NULL,
    question      TEXT    NOT NULL CHECK (question <> ''),
    verdict       TEXT    NOT NULL CHECK (verdict IN ('', 'yes', 'no', 'partial', 'not_applicable')),
    answer        TEXT    NOT NULL,
    explanation   TEXT    NOT NULL,
    controls      TEXT    NOT NULL CHECK (json_type(controls) = 'array'),
    said_hash     TEXT    NOT NULL CHECK (length(said_hash) = 64),
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, said_hash)
) STRICT;

CREATE TABLE askings (
    workspace_id  TEXT    NOT NULL REFERENCES workspaces (id),
    customer      TEXT    NOT NULL,
    questionnaire TEXT    NOT NULL,
    nth           INTEGER NOT NULL CHECK (nth >= 0),
    asked_at      INTEGER NOT NULL,
    question      TEXT    NOT NULL CHECK (question <> ''),
    reason        TEXT    NOT NULL CHECK (reason <> ''),
    criteria      TEXT    NOT NULL CHECK (json_type(criteria) = 'array'),
    PRIMARY KEY (workspace_id, customer, questionnaire, nth)
) STRICT;

CREATE INDEX askings_by_time ON askings (workspace_id, asked_at);

-- +goose StatementBegin
CREATE TRIGGER register_versions_stay BEFORE UPDATE ON register_versions
BEGIN
    SELECT RAISE(ABORT, 'versions are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER register_versions_kept BEFORE DELETE ON register_versions
BEGIN
    SELECT RAISE(ABORT, 'versions are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER commitments_stay BEFORE UPDATE ON commitments
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER commitments_kept BEFORE DELETE ON commitments
BEGIN
    SELECT RAISE(ABORT, 'what was told is never deleted');
END;
-- +goose StatementEnd
