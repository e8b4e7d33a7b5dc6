-- Signed checkpoints of the audit chains (C2SP signed notes), and the compact range of each chain's Merkle tree (RFC
-- 6962), so that a checkpoint reads only the rows that are new. tenant_id '' is the note over all chains.
CREATE TABLE audit_checkpoints (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  size      INTEGER NOT NULL,
  at        INTEGER NOT NULL,          -- of the key, so before note: SQLite 3.40's quick_check misreads it otherwise
  note      TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, size, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_trees (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  size      INTEGER NOT NULL,
  range     TEXT NOT NULL,             -- JSON array of hex digests, from the largest subtree to the smallest
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_rows_by_action ON audit_rows (tenant_id, env, action, seq);
CREATE INDEX audit_rows_by_trace ON audit_rows (tenant_id, env, trace_id, seq);
CREATE INDEX events_by_type ON events (tenant_id, env, event_type, seq);
