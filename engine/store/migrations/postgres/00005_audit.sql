-- The audit log of each workspace: a chain of events, written in the
-- transaction of the change they are about.

-- +goose Up
CREATE TABLE audit_events (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    seq          BIGINT NOT NULL CHECK (seq >= 1),
    at           BIGINT NOT NULL,
    actor        TEXT   NOT NULL CHECK (actor <> ''),
    origin       TEXT   NOT NULL,
    action       TEXT   NOT NULL CHECK (action <> ''),
    object       TEXT   NOT NULL CHECK (object <> ''),
    before_hash  TEXT   NOT NULL CHECK (length(before_hash) IN (0, 64)),
    after_hash   TEXT   NOT NULL CHECK (length(after_hash) IN (0, 64)),
    prev         TEXT   NOT NULL CHECK (length(prev) IN (0, 64)),
    hash         TEXT   NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (workspace_id, seq)
);

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
    EXECUTE FUNCTION refuse_change('the audit log is never changed');

CREATE TRIGGER audit_events_kept BEFORE DELETE OR TRUNCATE ON audit_events
    EXECUTE FUNCTION refuse_change('the audit log is never cut');
