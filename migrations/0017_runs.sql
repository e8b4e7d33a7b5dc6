-- Runs: what belongs together, started and finished by a client, or derived from a trace (kind 'trace', run_id the
-- trace id; always completed, up to its last act). Counted as events come, so that a list need not look at them.
CREATE TABLE runs (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  run_id       TEXT NOT NULL,
  kind         TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'cancelled')),
  metadata     TEXT NOT NULL,         -- JSON object, as clients sent it
  start_time   INTEGER NOT NULL,
  end_time     INTEGER,
  events_count INTEGER NOT NULL DEFAULT 0,
  cards_count  INTEGER NOT NULL DEFAULT 0,
  atoms_count  INTEGER NOT NULL DEFAULT 0,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, run_id),
  CHECK ((end_time IS NULL) = (status = 'running'))
) STRICT;
CREATE INDEX runs_by_time ON runs (tenant_id, env, start_time, run_id);
CREATE INDEX runs_by_kind ON runs (tenant_id, env, kind, start_time, run_id);

CREATE TABLE run_event_types (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  run_id     TEXT NOT NULL,
  event_type TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, run_id, event_type)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_run ON events (tenant_id, env, run_id, seq) WHERE run_id IS NOT NULL;
