-- What goes after a time is found by that time, so that housekeeping never looks through what stays.
CREATE INDEX tokens_by_end ON tokens (expires_at);
CREATE INDEX denied_tokens_by_end ON denied_tokens (until);
CREATE INDEX runs_of_traces ON runs (end_time) WHERE kind = 'trace';
CREATE INDEX raw_assets_buried ON raw_assets (deleted_at) WHERE deleted_at IS NOT NULL AND sweeps = 2;
CREATE INDEX media_assets_buried ON media_assets (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX cards_buried ON cards (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX maybes_buried ON maybes (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX memory_sessions_buried ON memory_sessions (deleted_at) WHERE deleted_at IS NOT NULL AND turns_count = 0;
CREATE INDEX pending_objects_by_age ON pending_objects (noted_at);

-- Stored answers go by tenant: those past their time, and the oldest of a tenant whose answers are too many bytes.
DROP INDEX idempotency_keys_by_age;
CREATE INDEX idempotency_keys_by_tenant ON idempotency_keys (tenant_id, created_at);

-- How many bytes the stored answers of a tenant take: what was answered, and 512 for the rest of the row. tenant_id '':
-- those without a tenant.
CREATE TABLE stored_answer_bytes (
  tenant_id TEXT NOT NULL,
  bytes     INTEGER NOT NULL,
  PRIMARY KEY (tenant_id)
) STRICT, WITHOUT ROWID;
INSERT INTO stored_answer_bytes (tenant_id, bytes)
  SELECT tenant_id, sum(512 + length(CAST(headers AS BLOB)) + length(CAST(body AS BLOB)))
    FROM idempotency_keys GROUP BY tenant_id;
CREATE TRIGGER idempotency_keys_insert_counted AFTER INSERT ON idempotency_keys BEGIN
  INSERT INTO stored_answer_bytes (tenant_id, bytes) SELECT NEW.tenant_id, 0
    WHERE NOT EXISTS (SELECT 1 FROM stored_answer_bytes WHERE tenant_id = NEW.tenant_id);
  UPDATE stored_answer_bytes
     SET bytes = bytes + 512 + length(CAST(NEW.headers AS BLOB)) + length(CAST(NEW.body AS BLOB))
   WHERE tenant_id = NEW.tenant_id;
END;
CREATE TRIGGER idempotency_keys_update_counted AFTER UPDATE OF headers, body ON idempotency_keys BEGIN
  UPDATE stored_answer_bytes
     SET bytes = bytes + length(CAST(NEW.headers AS BLOB)) + length(CAST(NEW.body AS BLOB))
                       - length(CAST(OLD.headers AS BLOB)) - length(CAST(OLD.body AS BLOB))
   WHERE tenant_id = NEW.tenant_id;
END;
CREATE TRIGGER idempotency_keys_delete_counted AFTER DELETE ON idempotency_keys BEGIN
  UPDATE stored_answer_bytes
     SET bytes = bytes - 512 - length(CAST(OLD.headers AS BLOB)) - length(CAST(OLD.body AS BLOB))
   WHERE tenant_id = OLD.tenant_id;
END;
