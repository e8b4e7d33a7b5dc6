-- A record of usage, or of a KPI, that was a mistake is voided: its row stays and its id stays taken, and no rollup
-- counts it. NULL: it counts.
ALTER TABLE usage_events ADD COLUMN voided_at INTEGER;
ALTER TABLE usage_events ADD COLUMN voided_by TEXT;
ALTER TABLE usage_events ADD COLUMN void_reason TEXT;
ALTER TABLE kpi_observations ADD COLUMN voided_at INTEGER;
ALTER TABLE kpi_observations ADD COLUMN voided_by TEXT;
ALTER TABLE kpi_observations ADD COLUMN void_reason TEXT;

-- The observations of a day, from which its rollups are made anew.
CREATE INDEX kpi_observations_by_time ON kpi_observations (tenant_id, env, kpi_name, observed_at, observation_id);
