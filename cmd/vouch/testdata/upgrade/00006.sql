-- A job that waits.

INSERT INTO jobs (workspace_id, id, kind, object, args, max_attempts, asked_by, created_at, state, cancelling, again, done, total, attempt, error, next_at, started_at, ended_at, token, leased_until, done_before) VALUES
    ('new', '01a21698-5f5c-7769-a96d-c29aa898dcd2', 'export', 'questionnaire:none', '', 5, 'os:op', 1795675414364, 'queued', 0, 0, 0, 0, 0, '', 1795675414364, NULL, NULL, '', 0, 0);

INSERT INTO audit_events (workspace_id, seq, at, actor, origin, action, object, before_hash, after_hash, prev, hash) VALUES
    ('new', 6, 1795675414364, 'os:op', 'command line', 'added', 'job:01a21698-5f5c-7769-a96d-c29aa898dcd2', '', '015547d70d84b79a57eb20e2b0efc5112b5effd682c30b2dad30fe4545b61b4e', '08a518ada99ebb7a2974f522b0d4fb6aa0cc45b6f16ad6e9149ec5982ee957ca', 'd0641c8aa777d05e79e9602073255cd669a604d8cb5a8d70405e2c2f65f52f10');
