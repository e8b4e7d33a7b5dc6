-- Deleting a thing takes along what was copied from it.

-- What a stored answer is about, so that a deletion finds the copies of what it deletes. An erased answer keeps its key
-- for the rest of its day and has status 404: a repeat is told that the subject is gone, and never run again.
ALTER TABLE idempotency_keys ADD COLUMN subject_type TEXT NOT NULL DEFAULT '';
ALTER TABLE idempotency_keys ADD COLUMN subject_id TEXT;

-- Answers of the last day name their subject in their body.
UPDATE idempotency_keys SET
  subject_type = CASE
    WHEN json_extract(body, '$.card_id') IS NOT NULL THEN 'card'
    WHEN json_extract(body, '$.pack_id') IS NOT NULL THEN 'influence_pack'
    WHEN json_extract(body, '$.turn_id') IS NOT NULL THEN 'session_turn'
    WHEN json_extract(body, '$.item_id') IS NOT NULL THEN 'maybe'
    WHEN json_extract(body, '$.message_id') IS NOT NULL THEN 'message'
    WHEN json_extract(body, '$.artifact_id') IS NOT NULL AND json_extract(body, '$.canvas_id') IS NOT NULL
      THEN 'canvas_artifact'
    WHEN json_extract(body, '$.artifact_id') IS NOT NULL THEN 'media_artifact'
    WHEN json_extract(body, '$.canvas_id') IS NOT NULL THEN 'canvas'
    WHEN json_extract(body, '$.thread_id') IS NOT NULL THEN 'thread'
    WHEN json_extract(body, '$.asset_id') IS NOT NULL AND json_extract(body, '$.kind') IS NOT NULL THEN 'media_asset'
    WHEN json_extract(body, '$.asset_id') IS NOT NULL THEN 'raw_asset'
    WHEN json_extract(body, '$.items[0].raw_asset_id') IS NOT NULL THEN 'raw_asset'
    ELSE '' END,
  subject_id = coalesce(
    json_extract(body, '$.card_id'), json_extract(body, '$.pack_id'), json_extract(body, '$.turn_id'),
    json_extract(body, '$.item_id'), json_extract(body, '$.message_id'), json_extract(body, '$.artifact_id'),
    json_extract(body, '$.canvas_id'), json_extract(body, '$.thread_id'), json_extract(body, '$.asset_id'),
    json_extract(body, '$.items[0].raw_asset_id'))
  WHERE secret = 0 AND json_valid(body);
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (tenant_id, env, subject_type, subject_id)
  WHERE subject_id IS NOT NULL;

-- Those of what was deleted before.
UPDATE idempotency_keys AS k SET status = 404, headers = '{}', body = ''
  WHERE CASE subject_type
    WHEN 'card' THEN EXISTS (SELECT 1 FROM cards WHERE tenant_id = k.tenant_id AND env = k.env
      AND card_id = k.subject_id AND deleted_at IS NOT NULL)
    WHEN 'session_turn' THEN NOT EXISTS (SELECT 1 FROM memory_turns AS t JOIN memory_sessions AS s
      USING (tenant_id, env, session_id, owner_id, generation) WHERE t.tenant_id = k.tenant_id AND t.env = k.env
      AND t.session_id = json_extract(k.body, '$.session_id') AND t.turn_id = k.subject_id AND s.deleted_at IS NULL)
    WHEN 'maybe' THEN EXISTS (SELECT 1 FROM maybes WHERE tenant_id = k.tenant_id AND env = k.env
      AND item_id = k.subject_id AND deleted_at IS NOT NULL)
    WHEN 'message' THEN EXISTS (SELECT 1 FROM chat_messages WHERE tenant_id = k.tenant_id AND env = k.env
      AND message_id = k.subject_id AND deleted_at IS NOT NULL)
    WHEN 'media_asset' THEN EXISTS (SELECT 1 FROM media_assets WHERE tenant_id = k.tenant_id AND env = k.env
      AND asset_id = k.subject_id AND deleted_at IS NOT NULL)
    WHEN 'media_artifact' THEN EXISTS (SELECT 1 FROM media_assets WHERE tenant_id = k.tenant_id AND env = k.env
      AND asset_id = json_extract(k.body, '$.asset_id') AND deleted_at IS NOT NULL)
    WHEN 'raw_asset' THEN EXISTS (SELECT 1 FROM raw_assets WHERE tenant_id = k.tenant_id AND env = k.env
      AND asset_id = k.subject_id AND deleted_at IS NOT NULL)
    ELSE 0 END;

