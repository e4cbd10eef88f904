-- Jobs: what is done in the background. The rest of a row changes while the job
-- is worked on; kind, object, args, max_attempts, asked_by and created_at do not.

-- +goose Up
CREATE TABLE jobs (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    id           TEXT    NOT NULL CHECK (length(id) = 36),
    kind         TEXT    NOT NULL CHECK (kind <> ''),
    object       TEXT    NOT NULL CHECK (object <> ''),
    args         TEXT    NOT NULL,
    max_attempts INTEGER NOT NULL CHECK (max_attempts >= 1),
    asked_by     TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    cancelling   INTEGER NOT NULL CHECK (cancelling IN (0, 1)),
    -- asked for again while it ran
    again        INTEGER NOT NULL CHECK (again IN (0, 1)),
    done         INTEGER NOT NULL CHECK (done >= 0),
    total        INTEGER NOT NULL CHECK (total >= 0),
    attempt      INTEGER NOT NULL CHECK (attempt >= 0),
    error        TEXT    NOT NULL,
    next_at      INTEGER NOT NULL,
    started_at   INTEGER,
    ended_at     INTEGER,
    -- of a running job: the worker's token, how long it holds, and how far the
    -- job was when it was claimed
    token        TEXT    NOT NULL,
    leased_until INTEGER NOT NULL,
    done_before  INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CHECK ((ended_at IS NULL) = (state IN ('queued', 'running'))),
    CHECK ((token <> '') = (state = 'running'))
) STRICT;

-- What workers look through is small, however many jobs have ended.
CREATE INDEX jobs_open ON jobs (workspace_id, next_at, id) WHERE ended_at IS NULL;
CREATE INDEX jobs_alike ON jobs (workspace_id, kind, object) WHERE ended_at IS NULL;
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

-- Whose turn it is.
CREATE INDEX jobs_turn ON jobs (workspace_id, started_at);
