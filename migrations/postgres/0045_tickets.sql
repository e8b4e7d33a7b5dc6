-- Tickets that were not used yet, each with the identity of whoever made it. They open a stream once, also by another
-- daemon than the one that made them, and after a restart. Only digests are kept: who reads the store can use none.
CREATE TABLE tickets (
  digest           TEXT COLLATE "C" PRIMARY KEY,  -- SHA-256 of the ticket, in hex
  tenant_id        TEXT COLLATE "C" NOT NULL,
  env              TEXT COLLATE "C" NOT NULL,
  path             TEXT COLLATE "C" NOT NULL,     -- of the one stream that it opens
  user_id          TEXT COLLATE "C" NOT NULL,
  actor_type       TEXT COLLATE "C" NOT NULL,
  token_id         TEXT COLLATE "C" NOT NULL,
  vouched_by       TEXT COLLATE "C" NOT NULL,     -- the key behind the token
  tenants          TEXT COLLATE "C",              -- how the token is narrowed, as in tokens
  envs             TEXT COLLATE "C",
  role             TEXT COLLATE "C",
  token_expires_at BIGINT NOT NULL,                -- 0: never
  reason           TEXT COLLATE "C" NOT NULL,     -- of the system token
  until            BIGINT NOT NULL
);
CREATE INDEX tickets_by_user ON tickets (user_id, until);
CREATE INDEX tickets_by_until ON tickets (until);
