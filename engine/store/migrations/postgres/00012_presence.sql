-- Who looks at which question now. It is over in half a minute, and dropped.

-- +goose Up
CREATE TABLE presence (
    workspace_id     TEXT COLLATE "C" NOT NULL,
    questionnaire_id TEXT COLLATE "C" NOT NULL,
    user_id          TEXT COLLATE "C" NOT NULL CHECK (user_id <> ''),
    place            BIGINT NOT NULL CHECK (place >= 1),
    seen_at          BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, questionnaire_id, user_id),
    FOREIGN KEY (workspace_id, questionnaire_id) REFERENCES questionnaires (workspace_id, id)
);

CREATE INDEX presence_by_time ON presence (workspace_id, seen_at);
