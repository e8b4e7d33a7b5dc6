-- A version is a word of its card's author.
UPDATE cards SET version = '' WHERE deleted_at IS NOT NULL;

-- A person's opt-out holds in all envs of the tenant: its row has env ''. An opt-in stays a word about one env.
INSERT INTO training_preferences (tenant_id, env, user_id, opt_out, updated_at, updated_by)
  SELECT tenant_id, '', user_id, 1, max(updated_at), updated_by FROM training_preferences
  WHERE user_id <> '' AND opt_out = 1 GROUP BY tenant_id, user_id;
DELETE FROM training_preferences WHERE user_id <> '' AND env <> '' AND EXISTS (SELECT 1 FROM training_preferences AS p
  WHERE p.tenant_id = training_preferences.tenant_id AND p.env = '' AND p.user_id = training_preferences.user_id);
