-- An entry that says who may have it, and a proposal.

INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section, tags, owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at, review_by, visibility, products, language) VALUES
    ('new', '01a21698-5fc1-706e-83e7-bcd2f7f6e3cc', 1, 'Do you publish a security page?', 'yes', '', 'At example.com/security.', '', '', '[]', '', 1772323200000, '', '', 0, '', 1795675414465, NULL, 'public', '["Cloud"]', 'en');

INSERT INTO entries (workspace_id, id, version, key_hash) VALUES
    ('new', '01a21698-5fc1-706e-83e7-bcd2f7f6e3cc', 1, '1c3d87d71d315d7f1f8b88359df2f270e66da78b83b721a0ee337eb4d6782982');

INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at) VALUES
    ('new', 'entry', '01a21698-5fc1-706e-83e7-bcd2f7f6e3cc', 0, 1795675414465);

INSERT INTO entry_proposals (workspace_id, id, kind, entry_id, entry_version, proposed, questionnaire, question, proposed_by, proposed_at, state, decided_by, decided_at, note, result_id, result_version, said_hash) VALUES
    ('new', '01a21698-5fc1-7ddb-b067-b5f01d2e5f2d', 'new', '', 0, '{"id":"","version":0,"question":"Is there a disaster recovery plan?","verdict":"yes","text":"Tested twice a year.","source":{"file":""}}', '01a21698-5f8b-7949-aa95-50dee752e07a', '1', 'os:op', 1795675414465, 'open', '', NULL, '', '', 0, '0a9cad7bb5de274977347c81fc84398c7acbdb3d098afd12cc1178b65da038e5');

INSERT INTO audit_events (workspace_id, seq, at, actor, origin, action, object, before_hash, after_hash, prev, hash) VALUES
    ('new', 15, 1795675414465, 'os:op', 'command line', 'added', 'entry:01a21698-5fc1-706e-83e7-bcd2f7f6e3cc', '', 'd3eef637ec5ced6b0d257ac798021256e45be66e24ebea05ec69ee27a843fd3e', 'f5ef2e9589c1c0e4e2e8cd8b024973ce12de676d4054000d9b718383fc5fe569', '0388351e94814da08654f4e68b63d77be6a8a0bc0166765af27ddde096e875e7'),
    ('new', 16, 1795675414466, 'os:op', 'command line', 'added', 'proposal:01a21698-5fc1-7ddb-b067-b5f01d2e5f2d', '', '1be16ef2fe48e544e53293b1ecae4da2f473d42b57ba3ff9987418d9f4f15405', '0388351e94814da08654f4e68b63d77be6a8a0bc0166765af27ddde096e875e7', '6e6e92da122f32212d5adf2ade7afcbab13fa881153bc02f6c39f559b4365346');
