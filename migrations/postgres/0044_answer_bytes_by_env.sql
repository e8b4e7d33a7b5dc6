-- The bytes of stored answers are counted by tenant and env, so that writers of different envs change no row together:
-- they would wait for each other, and for each other's other rows in any order. The sums of a tenant stay what they
-- were. tenant_id '' and env '': the answers without a tenant.
DROP TABLE stored_answer_bytes;
CREATE TABLE stored_answer_bytes (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  bytes     BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env)
) WITH (fillfactor = 50);
INSERT INTO stored_answer_bytes (tenant_id, env, bytes)
  SELECT tenant_id, env, sum(512 + octet_length(headers) + octet_length(body))
    FROM idempotency_keys GROUP BY tenant_id, env;

CREATE OR REPLACE FUNCTION count_stored_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tenant TEXT := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
  place  TEXT := CASE WHEN TG_OP = 'DELETE' THEN OLD.env ELSE NEW.env END;
  more   BIGINT := 0;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    more := more + 512 + octet_length(NEW.headers) + octet_length(NEW.body);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    more := more - 512 - octet_length(OLD.headers) - octet_length(OLD.body);
  END IF;
  INSERT INTO stored_answer_bytes AS sums (tenant_id, env, bytes) VALUES (tenant, place, more)
    ON CONFLICT (tenant_id, env) DO UPDATE SET bytes = sums.bytes + excluded.bytes;
  RETURN NULL;
END
$$;
