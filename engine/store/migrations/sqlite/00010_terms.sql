-- Nothing. On PostgreSQL the terms of passages are tables, so that any number of
-- processes can search; one process that has a SQLite file keeps them in a search
-- index beside it. The number is taken so that both databases have the same.

-- +goose Up
SELECT 1;
