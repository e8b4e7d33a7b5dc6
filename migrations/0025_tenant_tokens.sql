-- The tokens that are for one tenant alone, which its owners and admins list and revoke.
CREATE INDEX tokens_by_tenants ON tokens (tenants, token_id) WHERE tenants IS NOT NULL;
