-- What the gates may remember, and what is left of deleted objects.
--
-- A mark stands for the state of what the gates read of one tenant and env: each change of that state draws a new one,
-- at random, so that no two states ever share a mark, not even when one of them was rolled back. Who finds the mark he
-- saw before may use what he read under it. kind 'configuration': the tables of the triggers below, which no change
-- can pass; 'measures': the rollups, marked by who adds to them. No row: nothing was ever written.
-- (The triggers delete and insert: a conflict clause of theirs would yield to that of the statement that fires them.)
CREATE TABLE gate_marks (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('configuration', 'measures')),
  mark      INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO gate_marks (tenant_id, env, kind, mark)
  SELECT tenant_id, env, 'configuration', random() FROM (
    SELECT tenant_id, env FROM kill_switches
    UNION SELECT tenant_id, env FROM firearms_licences
    UNION SELECT tenant_id, env FROM dangerous_actions
    UNION SELECT tenant_id, env FROM strategy_locks
    UNION SELECT tenant_id, env FROM three_wise_opinions
    UNION SELECT tenant_id, env FROM budget_policies
    UNION SELECT tenant_id, env FROM kpi_definitions
    UNION SELECT tenant_id, env FROM kpi_corridors
    UNION SELECT tenant_id, env FROM temperature_bounds);
INSERT INTO gate_marks (tenant_id, env, kind, mark)
  SELECT tenant_id, env, 'measures', random() FROM (
    SELECT tenant_id, env FROM budget_rollups
    UNION SELECT tenant_id, env FROM metric_rollups);

CREATE TRIGGER kill_switches_insert_marked AFTER INSERT ON kill_switches BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kill_switches_update_marked AFTER UPDATE ON kill_switches BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kill_switches_delete_marked AFTER DELETE ON kill_switches BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER firearms_licences_insert_marked AFTER INSERT ON firearms_licences BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER firearms_licences_update_marked AFTER UPDATE ON firearms_licences BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER firearms_licences_delete_marked AFTER DELETE ON firearms_licences BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER dangerous_actions_insert_marked AFTER INSERT ON dangerous_actions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER dangerous_actions_update_marked AFTER UPDATE ON dangerous_actions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER dangerous_actions_delete_marked AFTER DELETE ON dangerous_actions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER strategy_locks_insert_marked AFTER INSERT ON strategy_locks BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER strategy_locks_update_marked AFTER UPDATE ON strategy_locks BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER strategy_locks_delete_marked AFTER DELETE ON strategy_locks BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER three_wise_opinions_insert_marked AFTER INSERT ON three_wise_opinions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER three_wise_opinions_update_marked AFTER UPDATE ON three_wise_opinions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER three_wise_opinions_delete_marked AFTER DELETE ON three_wise_opinions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER budget_policies_insert_marked AFTER INSERT ON budget_policies BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER budget_policies_update_marked AFTER UPDATE ON budget_policies BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER budget_policies_delete_marked AFTER DELETE ON budget_policies BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER kpi_definitions_insert_marked AFTER INSERT ON kpi_definitions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kpi_definitions_update_marked AFTER UPDATE ON kpi_definitions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kpi_definitions_delete_marked AFTER DELETE ON kpi_definitions BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER kpi_corridors_insert_marked AFTER INSERT ON kpi_corridors BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kpi_corridors_update_marked AFTER UPDATE ON kpi_corridors BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kpi_corridors_delete_marked AFTER DELETE ON kpi_corridors BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

CREATE TRIGGER temperature_bounds_insert_marked AFTER INSERT ON temperature_bounds BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER temperature_bounds_update_marked AFTER UPDATE ON temperature_bounds BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER temperature_bounds_delete_marked AFTER DELETE ON temperature_bounds BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;

-- A deleted asset's object goes after the commit. When the daemon ended before, or a form that was still open brought
-- it back, sweeps of the tombstone take it: one when the forms are over, and a last one, for an upload that took long.
ALTER TABLE raw_assets ADD COLUMN sweeps INTEGER NOT NULL DEFAULT 0;
CREATE INDEX raw_assets_tombstones ON raw_assets (sweeps, deleted_at) WHERE deleted_at IS NOT NULL AND sweeps < 2;
