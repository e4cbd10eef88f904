-- A lexicon of its own.

INSERT INTO tunings (workspace_id, lexicon, calibration, updated_at) VALUES
    ('old', 'pentest: operation walrus', NULL, 1795675414299);

INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at) VALUES
    ('old', 'tuning', '', 0, 1795675414299),
    ('old', 'entry', '01a21698-5f12-7814-a2ca-3f74d0982294', 0, 1795675414299),
    ('old', 'control', '01a21698-5f14-741d-b399-941542d33c9b', 0, 1795675414300);
