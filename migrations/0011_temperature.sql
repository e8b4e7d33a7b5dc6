-- Temperature: what was set of a surface, its bounds and weights one a row (so that the gate parses nothing), and
-- snapshots for plots.
CREATE TABLE temperature_configs (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  surface      TEXT NOT NULL,
  floors_set   INTEGER NOT NULL,       -- whether they were ever put, if only as an empty map
  ceilings_set INTEGER NOT NULL,
  weights_set  INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  updated_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, surface)
) STRICT, WITHOUT ROWID;

CREATE TABLE temperature_bounds (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  surface   TEXT NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('performance_floor', 'cadence_floor', 'ceiling', 'weight')),
  metric    TEXT NOT NULL,
  value     REAL NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, kind, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE temperature_snapshots (
  tenant_id         TEXT NOT NULL,
  env               TEXT NOT NULL,
  snapshot_id       TEXT NOT NULL,
  surface           TEXT NOT NULL,
  value             REAL NOT NULL,
  floors_breached   TEXT NOT NULL,     -- JSON array
  ceilings_breached TEXT NOT NULL,     -- JSON array
  raw_metrics       TEXT NOT NULL,     -- JSON object
  window_start      INTEGER NOT NULL,
  window_end        INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  created_by        TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, snapshot_id)
) STRICT;
CREATE INDEX temperature_snapshots_by_surface ON temperature_snapshots (tenant_id, env, surface, snapshot_id);
