-- The register of reports and evidence, each version of it; what customers were
-- told; and what they asked in vain.

-- +goose Up
ALTER TABLE control_versions ADD COLUMN planned TEXT NOT NULL DEFAULT '';

CREATE TABLE register_versions (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    version      BIGINT NOT NULL CHECK (version >= 1),
    register     TEXT   NOT NULL CHECK (json_typeof(register::json) = 'object'),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, version)
);

-- said_hash tells whether the same was recorded before.
CREATE TABLE commitments (
    workspace_id  TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id            TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    customer      TEXT   NOT NULL CHECK (customer <> ''),
    sent_at       BIGINT NOT NULL,
    questionnaire TEXT   NOT NULL,
    ref           TEXT   NOT NULL,
    question      TEXT   NOT NULL CHECK (question <> ''),
    verdict       TEXT   NOT NULL CHECK (verdict IN ('', 'yes', 'no', 'partial', 'not_applicable')),
    answer        TEXT   NOT NULL,
    explanation   TEXT   NOT NULL,
    controls      TEXT   NOT NULL CHECK (json_typeof(controls::json) = 'array'),
    said_hash     TEXT COLLATE "C" NOT NULL CHECK (length(said_hash) = 64),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, said_hash)
);

-- There is no key of customer, questionnaire and nth as on SQLite: the names
-- can be longer than a key may be here. One writer at a time replaces all
-- askings of a questionnaire, which keeps nth unique in it.
CREATE TABLE askings (
    workspace_id  TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    customer      TEXT COLLATE "C" NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    nth           BIGINT NOT NULL CHECK (nth >= 0),
    asked_at      BIGINT NOT NULL,
    question      TEXT   NOT NULL CHECK (question <> ''),
    reason        TEXT   NOT NULL CHECK (reason <> ''),
    criteria      TEXT   NOT NULL CHECK (json_typeof(criteria::json) = 'array')
);

CREATE INDEX askings_by_time ON askings (workspace_id, asked_at);

CREATE INDEX askings_by_questionnaire ON askings USING hash (questionnaire);

CREATE TRIGGER register_versions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON register_versions
    EXECUTE FUNCTION refuse_change('versions are never changed nor deleted');

CREATE TRIGGER commitments_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON commitments
    EXECUTE FUNCTION refuse_change('what was told is never changed nor deleted');
