-- Settings, and a questionnaire with a draft.

INSERT INTO settings_versions (workspace_id, version, four_eyes, min_confidence, max_age_days, citations, created_at) VALUES
    ('new', 1, 1, 0.7, 730, 'none', 1795675414410);

INSERT INTO files (workspace_id, hash, size, created_at) VALUES
    ('new', 'eca80cb1227334283e9ef5b4084dee375a7f2a9ae293d5cd31148ae441e02b3b', 39, 1795675414411);

INSERT INTO file_chunks (workspace_id, hash, nth, bytes) VALUES
    ('new', 'eca80cb1227334283e9ef5b4084dee375a7f2a9ae293d5cd31148ae441e02b3b', 0, BYTES'49442c5175657374696f6e2c416e737765720a312c4973204d46412072657175697265643f2c0a');

INSERT INTO questionnaires (workspace_id, id, version, name, name_folded, format, file_hash, customer, deal, due_at, product, language, nda, public, state, created_at, created_by, questions, asks_hash, layout, appended, skipped) VALUES
    ('new', '01a21698-5f8b-7949-aa95-50dee752e07a', 1, 'asked.csv', 'asked.csv', 'csv', 'eca80cb1227334283e9ef5b4084dee375a7f2a9ae293d5cd31148ae441e02b3b', 'Vela Retail', '', 0, '', 'en', 0, 0, 'open', 1795675414411, 'user:01a21698-5f6e-7a91-adbc-eb43a119086f', 1, 'b521d8c4457ffc3e7135c3a5cfd03f71957ff46a936f0c7c77bce45673735022', '{"format":"csv","shape":"s","sheets":null}', '[]', '[]');

INSERT INTO answer_counts (workspace_id, questionnaire_id, n_unanswered, n_drafted, n_in_review, n_approved, n_gap, n_rejected, n_stale, n_left) VALUES
    ('new', '01a21698-5f8b-7949-aa95-50dee752e07a', 0, 1, 0, 0, 0, 0, 0, 0);

INSERT INTO questions (workspace_id, questionnaire_id, place, question) VALUES
    ('new', '01a21698-5f8b-7949-aa95-50dee752e07a', 1, '{"ref":"1","text":"Is MFA required?","locator":{"cells":null},"row":0,"parts":[{"kind":"text","locator":{"cells":null}}]}');

INSERT INTO answers (workspace_id, questionnaire_id, place, state, number, hash, assignee, due_at) VALUES
    ('new', '01a21698-5f8b-7949-aa95-50dee752e07a', 1, 'drafted', 1, 'cd9b9cafcae573d9cbd61f7fd9aeccae42608570e203995214036ffd4e266b1e', '', 0);

INSERT INTO answer_revisions (workspace_id, questionnaire_id, place, number, author, origin, confidence, blocked, hash, created_at, revision, gap, evidence) VALUES
    ('new', '01a21698-5f8b-7949-aa95-50dee752e07a', 1, 1, 'job:draft', 'reuse', 0.9, 0, 'cd9b9cafcae573d9cbd61f7fd9aeccae42608570e203995214036ffd4e266b1e', 1795675414412, '{"verdict":"yes","values":[],"text":"Yes.","citations":[],"confidence":0.9,"origin":"reuse"}', NULL, '[]');

INSERT INTO audit_events (workspace_id, seq, at, actor, origin, action, object, before_hash, after_hash, prev, hash) VALUES
    ('new', 11, 1795675414410, 'os:op', 'command line', 'added', 'settings', '', '70db547cf763b72e39490a43468cfdc44a51a834e97824fdbbba58c4e83796e0', '1fda7630de82eb8efd77bcf4a9b23a8bff736a4d5e9decb1b63b71f24743af67', '35d52689b26df5127dee13c77dc40211a2f1fa4e70e82b50982eac181dab4518'),
    ('new', 12, 1795675414411, 'os:op', 'command line', 'added', 'file:eca80cb1227334283e9ef5b4084dee375a7f2a9ae293d5cd31148ae441e02b3b', '', 'b9c276afa325251230510f799e2046d14487e5c4148922f99403f0e8a79fe8e5', '35d52689b26df5127dee13c77dc40211a2f1fa4e70e82b50982eac181dab4518', '90580d75c8eafe8ab2e99128884a93ef27c688dfa7ff33bd2fe4de0af692c439'),
    ('new', 13, 1795675414412, 'os:op', 'command line', 'added', 'questionnaire:01a21698-5f8b-7949-aa95-50dee752e07a', '', 'b37acedd1e31def85742e3e27520cac11fa22e2040a9e35258dc5498f1de63fd', '90580d75c8eafe8ab2e99128884a93ef27c688dfa7ff33bd2fe4de0af692c439', 'f8c769b70bfb2c21444b93fd2542dce2518350e99d7cf083cd26c3d4dc471c3b'),
    ('new', 14, 1795675414413, 'os:op', 'command line', 'added', 'answer:01a21698-5f8b-7949-aa95-50dee752e07a:1', '', 'c690f99821f8642d5f150c39c49c4532d15b08fff189eb48162587e6a47e264a', 'f8c769b70bfb2c21444b93fd2542dce2518350e99d7cf083cd26c3d4dc471c3b', 'f5ef2e9589c1c0e4e2e8cd8b024973ce12de676d4054000d9b718383fc5fe569');
