-- The library as a team keeps it: who may be given an entry, what it is true of
-- and in which language it is. No version that was there before says so.

-- +goose Up
ALTER TABLE entry_versions ADD COLUMN visibility TEXT NOT NULL DEFAULT '' CHECK (visibility IN ('', 'public', 'nda', 'internal'));

ALTER TABLE entry_versions ADD COLUMN products TEXT NOT NULL DEFAULT '[]' CHECK (json_typeof(products::json) = 'array');

ALTER TABLE entry_versions ADD COLUMN language TEXT NOT NULL DEFAULT '' CHECK (length(language) IN (0, 2));

-- What an approved answer would change in the library. proposed is an entry as
-- JSON; said_hash tells whether the same was proposed before.
CREATE TABLE entry_proposals (
    workspace_id   TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id             TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    kind           TEXT   NOT NULL CHECK (kind IN ('new', 'wording', 'conflict')),
    entry_id       TEXT COLLATE "C" NOT NULL CHECK (length(entry_id) = CASE kind WHEN 'new' THEN 0 ELSE 36 END),
    entry_version  BIGINT NOT NULL CHECK (CASE kind WHEN 'new' THEN entry_version = 0 ELSE entry_version >= 1 END),
    proposed       TEXT   NOT NULL CHECK (json_typeof(proposed::json) = 'object'),
    questionnaire  TEXT   NOT NULL,
    question       TEXT   NOT NULL,
    proposed_by    TEXT   NOT NULL CHECK (proposed_by <> ''),
    proposed_at    BIGINT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'accepted', 'rejected', 'superseded')),
    decided_by     TEXT   NOT NULL CHECK ((decided_by = '') = (state = 'open')),
    decided_at     BIGINT CHECK ((decided_at IS NULL) = (state = 'open')),
    note           TEXT   NOT NULL,
    result_id      TEXT   NOT NULL CHECK (length(result_id) = CASE state WHEN 'accepted' THEN 36 ELSE 0 END),
    result_version BIGINT NOT NULL CHECK ((result_version >= 1) = (state = 'accepted')),
    said_hash      TEXT COLLATE "C" NOT NULL CHECK (length(said_hash) = 64),
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, said_hash)
);

CREATE INDEX entry_proposals_by_state ON entry_proposals (workspace_id, state, id);

CREATE INDEX entry_proposals_by_entry ON entry_proposals (workspace_id, entry_id);

-- A proposal is decided once, and what was proposed stays as it was.
CREATE TRIGGER entry_proposals_stay BEFORE UPDATE ON entry_proposals
    FOR EACH ROW WHEN (OLD.state <> 'open' OR OLD.proposed <> NEW.proposed OR OLD.kind <> NEW.kind OR OLD.entry_id <> NEW.entry_id
        OR OLD.entry_version <> NEW.entry_version OR OLD.proposed_by <> NEW.proposed_by OR OLD.proposed_at <> NEW.proposed_at
        OR OLD.questionnaire <> NEW.questionnaire OR OLD.question <> NEW.question OR OLD.said_hash <> NEW.said_hash)
    EXECUTE FUNCTION refuse_change('what was decided is never changed');

CREATE TRIGGER entry_proposals_kept BEFORE DELETE OR TRUNCATE ON entry_proposals
    EXECUTE FUNCTION refuse_change('what was proposed is never deleted');
