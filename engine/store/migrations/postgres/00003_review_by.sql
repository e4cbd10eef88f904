-- The day by which an entry must be reviewed again, chosen by its owner. No
-- version that was there before has one.

-- +goose Up
ALTER TABLE entry_versions ADD COLUMN review_by BIGINT;
