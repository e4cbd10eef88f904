-- Reviews: customers' files, questionnaires with their questions and answers,
-- every revision and decision, comments, exports, and the settings of each
-- workspace. Days and times are milliseconds UTC; a day that is not set is 0.

-- +goose Up
CREATE TABLE settings_versions (
    workspace_id   TEXT NOT NULL REFERENCES workspaces (id),
    version        INTEGER NOT NULL CHECK (version >= 1),
    four_eyes      INTEGER NOT NULL CHECK (four_eyes IN (0, 1)),
    min_confidence REAL NOT NULL CHECK (min_confidence BETWEEN 0 AND 1),
    max_age_days   INTEGER NOT NULL CHECK (max_age_days >= 0),
    citations      TEXT NOT NULL CHECK (citations <> ''),
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, version)
) STRICT;

-- A file is named by the SHA-256 of its bytes, and cut into pieces of 1 MB.
CREATE TABLE files (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    hash         TEXT NOT NULL CHECK (length(hash) = 64),
    size         INTEGER NOT NULL CHECK (size >= 1),
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, hash)
) STRICT;

CREATE TABLE file_chunks (
    workspace_id TEXT NOT NULL,
    hash         TEXT NOT NULL,
    nth          INTEGER NOT NULL CHECK (nth >= 0),
    bytes        BLOB NOT NULL CHECK (length(bytes) >= 1),
    PRIMARY KEY (workspace_id, hash, nth),
    FOREIGN KEY (workspace_id, hash) REFERENCES files (workspace_id, hash)
) STRICT;

-- name_folded is the name in lower case, to look for. asks_hash is the hash of
-- the questions.
CREATE TABLE questionnaires (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    id           TEXT NOT NULL CHECK (length(id) = 36),
    version      INTEGER NOT NULL CHECK (version >= 1),
    name         TEXT NOT NULL CHECK (name <> ''),
    name_folded  TEXT NOT NULL,
    format       TEXT NOT NULL CHECK (format <> ''),
    file_hash    TEXT NOT NULL,
    customer     TEXT NOT NULL,
    deal         TEXT NOT NULL,
    due_at       INTEGER NOT NULL,
    product      TEXT NOT NULL,
    language     TEXT NOT NULL,
    nda          INTEGER NOT NULL CHECK (nda IN (0, 1)),
    public       INTEGER NOT NULL CHECK (public IN (0, 1)),
    state        TEXT NOT NULL CHECK (state IN ('open', 'withdrawn')),
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    questions    INTEGER NOT NULL CHECK (questions >= 1),
    asks_hash    TEXT NOT NULL CHECK (length(asks_hash) = 64),
    layout       TEXT NOT NULL CHECK (json_type(layout) = 'object'),
    appended     TEXT NOT NULL CHECK (json_type(appended) = 'array'),
    skipped      TEXT NOT NULL CHECK (json_type(skipped) = 'array'),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, file_hash) REFERENCES files (workspace_id, hash)
) STRICT;

