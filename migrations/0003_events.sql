-- Events: everything that streams and activity lists show, in one sequence per tenant and env, dense from 1, taken in
-- the transaction of what the event describes.
CREATE TABLE event_heads (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  event_id   TEXT NOT NULL,
  surface    TEXT NOT NULL,
  agent_id   TEXT,
  actor_id   TEXT NOT NULL,
  actor_type TEXT NOT NULL,
  event_type TEXT NOT NULL,
  asset_type TEXT,
  asset_id   TEXT,
  thread_id  TEXT,                     -- chat messages alone
  input      TEXT NOT NULL,            -- JSON
  output     TEXT NOT NULL,            -- JSON
  metadata   TEXT NOT NULL,            -- JSON
  pii_flags  TEXT NOT NULL,            -- JSON array
  train_ok   INTEGER NOT NULL,
  trace_id   TEXT NOT NULL,
  request_id TEXT NOT NULL,
  run_id     TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE (tenant_id, env, seq)
) STRICT;
