-- Kill switches by entry: each has its own reason and end, who set it, and since when. An entry without an end of its
-- own (`ends_with_document`) ends with its document, as all did before; without a reason, it has the document's.
-- kind 'user' stops all that a user does; 'autonomy' has no name.
CREATE TABLE kill_switch_entries (
  tenant_id          TEXT NOT NULL,
  env                TEXT NOT NULL,
  kind               TEXT NOT NULL CHECK (kind IN ('action', 'provider', 'autonomy', 'user')),
  name               TEXT NOT NULL,
  reason             TEXT,
  ends_with_document INTEGER NOT NULL,
  expires_at         INTEGER,           -- its own end; null beside ends_with_document = 0: it ends when it is lifted
  set_by             TEXT NOT NULL,
  since              INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, kind, name)
) STRICT, WITHOUT ROWID;

-- The documents of t_system held for t_system alone; from now on they hold for every tenant. Nobody meant that by what
-- stands in them: it is cleared, and kept in `meta` until the daemon has written the audit rows that say so.
INSERT INTO meta (key, value)
  SELECT 'kill_switches_cleared', documents FROM (
    SELECT json_group_object(env, json_object(
             'disable_providers', json(disable_providers),
             'disable_autonomy', json(CASE disable_autonomy WHEN 0 THEN 'false' ELSE 'true' END),
             'disabled_actions', json(disabled_actions),
             'reason', reason)) AS documents, count(*) AS held
      FROM kill_switches
     WHERE tenant_id = 't_system'
       AND (disable_providers <> '[]' OR disable_autonomy <> 0 OR disabled_actions <> '[]'))
   WHERE held > 0;
UPDATE kill_switches
   SET disable_providers = '[]', disable_autonomy = 0, disabled_actions = '[]', reason = NULL, expires_at = NULL,
       version = version + 1
 WHERE tenant_id = 't_system';

INSERT INTO kill_switch_entries (tenant_id, env, kind, name, ends_with_document, set_by, since)
  SELECT DISTINCT d.tenant_id, d.env, 'action', n.value, 1, d.updated_by, d.updated_at
    FROM kill_switches AS d, json_each(d.disabled_actions) AS n
  UNION ALL
  SELECT DISTINCT d.tenant_id, d.env, 'provider', n.value, 1, d.updated_by, d.updated_at
    FROM kill_switches AS d, json_each(d.disable_providers) AS n
  UNION ALL
  SELECT tenant_id, env, 'autonomy', '', 1, updated_by, updated_at FROM kill_switches WHERE disable_autonomy <> 0;

ALTER TABLE kill_switches DROP COLUMN disable_providers;
ALTER TABLE kill_switches DROP COLUMN disable_autonomy;
ALTER TABLE kill_switches DROP COLUMN disabled_actions;

CREATE TRIGGER kill_switch_entries_insert_marked AFTER INSERT ON kill_switch_entries BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kill_switch_entries_update_marked AFTER UPDATE ON kill_switch_entries BEGIN
  DELETE FROM gate_marks WHERE tenant_id = NEW.tenant_id AND env = NEW.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (NEW.tenant_id, NEW.env, 'configuration', random());
END;
CREATE TRIGGER kill_switch_entries_delete_marked AFTER DELETE ON kill_switch_entries BEGIN
  DELETE FROM gate_marks WHERE tenant_id = OLD.tenant_id AND env = OLD.env AND kind = 'configuration';
  INSERT INTO gate_marks VALUES (OLD.tenant_id, OLD.env, 'configuration', random());
END;
