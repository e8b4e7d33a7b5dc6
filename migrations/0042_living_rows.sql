-- A list reads the rows that are left, however many were deleted before them: a tombstone stays for a month.
CREATE INDEX raw_assets_living ON raw_assets (tenant_id, env, asset_id)
  WHERE status = 'registered' AND deleted_at IS NULL;
CREATE INDEX media_assets_living ON media_assets (tenant_id, env, asset_id) WHERE deleted_at IS NULL;
CREATE INDEX cards_living ON cards (tenant_id, env, card_id) WHERE deleted_at IS NULL;
CREATE INDEX maybes_living ON maybes (tenant_id, env, item_id) WHERE deleted_at IS NULL;