-- How many answers of a questionnaire are in each state. It is kept with each
-- change of an answer, so that lists need not count.
CREATE TABLE answer_counts (
    workspace_id     TEXT NOT NULL,
    questionnaire_id TEXT NOT NULL,
    n_unanswered     INTEGER NOT NULL DEFAULT 0 CHECK (n_unanswered >= 0),
    n_drafted        INTEGER NOT NULL DEFAULT 0 CHECK (n_drafted >= 0),
    n_in_review      INTEGER NOT NULL DEFAULT 0 CHECK (n_in_review >= 0),
    n_approved       INTEGER NOT NULL DEFAULT 0 CHECK (n_approved >= 0),
    n_gap            INTEGER NOT NULL DEFAULT 0 CHECK (n_gap >= 0),
    n_rejected       INTEGER NOT NULL DEFAULT 0 CHECK (n_rejected >= 0),
    n_stale          INTEGER NOT NULL DEFAULT 0 CHECK (n_stale >= 0),
    n_left           INTEGER NOT NULL DEFAULT 0 CHECK (n_left >= 0),
    PRIMARY KEY (workspace_id, questionnaire_id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
) STRICT;

CREATE TABLE questions (
    workspace_id     TEXT NOT NULL,
    questionnaire_id TEXT NOT NULL,
    place            INTEGER NOT NULL CHECK (place >= 1),
    question         TEXT NOT NULL CHECK (json_type(question) = 'object'),
    PRIMARY KEY (workspace_id, questionnaire_id, place),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
) STRICT;

-- The answer to each question as it is now. number and hash are of its current
-- revision, 0 and '' while there is none.
CREATE TABLE answers (
    workspace_id     TEXT NOT NULL,
    questionnaire_id TEXT NOT NULL,
    place            INTEGER NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('unanswered', 'drafted', 'in_review', 'approved', 'gap', 'rejected', 'stale', 'left')),
    number           INTEGER NOT NULL CHECK (number >= 0),
    hash             TEXT NOT NULL CHECK (length(hash) = CASE number WHEN 0 THEN 0 ELSE 64 END),
    assignee         TEXT NOT NULL,
    due_at           INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, questionnaire_id, place),
    FOREIGN KEY (workspace_id, questionnaire_id, place) REFERENCES questions (workspace_id, questionnaire_id, place)
) STRICT;

CREATE INDEX answers_by_assignee ON answers (workspace_id, assignee) WHERE assignee <> '';

-- hash covers the revision and the one before it, and so all before.
CREATE TABLE answer_revisions (
    workspace_id     TEXT NOT NULL,
    questionnaire_id TEXT NOT NULL,
    place            INTEGER NOT NULL,
    number           INTEGER NOT NULL CHECK (number >= 1),
    author           TEXT NOT NULL CHECK (author <> ''),
    origin           TEXT NOT NULL,
    confidence       REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    blocked          INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    hash             TEXT NOT NULL CHECK (length(hash) = 64),
    created_at       INTEGER NOT NULL,
    revision         TEXT CHECK (json_type(revision) = 'object'),
    gap              TEXT CHECK (json_type(gap) = 'object'),
    evidence         TEXT NOT NULL CHECK (json_type(evidence) = 'array'),
    PRIMARY KEY (workspace_id, questionnaire_id, place, number),
    FOREIGN KEY (workspace_id, questionnaire_id, place) REFERENCES answers (workspace_id, questionnaire_id, place),
    CHECK ((revision IS NULL) <> (gap IS NULL))
) STRICT;

-- What each revision cites: which answers rest on an entry, a control, a report.
-- A report has no version, 0.
CREATE TABLE answer_citations (
    workspace_id     TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('entry', 'control', 'report')),
    cited_id         TEXT NOT NULL CHECK (cited_id <> ''),
    questionnaire_id TEXT NOT NULL,
    place            INTEGER NOT NULL,
    number           INTEGER NOT NULL,
    cited_version    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, kind, cited_id, questionnaire_id, place, number, cited_version),
    FOREIGN KEY (workspace_id, questionnaire_id, place, number) REFERENCES answer_revisions (workspace_id, questionnaire_id, place, number)
) STRICT;

-- A decision that leaves an answer empty which has no revision is on revision 0.
CREATE TABLE decisions (
    workspace_id     TEXT NOT NULL,
    questionnaire_id TEXT NOT NULL,
    place            INTEGER NOT NULL,
    id               TEXT NOT NULL CHECK (length(id) = 36),
    revision         INTEGER NOT NULL CHECK (revision >= 0),
    kind             TEXT NOT NULL CHECK (kind IN ('approve', 'reject', 'request_changes', 'leave', 'reopen')),
    note             TEXT NOT NULL,
    made_by          TEXT NOT NULL CHECK (made_by <> ''),
    bulk_id          TEXT NOT NULL CHECK (length(bulk_id) IN (0, 36)),
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, questionnaire_id, place, id),
    FOREIGN KEY (workspace_id, questionnaire_id, place) REFERENCES answers (workspace_id, questionnaire_id, place)
) STRICT;

