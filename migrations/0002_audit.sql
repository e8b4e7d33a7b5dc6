-- The audit log: one hash chain per tenant and env, dense from 1. `body` is the exact canonical text that was hashed;
-- at, action, actor, result and trace_id repeat parts of it for queries and are never read back into a proof.
CREATE TABLE audit_heads (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  hash      TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_rows (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  action    TEXT NOT NULL,
  actor     TEXT NOT NULL,
  result    TEXT NOT NULL CHECK (result IN ('PASS', 'BLOCK')),
  trace_id  TEXT NOT NULL,
  body      TEXT NOT NULL,
  details   TEXT,
  prev_hash TEXT NOT NULL,
  hash      TEXT NOT NULL,
  UNIQUE (tenant_id, env, seq)
) STRICT;
