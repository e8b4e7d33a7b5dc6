-- The same index in words that more than one engine knows: statements ask with coalesce, and an expression is found by
-- its spelling.
DROP INDEX strategy_locks_in_force;
CREATE INDEX strategy_locks_in_force
  ON strategy_locks (tenant_id, env, coalesce(surface, ''), coalesce(valid_until, 9223372036854775807))
  WHERE status = 'approved';
