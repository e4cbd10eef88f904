-- A register, what a customer was told, and what was asked in vain.

INSERT INTO register_versions (workspace_id, version, register, created_at) VALUES
    ('old', 1, '{"reports":null,"controls":null,"evidence":null}', 1795675414317);

INSERT INTO commitments (workspace_id, id, customer, sent_at, questionnaire, ref, question, verdict, answer, explanation, controls, said_hash, created_at) VALUES
    ('old', '01a21698-5f2e-7453-b856-66e74ec319c7', 'Harbour Bank', -62135596800000, '', '', 'Is MFA required?', 'yes', '', '', '[]', '873d46d610f0463c3028da7e5e61849bd29524dbac38e5cbee1965003c695ed8', 1795675414318);

INSERT INTO askings (workspace_id, customer, questionnaire, nth, asked_at, question, reason, criteria) VALUES
    ('old', 'Harbour Bank', 'asked.xlsx', 0, -62135596800000, 'Do you have a bug bounty?', 'no_evidence', '[]');
