-- Chat threads and their messages. A message is one event of its tenant and env: `seq` is its place in that sequence,
-- `message_id` the event's id. What its author wrote stands here; the event holds it with what is personal masked.
CREATE TABLE chat_threads (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  thread_id    TEXT NOT NULL,
  seq          INTEGER NOT NULL,      -- clients choose ids: this is the order of making
  title        TEXT,
  participants TEXT NOT NULL,         -- JSON array of {id, display_name?}
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, thread_id),
  UNIQUE (tenant_id, env, seq)
) STRICT;
CREATE TABLE chat_messages (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  thread_id   TEXT NOT NULL,
  message_id  TEXT NOT NULL,
  text        TEXT,                   -- NULL once deleted
  scope       TEXT,                   -- JSON object
  role        TEXT NOT NULL CHECK (role IN ('user', 'agent', 'system')),
  sender_id   TEXT NOT NULL,
  sender_name TEXT,
  actor_type  TEXT NOT NULL,
  trace_id    TEXT NOT NULL,
  request_id  TEXT NOT NULL,
  run_id      TEXT,
  created_at  INTEGER NOT NULL,
  deleted_at  INTEGER,
  deleted_by  TEXT,
  UNIQUE (tenant_id, env, seq)
) STRICT;
CREATE UNIQUE INDEX chat_messages_by_thread ON chat_messages (tenant_id, env, thread_id, seq);
CREATE UNIQUE INDEX chat_messages_by_id ON chat_messages (tenant_id, env, message_id);

-- Up to where messages, and the activity beside them, are no longer kept: a stream that asks for older ones is told.
ALTER TABLE event_heads ADD COLUMN messages_pruned_to INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event_heads ADD COLUMN activity_pruned_to INTEGER NOT NULL DEFAULT 0;
