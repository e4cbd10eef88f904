-- The library of each workspace: entries and controls in versions, layouts,
-- and the outbox. Times are milliseconds UTC. What is compared or ordered is
-- COLLATE "C", by its bytes, as SQLite does and whatever the database's own
-- collation is.

-- +goose Up
CREATE TABLE workspaces (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    created_at BIGINT NOT NULL
);

CREATE TABLE entry_versions (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    version      BIGINT NOT NULL CHECK (version >= 1),
    question     TEXT   NOT NULL CHECK (question <> ''),
    verdict      TEXT   NOT NULL CHECK (verdict IN ('', 'yes', 'no', 'partial', 'not_applicable')),
    answer       TEXT   NOT NULL,
    explanation  TEXT   NOT NULL,
    ownership    TEXT   NOT NULL,
    section      TEXT   NOT NULL,
    tags         TEXT   NOT NULL CHECK (json_typeof(tags::json) = 'array'),
    owner        TEXT   NOT NULL,
    reviewed_at  BIGINT,
    source_file  TEXT   NOT NULL,
    source_ref   TEXT   NOT NULL,
    source_nth   BIGINT NOT NULL CHECK (source_nth >= 0),
    source_place TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id, version),
    CHECK (verdict <> '' OR answer <> '' OR explanation <> '')
);

-- The newest version of each entry. key_hash is the SHA-256 of its question
-- key, which can be longer than an index allows.
CREATE TABLE entries (
    workspace_id TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    key_hash     TEXT COLLATE "C" NOT NULL CHECK (length(key_hash) = 64),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, id, version) REFERENCES entry_versions (workspace_id, id, version)
        DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX entries_by_key ON entries (workspace_id, key_hash);

CREATE TABLE control_versions (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    version      BIGINT NOT NULL CHECK (version >= 1),
    ref          TEXT   NOT NULL CHECK (ref <> ''),
    domain       TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    criteria     TEXT   NOT NULL CHECK (json_typeof(criteria::json) = 'array'),
    owner        TEXT   NOT NULL,
    frequency    TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    source_file  TEXT   NOT NULL,
    source_ref   TEXT   NOT NULL,
    source_nth   BIGINT NOT NULL CHECK (source_nth >= 0),
    source_place TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id, version),
    CHECK (title <> '' OR description <> '')
);

-- The newest version of each control. ref_hash is the SHA-256 of its ref as
-- compared; no two controls of a workspace share it.
CREATE TABLE controls (
    workspace_id TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    ref_hash     TEXT COLLATE "C" NOT NULL CHECK (length(ref_hash) = 64),
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, ref_hash),
    FOREIGN KEY (workspace_id, id, version) REFERENCES control_versions (workspace_id, id, version)
        DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE layouts (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    shape        TEXT COLLATE "C" NOT NULL CHECK (shape <> ''),
    layout       TEXT   NOT NULL CHECK (json_typeof(layout::json) = 'object'),
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, shape)
);

-- seq is not from a sequence: those are given in another order than they are
-- committed, and have a hole for what was undone. outbox_number takes the next
-- number after the last; should two writers try at once, against the rules,
-- the key makes the second wait for the first and then fail.
CREATE TABLE outbox (
    seq          BIGINT NOT NULL PRIMARY KEY,
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    kind         TEXT   NOT NULL CONSTRAINT outbox_kind CHECK (kind IN ('entry', 'control')),
    passage_id   TEXT   NOT NULL CONSTRAINT outbox_passage CHECK (length(passage_id) = 36),
    deleted      BIGINT NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    created_at   BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION outbox_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS NULL THEN
        NEW.seq := (SELECT coalesce(max(seq), 0) + 1 FROM outbox);
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER outbox_numbered BEFORE INSERT ON outbox
    FOR EACH ROW EXECUTE FUNCTION outbox_number();

-- The newest change must stay, or its seq would be given again.
CREATE TRIGGER outbox_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON outbox
    EXECUTE FUNCTION refuse_change('changes are never changed nor deleted');

CREATE TRIGGER entry_versions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_versions
    EXECUTE FUNCTION refuse_change('versions are never changed nor deleted');

CREATE TRIGGER control_versions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON control_versions
    EXECUTE FUNCTION refuse_change('versions are never changed nor deleted');
