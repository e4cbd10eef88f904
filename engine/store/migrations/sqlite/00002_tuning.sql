-- What a workspace has changed of how evidence is found: its own lexicon and
-- its calibration. A workspace without a row has changed nothing.

-- +goose Up
CREATE TABLE tunings (
    workspace_id TEXT    NOT NULL PRIMARY KEY REFERENCES workspaces (id),
    lexicon      TEXT    NOT NULL,
    calibration  TEXT    CHECK (json_type(calibration) = 'object'),
    updated_at   INTEGER NOT NULL
) STRICT;

-- A tuning is a kind of change without an id. A CHECK cannot be altered, so
-- the table is made anew; seq goes on where it was.
CREATE TABLE outbox_2 (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    kind         TEXT    NOT NULL CHECK (kind IN ('entry', 'control', 'tuning')),
    passage_id   TEXT    NOT NULL CHECK (length(passage_id) = CASE kind WHEN 'tuning' THEN 0 ELSE 36 END),
    deleted      INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    created_at   INTEGER NOT NULL
) STRICT;

INSERT INTO outbox_2 (seq, workspace_id, kind, passage_id, deleted, created_at)
SELECT seq, workspace_id, kind, passage_id, deleted, created_at FROM outbox ORDER BY seq;

DROP TABLE outbox;

ALTER TABLE outbox_2 RENAME TO outbox;
