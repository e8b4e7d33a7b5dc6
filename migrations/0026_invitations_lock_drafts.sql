-- Invitations: what an owner or admin offers to somebody who is no member. It grants nothing. `user_id` references no
-- user: an offer to an id that nobody has looks like any other. It goes with its inviter's membership.
CREATE TABLE invitations (
  tenant_id  TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  role       TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, invited_by) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX invitations_by_age ON invitations (tenant_id, created_at, user_id);
CREATE INDEX invitations_by_user ON invitations (user_id, tenant_id);
CREATE INDEX invitations_by_inviter ON invitations (tenant_id, invited_by);

-- The draft version of an approved lock: a JSON object of its terms under the names of their columns. It waits for its
-- approval while the approved terms stay in force. Locks made before have none.
ALTER TABLE strategy_locks ADD COLUMN draft TEXT;
