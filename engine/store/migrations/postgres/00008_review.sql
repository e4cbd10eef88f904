-- Reviews: customers' files, questionnaires with their questions and answers,
-- every revision and decision, comments, exports, and the settings of each
-- workspace. Days and times are milliseconds UTC; a day that is not set is 0.

-- +goose Up
CREATE TABLE settings_versions (
    workspace_id   TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    version        BIGINT NOT NULL CHECK (version >= 1),
    four_eyes      BIGINT NOT NULL CHECK (four_eyes IN (0, 1)),
    min_confidence DOUBLE PRECISION NOT NULL CHECK (min_confidence BETWEEN 0 AND 1),
    max_age_days   BIGINT NOT NULL CHECK (max_age_days >= 0),
    citations      TEXT NOT NULL CHECK (citations <> ''),
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, version)
);

-- A file is named by the SHA-256 of its bytes, and cut into pieces of 1 MB.
CREATE TABLE files (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    hash         TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    size         BIGINT NOT NULL CHECK (size >= 1),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, hash)
);

CREATE TABLE file_chunks (
    workspace_id TEXT COLLATE "C" NOT NULL,
    hash         TEXT COLLATE "C" NOT NULL,
    nth          BIGINT NOT NULL CHECK (nth >= 0),
    bytes        BYTEA NOT NULL CHECK (length(bytes) >= 1),
    PRIMARY KEY (workspace_id, hash, nth),
    FOREIGN KEY (workspace_id, hash) REFERENCES files (workspace_id, hash)
);

-- name_folded is the name in lower case, to look for. asks_hash is the hash of
-- the questions.
CREATE TABLE questionnaires (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id           TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    version      BIGINT NOT NULL CHECK (version >= 1),
    name         TEXT NOT NULL CHECK (name <> ''),
    name_folded  TEXT NOT NULL,
    format       TEXT NOT NULL CHECK (format <> ''),
    file_hash    TEXT COLLATE "C" NOT NULL,
    customer     TEXT NOT NULL,
    deal         TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    product      TEXT NOT NULL,
    language     TEXT NOT NULL,
    nda          BIGINT NOT NULL CHECK (nda IN (0, 1)),
    public       BIGINT NOT NULL CHECK (public IN (0, 1)),
    state        TEXT NOT NULL CHECK (state IN ('open', 'withdrawn')),
    created_at   BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    questions    BIGINT NOT NULL CHECK (questions >= 1),
    asks_hash    TEXT NOT NULL CHECK (length(asks_hash) = 64),
    layout       TEXT NOT NULL CHECK (json_typeof(layout::json) = 'object'),
    appended     TEXT NOT NULL CHECK (json_typeof(appended::json) = 'array'),
    skipped      TEXT NOT NULL CHECK (json_typeof(skipped::json) = 'array'),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, file_hash) REFERENCES files (workspace_id, hash)
);

-- How many answers of a questionnaire are in each state. It is kept with each
-- change of an answer, so that lists need not count.
CREATE TABLE answer_counts (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    n_unanswered     BIGINT NOT NULL DEFAULT 0 CHECK (n_unanswered >= 0),
    n_drafted        BIGINT NOT NULL DEFAULT 0 CHECK (n_drafted >= 0),
    n_in_review      BIGINT NOT NULL DEFAULT 0 CHECK (n_in_review >= 0),
    n_approved       BIGINT NOT NULL DEFAULT 0 CHECK (n_approved >= 0),
    n_gap            BIGINT NOT NULL DEFAULT 0 CHECK (n_gap >= 0),
    n_rejected       BIGINT NOT NULL DEFAULT 0 CHECK (n_rejected >= 0),
    n_stale          BIGINT NOT NULL DEFAULT 0 CHECK (n_stale >= 0),
    n_left           BIGINT NOT NULL DEFAULT 0 CHECK (n_left >= 0),
    PRIMARY KEY (workspace_id, questionnaire_id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
);

CREATE TABLE questions (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    place            BIGINT NOT NULL CHECK (place >= 1),
    question         TEXT NOT NULL CHECK (json_typeof(question::json) = 'object'),
    PRIMARY KEY (workspace_id, questionnaire_id, place),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
);

-- The answer to each question as it is now. number and hash are of its current
-- revision, 0 and '' while there is none.
CREATE TABLE answers (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    place            BIGINT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('unanswered', 'drafted', 'in_review', 'approved', 'gap', 'rejected', 'stale', 'left')),
    number           BIGINT NOT NULL CHECK (number >= 0),
    hash             TEXT NOT NULL CHECK (length(hash) = CASE number WHEN 0 THEN 0 ELSE 64 END),
    assignee         TEXT COLLATE "C" NOT NULL,
    due_at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, questionnaire_id, place),
    FOREIGN KEY (workspace_id, questionnaire_id, place) REFERENCES questions (workspace_id, questionnaire_id, place)
);

CREATE INDEX answers_by_assignee ON answers (workspace_id, assignee) WHERE assignee <> '';

