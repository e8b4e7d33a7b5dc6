-- The mark of what is read for every request: user and token, tenant and membership, the limit of the rate, and the
-- kill switches. Each change of it draws a new mark at random, as with gate_marks, so that no two states share one. It
-- is one mark for all tenants, so that one keyed row tells whether anything changed. A token's use is no change.
CREATE TABLE admission_mark (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  mark INTEGER NOT NULL
) STRICT;
INSERT INTO admission_mark (one, mark) VALUES (1, random());

CREATE TRIGGER users_insert_admission AFTER INSERT ON users BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER users_update_admission AFTER UPDATE ON users BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER users_delete_admission AFTER DELETE ON users BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER tokens_insert_admission AFTER INSERT ON tokens BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER tokens_update_admission AFTER UPDATE OF token_id, user_id, revoked_at ON tokens BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER tokens_delete_admission AFTER DELETE ON tokens BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER denied_tokens_insert_admission AFTER INSERT ON denied_tokens BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER denied_tokens_update_admission AFTER UPDATE ON denied_tokens BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER denied_tokens_delete_admission AFTER DELETE ON denied_tokens BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER tenants_insert_admission AFTER INSERT ON tenants BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER tenants_update_admission AFTER UPDATE ON tenants BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER tenants_delete_admission AFTER DELETE ON tenants BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER memberships_insert_admission AFTER INSERT ON memberships BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER memberships_update_admission AFTER UPDATE ON memberships BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER memberships_delete_admission AFTER DELETE ON memberships BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER rate_limits_insert_admission AFTER INSERT ON rate_limits BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER rate_limits_update_admission AFTER UPDATE ON rate_limits BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER rate_limits_delete_admission AFTER DELETE ON rate_limits BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER kill_switches_insert_admission AFTER INSERT ON kill_switches BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER kill_switches_update_admission AFTER UPDATE ON kill_switches BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER kill_switches_delete_admission AFTER DELETE ON kill_switches BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;

CREATE TRIGGER kill_switch_entries_insert_admission AFTER INSERT ON kill_switch_entries BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER kill_switch_entries_update_admission AFTER UPDATE ON kill_switch_entries BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
CREATE TRIGGER kill_switch_entries_delete_admission AFTER DELETE ON kill_switch_entries BEGIN
  UPDATE admission_mark SET mark = random() WHERE one = 1;
END;
