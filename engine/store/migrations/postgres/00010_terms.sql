-- The terms of passages, by which questions find their candidates. All of it is
-- made from entries, controls and tunings and can be made again: to delete the
-- rows of term_sets is safe at any time. A term is a hash that the index makes
-- of a word. What an earlier or later version of vouch makes of words differs,
-- so each version has a set of its own, named by its schema; old ones go when
-- no process has used them for a day.
--
-- A passage is a number in the terms of its workspace, from 0, and keeps it as
-- long as it lives. A list, the passages that have a term, is in blocks of 4096
-- numbers: two bytes a number, or 512 bytes with one bit for each, whichever is
-- less. So a list of half of 100,000 passages is 25 rows, and to change a
-- passage changes one row for each of its terms.

-- +goose Up
CREATE TABLE term_sets (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schema  TEXT COLLATE "C" NOT NULL UNIQUE CHECK (schema <> ''),
    seq     BIGINT NOT NULL CHECK (seq >= 0), -- the last change in the outbox that is in it
    used_at BIGINT NOT NULL
);

CREATE TABLE term_workspaces (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_id       BIGINT NOT NULL REFERENCES term_sets (id) ON DELETE CASCADE,
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    seq          BIGINT NOT NULL, -- the last change of the workspace that is in it
    tuned        BIGINT NOT NULL, -- the last of these that was of its tuning
    passages     BIGINT NOT NULL CHECK (passages >= 0),
    next         BIGINT NOT NULL CHECK (next BETWEEN 0 AND 4294967295), -- number of the next new passage
    UNIQUE (set_id, workspace_id)
);

CREATE TABLE passage_terms (
    terms_id BIGINT NOT NULL REFERENCES term_workspaces (id) ON DELETE CASCADE,
    number   BIGINT NOT NULL,
    kind     TEXT   NOT NULL CHECK (kind IN ('entry', 'control')),
    id       TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL CHECK (version >= 1),
    terms    BYTEA  NOT NULL, -- 8 bytes each, big endian
    keys     BYTEA  NOT NULL,
    PRIMARY KEY (terms_id, number),
    UNIQUE (terms_id, kind, id)
);

-- How many passages have a term, kept in the transaction that changes the lists.
CREATE TABLE term_counts (
    terms_id BIGINT NOT NULL REFERENCES term_workspaces (id) ON DELETE CASCADE,
    term     BIGINT NOT NULL,
    passages BIGINT NOT NULL,
    PRIMARY KEY (terms_id, term)
) WITH (fillfactor = 80);

CREATE TABLE term_lists (
    terms_id BIGINT   NOT NULL REFERENCES term_workspaces (id) ON DELETE CASCADE,
    field    SMALLINT NOT NULL CHECK (field BETWEEN 0 AND 2), -- 0 key, 1 entry, 2 control
    term     BIGINT   NOT NULL,
    block    BIGINT   NOT NULL,
    members  BYTEA    NOT NULL CHECK (length(members) BETWEEN 2 AND 512),
    PRIMARY KEY (terms_id, field, term, block)
) WITH (fillfactor = 80);
