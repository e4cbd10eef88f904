-- Whether approved answers are proposed to the library. They are where nobody
-- has said otherwise.

-- +goose Up
ALTER TABLE settings_versions ADD COLUMN propose INTEGER NOT NULL DEFAULT 1 CHECK (propose IN (0, 1));
