-- A reply that is kept.

INSERT INTO kept_replies (workspace_id, caller, request_key, request_hash, status, header, body, kept_at) VALUES
    ('new', 'user:x', 'k', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', 201, '{}', '{}', 1795675414536);
