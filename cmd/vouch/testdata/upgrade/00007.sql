-- A user who is admin, a token and an invitation.

INSERT INTO users (id, email, name, disabled, password, subject, created_at) VALUES
    ('01a21698-5f6e-7a91-adbc-eb43a119086f', 'ada@example.com', 'Ada', 0, '$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA', NULL, 1795675414382);

INSERT INTO members (workspace_id, user_id, role, since) VALUES
    ('new', '01a21698-5f6e-7a91-adbc-eb43a119086f', 'admin', 1795675414383);

INSERT INTO tokens (workspace_id, id, user_id, secret_hash, name, scopes, role, created_at, expires_at, used_at, revoked_at) VALUES
    ('new', '01a21698-5f70-7095-9c25-fd54ec26f543', '01a21698-5f6e-7a91-adbc-eb43a119086f', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'ci', '["read"]', 'viewer', 1772323200000, 1803859200000, NULL, NULL);

INSERT INTO invitations (workspace_id, id, secret_hash, email, role, invited_by, created_at, expires_at, closed_at, user_id) VALUES
    ('new', '01a21698-5f70-7bbd-8121-51fb20d36070', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'bob@example.com', 'reviewer', '01a21698-5f6e-7a91-adbc-eb43a119086f', 1772323200000, 1803859200000, NULL, NULL);

INSERT INTO audit_events (workspace_id, seq, at, actor, origin, action, object, before_hash, after_hash, prev, hash) VALUES
    ('new', 7, 1795675414383, 'os:op', 'command line', 'added', 'user:01a21698-5f6e-7a91-adbc-eb43a119086f', '', '519f9fd7176b260b3741815053d2cbdab0cba8954536f3c6ba7b70ebd2dcc130', 'd0641c8aa777d05e79e9602073255cd669a604d8cb5a8d70405e2c2f65f52f10', '328bb1e17e4a8a1d532bdf29a5eb0a74ec5ee1eb74c978e81d8f61502d6d23c5'),
    ('new', 8, 1795675414383, 'os:op', 'command line', 'added', 'member:01a21698-5f6e-7a91-adbc-eb43a119086f', '', '95977f22ebb19216d4bf5e715170c1712f5c5eb34b936ed4c4c9cffb5ffe0512', '328bb1e17e4a8a1d532bdf29a5eb0a74ec5ee1eb74c978e81d8f61502d6d23c5', 'a959d6522c41cad31de5a86f95ba52100ba172c8377597c8330d9d5b3d64572e'),
    ('new', 9, 1795675414384, 'os:op', 'command line', 'added', 'token:01a21698-5f70-7095-9c25-fd54ec26f543', '', '2f62544811c06c81d118ad7b1e48a4e8104a223dc7c862c483a256833a38bdff', 'a959d6522c41cad31de5a86f95ba52100ba172c8377597c8330d9d5b3d64572e', '04895f3fe60b2aee908486ff6ad5a926655b1bf48da3f0dbe1af6891a6921d3d'),
    ('new', 10, 1795675414384, 'os:op', 'command line', 'added', 'invitation:01a21698-5f70-7bbd-8121-51fb20d36070', '', '4cb5c41b4617706739eccc22845596f1e913938d6837a9d078a7eb53fc6b0214', '04895f3fe60b2aee908486ff6ad5a926655b1bf48da3f0dbe1af6891a6921d3d', '1fda7630de82eb8efd77bcf4a9b23a8bff736a4d5e9decb1b63b71f24743af67');
