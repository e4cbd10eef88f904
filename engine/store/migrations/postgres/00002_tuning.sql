-- What a workspace has changed of how evidence is found: its own lexicon and
-- its calibration. A workspace without a row has changed nothing.

-- +goose Up
CREATE TABLE tunings (
    workspace_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES workspaces (id),
    lexicon      TEXT   NOT NULL,
    calibration  TEXT   CHECK (json_typeof(calibration::json) = 'object'),
    updated_at   BIGINT NOT NULL
);

-- A tuning is a kind of change without an id.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind,
    DROP CONSTRAINT outbox_passage,
    ADD CONSTRAINT outbox_kind CHECK (kind IN ('entry', 'control', 'tuning')),
    ADD CONSTRAINT outbox_passage CHECK (length(passage_id) = CASE kind WHEN 'tuning' THEN 0 ELSE 36 END);
