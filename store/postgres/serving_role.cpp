#include "store/postgres/serving_role.hpp"

#include "store/postgres/locks.hpp"
#include "store/postgres/session.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

// `details` holds what a person may have erased; the row's hash covers it by a digest that stays.
constexpr const char* kGrant = R"(DO $$
DECLARE
  role constant text := current_setting('nexus.role');
  place constant text := quote_ident(current_schema());
  entry record;
BEGIN
  EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM %I', place, role);
  EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', place, role);
  FOR entry IN SELECT oid::regclass AS name, relname FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY relname LOOP
    EXECUTE format('REVOKE ALL ON TABLE %s FROM %I', entry.name, role);
    EXECUTE format('GRANT SELECT ON TABLE %s TO %I', entry.name, role);
    IF entry.relname = 'audit_rows' THEN
      EXECUTE format('GRANT INSERT, UPDATE (details) ON TABLE %s TO %I', entry.name, role);
    ELSIF entry.relname <> 'schema_migrations' THEN
      EXECUTE format('GRANT INSERT, UPDATE, DELETE ON TABLE %s TO %I', entry.name, role);
    END IF;
  END LOOP;
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %s TO %I', place, role);
END $$)";

/// The role is there, is no superuser, and does not have what the owner of the tables has.
constexpr const char* kBinds =
    "SELECT CAST(NOT rolsuper AND NOT pg_has_role(rolname, (SELECT relowner FROM pg_class WHERE relname = "
    "'schema_migrations' AND relnamespace = CAST(current_schema() AS regnamespace)), 'MEMBER') AS int) FROM pg_roles "
    "WHERE rolname = ?1";

constexpr const char* kMissing =
    "SELECT p.privilege || ' on ' || c.relname FROM pg_class AS c CROSS JOIN (VALUES ('SELECT'), ('INSERT'), "
    "('UPDATE'), ('DELETE')) AS p (privilege) CROSS JOIN pg_roles AS r WHERE r.rolname = ?1 AND c.relnamespace = "
    "CAST(current_schema() AS regnamespace) AND "
    "c.relkind = 'r' AND NOT (p.privilege <> 'SELECT' AND c.relname = 'schema_migrations') AND NOT (p.privilege IN "
    "('UPDATE', 'DELETE') AND c.relname = 'audit_rows') AND NOT has_table_privilege(r.oid, c.oid, p.privilege) "
    "ORDER BY c.relname, p.privilege";

constexpr const char* kOwns =
    "SELECT CAST(coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AND NOT EXISTS (SELECT 1 FROM "
    "pg_class WHERE relname = 'schema_migrations' AND relnamespace = CAST(current_schema() AS regnamespace) AND NOT "
    "pg_has_role(relowner, 'USAGE')) AS int)";

std::string role_of(const Reader& reader) {
  return first(reader.query("SELECT CAST(current_user AS text)"), only_text).value_or("");
}

void require_bound(const Reader& reader, const std::string& role) {
  const auto binds = first(reader.query(kBinds, role), only_integer);
  if (!binds) throw SchemaError("the server has no role " + role + ": make it with createuser");
  if (*binds != 0) return;
  const auto ways = find_audit_ways(reader, role);
  throw SchemaError("no grant binds the role " + role + ": " +
                    (ways.empty() ? "it has what the owner of the tables has" : text_of(ways)) +
                    "; take that away, or name another role");
}

RoleRights rights_of(const Reader& reader, const std::string& role) {
  return {.role = role,
          .audit_ways = find_audit_ways(reader, role),
          .missing = all(reader.query(kMissing, role), only_text)};
}

void require_granted(const RoleRights& rights) {
  if (!rights.missing.empty())
    throw SchemaError("the role " + rights.role + " lacks " + rights.missing.front() +
                      ", though it was granted: run this as the owner of the tables");
  if (!rights.audit_ways.empty())
    throw SchemaError("the role " + rights.role + " may serve, but it can change or delete audit rows all the same: " +
                      text_of(rights.audit_ways) + "; take that away, and run this again");
}

}  // namespace

void grant_serving(Link& link, const std::string& role) {
  PostgresSession session(link);
  Tx tx(session);
  try {
    session.begin(Isolation::read_committed);
    lock_schema(tx);
    require_bound(tx, role);
    tx.query("SELECT set_config('nexus.role', ?1, true)", role);
    session.flush();
    link.execute(kGrant);
    session.commit();
    session.begin(Isolation::snapshot);
    require_granted(rights_of(tx, role));
    session.commit();
  } catch (...) {
    session.rollback();
    throw;
  }
}

RoleRights read_rights(const Reader& reader) { return rights_of(reader, role_of(reader)); }

void require_owner(const Reader& reader, const std::string& problem) {
  if (integer_of(reader.query(kOwns)) != 0) return;
  const std::string role = role_of(reader);
  throw SchemaError(problem + ", and the role " + role + " may not: run nexusd database prepare --role " + role +
                    " as the owner");
}

}  // namespace nexus::store
