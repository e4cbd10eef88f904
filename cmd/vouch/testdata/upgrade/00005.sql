-- A workspace with an audit log from its first change on.

INSERT INTO workspaces (id, created_at) VALUES
    ('new', 1795675414328);

INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section, tags, owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at, review_by) VALUES
    ('new', '01a21698-5f39-705e-b0b7-e77a77ea76bf', 1, 'Is multi-factor authentication required for administrators?', 'yes', '', 'Administrators sign in with a hardware key.', '', '', '[]', '', 1772323200000, 'past.csv', 'E-3', 1, 'row 4', 1795675414329, 1803859200000);

INSERT INTO entries (workspace_id, id, version, key_hash) VALUES
    ('new', '01a21698-5f39-705e-b0b7-e77a77ea76bf', 1, '95b08d753cd45a68b98e6a0eca7be2898da33ab499ad7ae1afb80f61e184303f');

INSERT INTO control_versions (workspace_id, id, version, ref, domain, title, description, criteria, owner, frequency, status, source_file, source_ref, source_nth, source_place, created_at, planned) VALUES
    ('new', '01a21698-5f39-7c22-a40a-397c99ed1fae', 1, 'AC-02', '', 'Strong authentication', 'Administrators use hardware keys.', '["CC6.1"]', '', '', '', '', '', 0, '', 1795675414329, '');

INSERT INTO controls (workspace_id, id, version, ref_hash) VALUES
    ('new', '01a21698-5f39-7c22-a40a-397c99ed1fae', 1, '63958876c6748c804ef07612fb9f39b0bd385afd4139b2c477e2a5f70e13a12e');

INSERT INTO tunings (workspace_id, lexicon, calibration, updated_at) VALUES
    ('new', 'mfa: hardware key', NULL, 1795675414330);

INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at) VALUES
    ('new', 'entry', '01a21698-5f39-705e-b0b7-e77a77ea76bf', 0, 1795675414329),
    ('new', 'control', '01a21698-5f39-7c22-a40a-397c99ed1fae', 0, 1795675414329),
    ('new', 'tuning', '', 0, 1795675414330),
    ('new', 'entry', '01a21698-5f39-705e-b0b7-e77a77ea76bf', 0, 1795675414330),
    ('new', 'control', '01a21698-5f39-7c22-a40a-397c99ed1fae', 0, 1795675414330);

INSERT INTO register_versions (workspace_id, version, register, created_at) VALUES
    ('new', 1, '{"reports":null,"controls":null,"evidence":null}', 1795675414331);

INSERT INTO commitments (workspace_id, id, customer, sent_at, questionnaire, ref, question, verdict, answer, explanation, controls, said_hash, created_at) VALUES
    ('new', '01a21698-5f3b-7955-a3de-5261bb8461ec', 'Vela Retail', -62135596800000, '', '', 'Is data encrypted?', 'yes', '', '', '[]', '48ac8c0bdfad38fced7d57d497259ed506108ef4f52f85d1c97d0f4060abb20b', 1795675414331);

INSERT INTO audit_events (workspace_id, seq, at, actor, origin, action, object, before_hash, after_hash, prev, hash) VALUES
    ('new', 1, 1795675414329, 'os:op', 'command line', 'added', 'entry:01a21698-5f39-705e-b0b7-e77a77ea76bf', '', 'b1268104d04887b9631e4b30f55f8aef9e009e562ef3e6b0bf17e43382103af3', '', '86e0726af2e3e65193c42380339bf0724e460645f62feaf69ad1474a3d931aac'),
    ('new', 2, 1795675414329, 'os:op', 'command line', 'added', 'control:01a21698-5f39-7c22-a40a-397c99ed1fae', '', '04f9eb4ffce848520f0d1b25a7571a65443cfacd7d10d86b0d186f16fb579184', '86e0726af2e3e65193c42380339bf0724e460645f62feaf69ad1474a3d931aac', '50462897aec9a79a2b328ee30a8618ea38c13db46f503d000d958a5afbdad07e'),
    ('new', 3, 1795675414330, 'os:op', 'command line', 'added', 'lexicon', '', '336f058939c426fe74fa0a261d974c0a61092119808c1911f6db4aa47471c3d4', '50462897aec9a79a2b328ee30a8618ea38c13db46f503d000d958a5afbdad07e', 'dac930db29a70bb8cf2ac0267a4b2822f8455d0b1319a2bf2cb5b742d26c9dfe'),
    ('new', 4, 1795675414331, 'os:op', 'command line', 'added', 'register', '', '95198c18102e56c7748c5e1fa7c020a7cae81ed610aa64bcdcbbdc0f869b1843', 'dac930db29a70bb8cf2ac0267a4b2822f8455d0b1319a2bf2cb5b742d26c9dfe', 'e1090845f6e28511a23b74749baaa694156d9483ab1dcf109737f4cb045a42e7'),
    ('new', 5, 1795675414331, 'os:op', 'command line', 'added', 'commitment:01a21698-5f3b-7955-a3de-5261bb8461ec', '', 'eceadcf74ae6f9480116f390b7c0be70ca826fee340d9ee0d9efdd226ae0930c', 'e1090845f6e28511a23b74749baaa694156d9483ab1dcf109737f4cb045a42e7', '08a518ada99ebb7a2974f522b0d4fb6aa0cc45b6f16ad6e9149ec5982ee957ca');