-- The events about a thing are found by it.
CREATE INDEX events_by_asset ON events (tenant_id, env, asset_type, asset_id) WHERE asset_id IS NOT NULL;

CREATE INDEX media_artifacts_by_asset ON media_artifacts (tenant_id, env, asset_id, artifact_id);

-- Things whose copies are too many for the transaction that deleted them: the rest goes in small units afterwards.
CREATE TABLE erasures (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  subject_type TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, subject_type, subject_id)
) STRICT, WITHOUT ROWID;

-- Excerpts stand beside their packs: card_refs keeps each card's id and score, the excerpt goes with its card.
CREATE TABLE pack_excerpts (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  pack_id   TEXT NOT NULL,
  card_id   TEXT NOT NULL,
  excerpt   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, pack_id, card_id)
) STRICT, WITHOUT ROWID;
INSERT INTO pack_excerpts (tenant_id, env, pack_id, card_id, excerpt)
  SELECT p.tenant_id, p.env, p.pack_id, json_extract(ref.value, '$.card_id'), json_extract(ref.value, '$.excerpt')
  FROM influence_packs AS p, json_each(p.card_refs) AS ref;
CREATE INDEX pack_excerpts_by_card ON pack_excerpts (tenant_id, env, card_id);
UPDATE influence_packs SET card_refs =
  (SELECT json_group_array(json_remove(ref.value, '$.excerpt')) FROM json_each(card_refs) AS ref);

-- Words of deleted cards stay in the full-text index until its segments are merged. since: of the oldest deletion.
CREATE TABLE card_index_debts (
  state TEXT PRIMARY KEY CHECK (state IN ('waiting', 'merging')),
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO card_index_debts (state, since) SELECT 'waiting', min(deleted_at) FROM cards
  WHERE deleted_at IS NOT NULL HAVING count(*) > 0;

-- What was deleted before. Its copies go in the background; tombstones keep what the sweep of their objects needs.
INSERT INTO erasures (tenant_id, env, subject_type, subject_id)
  SELECT tenant_id, env, 'raw_asset', asset_id FROM raw_assets WHERE deleted_at IS NOT NULL
  UNION ALL SELECT tenant_id, env, 'media_asset', asset_id FROM media_assets WHERE deleted_at IS NOT NULL
  UNION ALL SELECT tenant_id, env, 'card', card_id FROM cards WHERE deleted_at IS NOT NULL
  UNION ALL SELECT tenant_id, env, 'maybe', item_id FROM maybes WHERE deleted_at IS NOT NULL
  UNION ALL SELECT tenant_id, env, 'message', message_id FROM chat_messages WHERE deleted_at IS NOT NULL;
UPDATE raw_assets SET filename = '', uri = '', metadata = '{}', key = CASE WHEN sweeps < 2 THEN key ELSE '' END
  WHERE deleted_at IS NOT NULL;
UPDATE media_assets SET filename = NULL, key = NULL, uri = '', source_uri = '', content_type = NULL,
  source_ref = NULL, meta = '{}', tags = '[]' WHERE deleted_at IS NOT NULL;
DELETE FROM media_tags WHERE EXISTS (SELECT 1 FROM media_assets AS a WHERE a.tenant_id = media_tags.tenant_id
  AND a.env = media_tags.env AND a.asset_id = media_tags.asset_id AND a.deleted_at IS NOT NULL);
UPDATE maybes SET source_type = '' WHERE deleted_at IS NOT NULL;
UPDATE chat_messages SET sender_name = NULL WHERE deleted_at IS NOT NULL;
