-- What a program with these tables left: entries in versions, a control, a layout.

INSERT INTO workspaces (id, created_at) VALUES
    ('old', 1795675414290);

INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section, tags, owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at) VALUES
    ('old', '01a21698-5f12-7814-a2ca-3f74d0982294', 1, 'Is customer data encrypted at rest?', 'yes', '', 'Disks are encrypted.', '', 'Encryption', '["crypto"]', 'security', 1772323200000, 'past.csv', 'E-1', 1, 'row 2', 1795675414290),
    ('old', '01a21698-5f12-7814-a2ca-3f74d0982294', 2, 'Is customer data encrypted at rest?', 'yes', '', 'Databases and disks are encrypted with AES-256.', '', 'Encryption', '["crypto"]', 'security', 1772323200000, 'past.csv', 'E-1', 1, 'row 2', 1795675414291);

INSERT INTO entries (workspace_id, id, version, key_hash) VALUES
    ('old', '01a21698-5f12-7814-a2ca-3f74d0982294', 2, '0b26c2c7e4a9738c85778e9d637cc6c7e5455a40d25cfca7b079eff3463705ff');

INSERT INTO control_versions (workspace_id, id, version, ref, domain, title, description, criteria, owner, frequency, status, source_file, source_ref, source_nth, source_place, created_at) VALUES
    ('old', '01a21698-5f14-741d-b399-941542d33c9b', 1, 'CR-01', 'Cryptography', 'Encryption at rest', 'Storage is encrypted.', '["CC6.1"]', 'security', 'continuous', 'implemented', 'controls.csv', 'CR-01', 1, 'row 2', 1795675414292);

INSERT INTO controls (workspace_id, id, version, ref_hash) VALUES
    ('old', '01a21698-5f14-741d-b399-941542d33c9b', 1, 'd28263c0ea81652bfecb6c2143a422a9e7142c77030a99255f0e8881f21befe8');

INSERT INTO layouts (workspace_id, shape, layout, updated_at) VALUES
    ('old', 'shape-1', '{"format":"csv","shape":"shape-1","sheets":[{"name":"Sheet1"}]}', 1795675414293);

INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at) VALUES
    ('old', 'entry', '01a21698-5f12-7814-a2ca-3f74d0982294', 0, 1795675414290),
    ('old', 'entry', '01a21698-5f12-7814-a2ca-3f74d0982294', 0, 1795675414291),
    ('old', 'control', '01a21698-5f14-741d-b399-941542d33c9b', 0, 1795675414292);