-- hash covers the revision and the one before it, and so all before.
CREATE TABLE answer_revisions (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    place            BIGINT NOT NULL,
    number           BIGINT NOT NULL CHECK (number >= 1),
    author           TEXT NOT NULL CHECK (author <> ''),
    origin           TEXT NOT NULL,
    confidence       DOUBLE PRECISION NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    blocked          BIGINT NOT NULL CHECK (blocked IN (0, 1)),
    hash             TEXT NOT NULL CHECK (length(hash) = 64),
    created_at       BIGINT NOT NULL,
    revision         TEXT CHECK (json_typeof(revision::json) = 'object'),
    gap              TEXT CHECK (json_typeof(gap::json) = 'object'),
    evidence         TEXT NOT NULL CHECK (json_typeof(evidence::json) = 'array'),
    PRIMARY KEY (workspace_id, questionnaire_id, place, number),
    FOREIGN KEY (workspace_id, questionnaire_id, place) REFERENCES answers (workspace_id, questionnaire_id, place),
    CHECK ((revision IS NULL) <> (gap IS NULL))
);

-- What each revision cites: which answers rest on an entry, a control, a report.
-- A report has no version, 0.
CREATE TABLE answer_citations (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    kind             TEXT COLLATE "C" NOT NULL CHECK (kind IN ('entry', 'control', 'report')),
    cited_id         TEXT COLLATE "C" NOT NULL CHECK (cited_id <> ''),
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    place            BIGINT NOT NULL,
    number           BIGINT NOT NULL,
    cited_version    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, kind, cited_id, questionnaire_id, place, number, cited_version),
    FOREIGN KEY (workspace_id, questionnaire_id, place, number) REFERENCES answer_revisions (workspace_id, questionnaire_id, place, number)
);

-- A decision that leaves an answer empty which has no revision is on revision 0.
CREATE TABLE decisions (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    place            BIGINT NOT NULL,
    id               TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    revision         BIGINT NOT NULL CHECK (revision >= 0),
    kind             TEXT NOT NULL CHECK (kind IN ('approve', 'reject', 'request_changes', 'leave', 'reopen')),
    note             TEXT NOT NULL,
    made_by          TEXT NOT NULL CHECK (made_by <> ''),
    bulk_id          TEXT COLLATE "C" NOT NULL CHECK (length(bulk_id) IN (0, 36)),
    created_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, questionnaire_id, place, id),
    FOREIGN KEY (workspace_id, questionnaire_id, place) REFERENCES answers (workspace_id, questionnaire_id, place)
);

CREATE INDEX decisions_by_bulk ON decisions (workspace_id, bulk_id) WHERE bulk_id <> '';

-- A comment on a questionnaire is at place 0.
CREATE TABLE comments (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    id               TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    place            BIGINT NOT NULL CHECK (place >= 0),
    body             TEXT NOT NULL CHECK (body <> ''),
    mentions         TEXT NOT NULL CHECK (json_typeof(mentions::json) = 'array'),
    made_by          TEXT NOT NULL CHECK (made_by <> ''),
    created_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
);

CREATE INDEX comments_by_answer ON comments (workspace_id, questionnaire_id, place);

CREATE TABLE comment_removals (
    workspace_id TEXT COLLATE "C" NOT NULL,
    comment_id   TEXT COLLATE "C" NOT NULL,
    removed_by   TEXT NOT NULL CHECK (removed_by <> ''),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, comment_id),
    FOREIGN KEY (workspace_id, comment_id) REFERENCES comments (workspace_id, id)
);

-- sent lists the revisions that went out, open_places what was left out.
CREATE TABLE exports (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    id               TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    made_by          TEXT NOT NULL CHECK (made_by <> ''),
    partial          BIGINT NOT NULL CHECK (partial IN (0, 1)),
    file_hash        TEXT NOT NULL CHECK (length(file_hash) = 64),
    sent             TEXT NOT NULL CHECK (json_typeof(sent::json) = 'array'),
    open_places      TEXT NOT NULL CHECK (json_typeof(open_places::json) = 'array'),
    created_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
);

CREATE INDEX exports_by_questionnaire ON exports (workspace_id, questionnaire_id);

CREATE TRIGGER settings_versions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON settings_versions
    EXECUTE FUNCTION refuse_change('settings are never changed nor deleted');

CREATE TRIGGER files_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON files
    EXECUTE FUNCTION refuse_change('files are never changed nor deleted');

CREATE TRIGGER file_chunks_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON file_chunks
    EXECUTE FUNCTION refuse_change('files are never changed nor deleted');

CREATE TRIGGER answer_revisions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON answer_revisions
    EXECUTE FUNCTION refuse_change('revisions are never changed nor deleted');

CREATE TRIGGER answer_citations_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON answer_citations
    EXECUTE FUNCTION refuse_change('revisions are never changed nor deleted');

CREATE TRIGGER decisions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
    EXECUTE FUNCTION refuse_change('decisions are never changed nor deleted');

CREATE TRIGGER comments_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON comments
    EXECUTE FUNCTION refuse_change('comments are never changed nor deleted');

CREATE TRIGGER comment_removals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON comment_removals
    EXECUTE FUNCTION refuse_change('comments are never changed nor deleted');

CREATE TRIGGER exports_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON exports
    EXECUTE FUNCTION refuse_change('what went out is never changed nor deleted');

CREATE TRIGGER questions_stay BEFORE UPDATE ON questions
    EXECUTE FUNCTION refuse_change('questions are never changed, only replaced');