CREATE INDEX decisions_by_bulk ON decisions (workspace_id, bulk_id) WHERE bulk_id <> '';

-- A comment on a questionnaire is at place 0.
CREATE TABLE comments (
    workspace_id     TEXT NOT NULL,
    id               TEXT NOT NULL CHECK (length(id) = 36),
    questionnaire_id TEXT NOT NULL,
    place            INTEGER NOT NULL CHECK (place >= 0),
    body             TEXT NOT NULL CHECK (body <> ''),
    mentions         TEXT NOT NULL CHECK (json_type(mentions) = 'array'),
    made_by          TEXT NOT NULL CHECK (made_by <> ''),
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
) STRICT;

CREATE INDEX comments_by_answer ON comments (workspace_id, questionnaire_id, place);

CREATE TABLE comment_removals (
    workspace_id TEXT NOT NULL,
    comment_id   TEXT NOT NULL,
    removed_by   TEXT NOT NULL CHECK (removed_by <> ''),
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, comment_id),
    FOREIGN KEY (workspace_id, comment_id) REFERENCES comments (workspace_id, id)
) STRICT;

-- sent lists the revisions that went out, open_places what was left out.
CREATE TABLE exports (
    workspace_id     TEXT NOT NULL,
    id               TEXT NOT NULL CHECK (length(id) = 36),
    questionnaire_id TEXT NOT NULL,
    made_by          TEXT NOT NULL CHECK (made_by <> ''),
    partial          INTEGER NOT NULL CHECK (partial IN (0, 1)),
    file_hash        TEXT NOT NULL CHECK (length(file_hash) = 64),
    sent             TEXT NOT NULL CHECK (json_type(sent) = 'array'),
    open_places      TEXT NOT NULL CHECK (json_type(open_places) = 'array'),
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
) STRICT;

CREATE INDEX exports_by_questionnaire ON exports (workspace_id, questionnaire_id);

-- +goose StatementBegin
CREATE TRIGGER settings_versions_stay BEFORE UPDATE ON settings_versions
BEGIN
    SELECT RAISE(ABORT, 'settings are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER settings_versions_kept BEFORE DELETE ON settings_versions
BEGIN
    SELECT RAISE(ABORT, 'settings are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER files_stay BEFORE UPDATE ON files
BEGIN
    SELECT RAISE(ABORT, 'files are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER files_kept BEFORE DELETE ON files
BEGIN
    SELECT RAISE(ABORT, 'files are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER file_chunks_stay BEFORE UPDATE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'files are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER file_chunks_kept BEFORE DELETE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'files are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER answer_revisions_stay BEFORE UPDATE ON answer_revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER answer_revisions_kept BEFORE DELETE ON answer_revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER answer_citations_stay BEFORE UPDATE ON answer_citations
BEGIN
    SELECT RAISE(ABORT, 'revisions are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER answer_citations_kept BEFORE DELETE ON answer_citations
BEGIN
    SELECT RAISE(ABORT, 'revisions are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'decisions are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_kept BEFORE DELETE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'decisions are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER comments_stay BEFORE UPDATE ON comments
BEGIN
    SELECT RAISE(ABORT, 'comments are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER comments_kept BEFORE DELETE ON comments
BEGIN
    SELECT RAISE(ABORT, 'comments are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER comment_removals_stay BEFORE UPDATE ON comment_removals
BEGIN
    SELECT RAISE(ABORT, 'comments are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER comment_removals_kept BEFORE DELETE ON comment_removals
BEGIN
    SELECT RAISE(ABORT, 'comments are never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER exports_stay BEFORE UPDATE ON exports
BEGIN
    SELECT RAISE(ABORT, 'what went out is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER exports_kept BEFORE DELETE ON exports
BEGIN
    SELECT RAISE(ABORT, 'what went out is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER questions_stay BEFORE UPDATE ON questions
BEGIN
    SELECT RAISE(ABORT, 'questions are never changed, only replaced');
END;
-- +goose StatementEnd
