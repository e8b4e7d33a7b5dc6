-- Tickets that were not used yet, each with the identity of whoever made it. They open a stream once, also by another
-- daemon than the one that made them, and after a restart. Only digests are kept: who reads the store can use none.
CREATE TABLE tickets (
  digest           TEXT PRIMARY KEY,  -- SHA-256 of the ticket, in hex
  tenant_id        TEXT NOT NULL,
  env              TEXT NOT NULL,
  path             TEXT NOT NULL,     -- of the one stream that it opens
  user_id          TEXT NOT NULL,
  actor_type       TEXT NOT NULL,
  token_id         TEXT NOT NULL,
  vouched_by       TEXT NOT NULL,     -- the key behind the token
  tenants          TEXT,              -- how the token is narrowed, as in tokens
  envs             TEXT,
  role             TEXT,
  token_expires_at INTEGER NOT NULL,  -- 0: never
  reason           TEXT NOT NULL,     -- of the system token
  until            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_by_user ON tickets (user_id, until);
CREATE INDEX tickets_by_until ON tickets (until);
