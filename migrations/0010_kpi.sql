-- KPI definitions, corridors and observations; and metric rollups: per hour and per day, per surface and for '*', of
-- observations (source 'kpi') and of numeric metadata of usage events (source 'usage').
CREATE TABLE kpi_definitions (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  name       TEXT NOT NULL,
  surface    TEXT,                     -- of observations that name none
  unit       TEXT,
  aggregate  TEXT NOT NULL CHECK (aggregate IN ('sum', 'mean', 'last')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE kpi_corridors (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  surface      TEXT NOT NULL,          -- '*' is of all surfaces
  kpi_name     TEXT NOT NULL,
  floor        REAL,
  ceiling      REAL,
  window_days  INTEGER NOT NULL,
  require_data INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  updated_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, kpi_name),
  FOREIGN KEY (tenant_id, env, kpi_name) REFERENCES kpi_definitions (tenant_id, env, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE kpi_observations (
  tenant_id      TEXT NOT NULL,
  env            TEXT NOT NULL,
  observation_id TEXT NOT NULL,
  kpi_name       TEXT NOT NULL,
  surface        TEXT,
  value          REAL NOT NULL,
  observed_at    INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  created_by     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, observation_id)
) STRICT;

CREATE TABLE metric_rollups (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  surface   TEXT NOT NULL,
  source    TEXT NOT NULL CHECK (source IN ('kpi', 'usage')),
  metric    TEXT NOT NULL,
  span      TEXT NOT NULL CHECK (span IN ('hour', 'day')),
  start     INTEGER NOT NULL,
  sum       REAL NOT NULL,
  count     INTEGER NOT NULL,
  last      REAL NOT NULL,
  last_at   INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, source, metric, span, start)
) STRICT, WITHOUT ROWID;
