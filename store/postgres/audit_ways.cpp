#include "store/postgres/audit_ways.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

// `holders` have it by themselves, PUBLIC is 0; the lowest rank tells most. Who may write the server's files, or run
// programs there, can make itself superuser; before PostgreSQL 16, CREATEROLE gives its role any other one. The owner
// of a schema may drop its tables. A trigger may change or swallow a row that comes. pg_database_owner has one member,
// which no row of pg_auth_members names.
constexpr const char* kWays = R"(
WITH log AS (
  SELECT c.oid, c.relowner, c.relacl, n.nspowner, n.nspname, d.datname,
    CASE pg_get_userbyid(n.nspowner) WHEN 'pg_database_owner' THEN d.datdba END AS owner_of_database
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_database AS d ON d.datname = current_database() WHERE c.oid = CAST('audit_rows' AS regclass)
), given AS (
  SELECT e.grantee, e.grantor, e.privilege_type AS what FROM log CROSS JOIN LATERAL aclexplode(log.relacl) AS e
  WHERE e.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
  UNION SELECT e.grantee, e.grantor, format('UPDATE (%I)', a.attname) FROM log
  JOIN pg_attribute AS a ON a.attrelid = log.oid
  CROSS JOIN LATERAL aclexplode(a.attacl) AS e
  WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'details' AND e.privilege_type = 'UPDATE'
), gifts AS (
  SELECT g.grantee, string_agg(g.what, ', ' ORDER BY g.what) AS what,
    string_agg(CASE WHEN g.grantor = log.relowner THEN take.it ELSE
      format('SET ROLE %I; %s; RESET ROLE', pg_get_userbyid(g.grantor), take.it) END, '; ') AS remedy
  FROM log CROSS JOIN (SELECT grantee, grantor, string_agg(what, ', ' ORDER BY what) AS what FROM given
    GROUP BY grantee, grantor) AS g
  CROSS JOIN LATERAL (SELECT format('REVOKE %s ON audit_rows FROM %s', g.what,
    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END) AS it) AS take
  GROUP BY g.grantee
), holders AS (
  SELECT DISTINCT ON (r.oid) r.oid, r.rolname, how.rank, how.way, how.remedy FROM log CROSS JOIN pg_roles AS r
  LEFT JOIN gifts AS gift ON gift.grantee = r.oid
  CROSS JOIN LATERAL (VALUES
    (1, r.rolsuper, 'is a superuser', format('ALTER ROLE %I NOSUPERUSER', r.rolname)),
    (2, r.oid = log.relowner, 'owns audit_rows', 'name another role with --role'),
    (3, r.oid = log.nspowner, format('owns the schema %I', log.nspname),
      format('ALTER SCHEMA %I OWNER TO %I', log.nspname, pg_get_userbyid(log.relowner))),
    (4, r.oid = log.owner_of_database, format('owns the database, and so the schema %I', log.nspname),
      format('ALTER DATABASE %I OWNER TO %I', log.datname, pg_get_userbyid(log.relowner))),
    (5, r.rolcreaterole AND CAST(current_setting('server_version_num') AS int) < 160000,
      'may give itself any role (CREATEROLE)', format('ALTER ROLE %I NOCREATEROLE', r.rolname)),
    (6, r.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program'),
      'may write everywhere', ''),
    (7, gift.grantee IS NOT NULL, 'was granted ' || gift.what || ' on audit_rows', gift.remedy)
  ) AS how (rank, holds, way, remedy) WHERE how.holds ORDER BY r.oid, how.rank
), ways AS (
  SELECT rank, way, remedy FROM holders WHERE rolname = ?1
  UNION ALL SELECT 8, 'has, as PUBLIC, ' || what || ' on audit_rows', remedy FROM gifts WHERE grantee = 0
  UNION ALL (SELECT DISTINCT ON (m.roleid) 9, 'is a member of ' || d.rolname || CASE WHEN h.oid = d.oid THEN ''
      ELSE ', and so of ' || h.rolname END || ', which ' || h.way, format('REVOKE %I FROM %I', d.rolname, r.rolname)
      || CASE WHEN CAST(current_setting('server_version_num') AS int) < 160000 THEN '' ELSE
        format(' GRANTED BY %I', pg_get_userbyid(m.grantor)) END
    FROM pg_roles AS r JOIN pg_auth_members AS m ON m.member = r.oid JOIN pg_roles AS d ON d.oid = m.roleid
    JOIN holders AS h ON pg_has_role(d.oid, h.oid, 'MEMBER') WHERE r.rolname = ?1
    ORDER BY m.roleid, h.oid <> d.oid, h.rank, h.oid)
)
SELECT way, remedy FROM ways ORDER BY rank, way)";

// What the server would let the role do, by whichever way.
constexpr const char* kMay =
    "SELECT CAST(has_table_privilege(r.oid, t.oid, 'DELETE') OR has_table_privilege(r.oid, t.oid, 'TRUNCATE') OR "
    "has_table_privilege(r.oid, t.oid, 'TRIGGER') OR "
    "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND "
    "attname <> 'details' AND has_column_privilege(r.oid, attrelid, attnum, 'UPDATE')) AS int) FROM pg_roles AS r "
    "CROSS JOIN (SELECT CAST('audit_rows' AS regclass) AS oid) AS t WHERE r.rolname = ?1";

}  // namespace

std::vector<AuditWay> find_audit_ways(const Reader& reader, const std::string& role) {
  auto ways = all(reader.query(kWays, role), [](const Query& q) { return AuditWay{q.text(0), q.text(1)}; });
  if (ways.empty() && first(reader.query(kMay, role), only_integer).value_or(0) != 0)
    ways.push_back({"may do so, as the server says", "look for the grant in what \\dp audit_rows of psql prints"});
  return ways;
}

std::string text_of(const std::vector<AuditWay>& ways) {
  std::string text;
  for (const AuditWay& each : ways)
    text.append(text.empty() ? "it " : "; it ").append(each.way).append(" (" + each.remedy + ")");
  return text;
}

}  // namespace nexus::store
