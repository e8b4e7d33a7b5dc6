-- The bytes of stored answers are counted by tenant and env, so that writers of different envs change no row together.
-- The sums of a tenant stay what they were.
DROP TRIGGER idempotency_keys_insert_counted;
DROP TRIGGER idempotency_keys_update_counted;
DROP TRIGGER idempotency_keys_delete_counted;
DROP TABLE stored_answer_bytes;

-- What was answered, and 512 for the rest of the row. tenant_id '' and env '': those without a tenant.
CREATE TABLE stored_answer_bytes (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  bytes     INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;
INSERT INTO stored_answer_bytes (tenant_id, env, bytes)
  SELECT tenant_id, env, sum(512 + length(CAST(headers AS BLOB)) + length(CAST(body AS BLOB)))
    FROM idempotency_keys GROUP BY tenant_id, env;
CREATE TRIGGER idempotency_keys_insert_counted AFTER INSERT ON idempotency_keys BEGIN
  INSERT INTO stored_answer_bytes (tenant_id, env, bytes) SELECT NEW.tenant_id, NEW.env, 0
    WHERE NOT EXISTS (SELECT 1 FROM stored_answer_bytes WHERE tenant_id = NEW.tenant_id AND env = NEW.env);
  UPDATE stored_answer_bytes
     SET bytes = bytes + 512 + length(CAST(NEW.headers AS BLOB)) + length(CAST(NEW.body AS BLOB))
   WHERE tenant_id = NEW.tenant_id AND env = NEW.env;
END;
CREATE TRIGGER idempotency_keys_update_counted AFTER UPDATE OF headers, body ON idempotency_keys BEGIN
  UPDATE stored_answer_bytes
     SET bytes = bytes + length(CAST(NEW.headers AS BLOB)) + length(CAST(NEW.body AS BLOB))
                       - length(CAST(OLD.headers AS BLOB)) - length(CAST(OLD.body AS BLOB))
   WHERE tenant_id = NEW.tenant_id AND env = NEW.env;
END;
CREATE TRIGGER idempotency_keys_delete_counted AFTER DELETE ON idempotency_keys BEGIN
  UPDATE stored_answer_bytes
     SET bytes = bytes - 512 - length(CAST(OLD.headers AS BLOB)) - length(CAST(OLD.body AS BLOB))
   WHERE tenant_id = OLD.tenant_id AND env = OLD.env;
END;
