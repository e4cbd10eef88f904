-- An entry with a day to review it by.

INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section, tags, owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at, review_by) VALUES
    ('old', '01a21698-5f23-7343-9f91-86839560de35', 1, 'Are penetration tests performed every year?', 'yes', '', 'An outside firm tests every year.', '', '', '[]', '', 1772323200000, 'past.csv', 'E-2', 1, 'row 3', 1795675414307, 1803859200000);

INSERT INTO entries (workspace_id, id, version, key_hash) VALUES
    ('old', '01a21698-5f23-7343-9f91-86839560de35', 1, 'bf207a01a217f1d48966d950f643909be048b408f993d503181d8316690a89a0');

INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at) VALUES
    ('old', 'entry', '01a21698-5f23-7343-9f91-86839560de35', 0, 1795675414307);
