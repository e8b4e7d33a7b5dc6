#include "store/audit_log.hpp"

#include <algorithm>

namespace nexus::store {
namespace {

/// The expression for a text of a body, as in the indexes of migrations 0031 and 0035.
std::string between(std::string_view mark) {
  const std::string at = "instr(body, '" + std::string(mark) + "')";
  const std::string rest = "substr(body, " + at + " + " + std::to_string(mark.size()) + ")";
  return "CASE WHEN " + at + " > 0 THEN substr(" + rest + ", 1, instr(" + rest + ", '\"') - 1) END";
}
const std::string kBodyToken = between(R"("token":")");
const std::string kBodyRequest = between(R"(],"request_id":")");
const std::string kBodyRun = between(R"(","run_id":")");

/// Notes of the sizes `first` to `last` that were made until `until`, in order of size and time.
std::vector<AuditNote> list_audit_notes(const Reader& reader, Realm realm, std::int64_t first, std::int64_t last,
                                        Micros until) {
  static const std::string text =
      select_rows<kAuditNote>() + "AND size BETWEEN ?3 AND ?4 AND at <= ?5 ORDER BY size, at";
  return all(reader.query(text, realm, first, last, until), row_of<kAuditNote>);
}

constexpr Heads::Table kChains{
    [](const Reader& reader, Realm realm) {
      return first(reader.query("SELECT seq, hash, at FROM audit_heads WHERE tenant_id = ?1 AND env = ?2", realm),
                   [](const Query& q) {
                     return Head{q.integer(0), q.text(1), q.integer(2)};
                   });
    },
    [](Tx& tx, Realm realm, const Head& head) {
      tx.run(
          "INSERT INTO audit_heads (tenant_id, env, seq, hash, at) VALUES (?1, ?2, ?3, ?4, ?5) "
          "ON CONFLICT (tenant_id, env) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at",
          realm, head.seq, head.hash, head.at);
    }};

}  // namespace

std::optional<Head> find_audit_head(const Reader& reader, Realm realm) { return Heads::find(reader, kChains, realm); }

std::vector<AuditHead> list_audit_heads(const Reader& reader) {
  static const std::string text = select_rows_everywhere<kAuditHead>() + "ORDER BY tenant_id, env";
  return all(reader.query(text), row_of<kAuditHead>);
}

std::vector<AuditHead> list_noted_heads(const Reader& reader) {
  static const std::string text =
      "SELECT tenant_id, env, size, CASE WHEN seq = size THEN hash ELSE coalesce((SELECT r.hash FROM audit_rows AS r "
      "WHERE r.tenant_id = n.tenant_id AND r.env = n.env AND r.seq = n.size), '') END, at FROM "
      "(SELECT h.tenant_id, h.env, h.seq, h.hash, h.at, (SELECT max(c.size) FROM audit_checkpoints AS c "
      "WHERE c.tenant_id = h.tenant_id AND c.env = h.env) AS size FROM audit_heads AS h) AS n "
      "WHERE size IS NOT NULL ORDER BY tenant_id, env";
  return all(reader.query(text), row_of<kAuditHead>);
}

std::vector<AuditHead> list_grown_chains(const Reader& reader, int limit) {
  static const std::string text =
      select_rows_everywhere<kAuditHead>() +
      "AS h WHERE seq > coalesce((SELECT max(c.size) FROM audit_checkpoints c WHERE c.tenant_id = h.tenant_id "
      "AND c.env = h.env), 0) ORDER BY tenant_id, env LIMIT ?1";
  return all(reader.query(text, limit), row_of<kAuditHead>);
}

std::vector<std::pair<std::string, std::string>> list_audit_chains(const Reader& reader) {
  return all(reader.query("SELECT tenant_id, env FROM (SELECT tenant_id, env FROM audit_heads "
                          "UNION SELECT tenant_id, env FROM audit_trees "
                          "UNION SELECT DISTINCT tenant_id, env FROM audit_checkpoints "
                          "UNION SELECT DISTINCT tenant_id, env FROM audit_rows) AS chains "
                          "WHERE tenant_id <> '' ORDER BY tenant_id, env"),
             [](const Query& q) { return std::pair(q.text(0), q.text(1)); });
}

void append_audit_row(Tx& tx, const AuditRow& row) {
  insert_row<kAuditRow>(tx, row);
  Heads::move(tx, kChains, row.realm(), {row.seq, row.hash, row.at});
}

std::vector<AuditRow> list_audit_rows_after(const Reader& reader, Realm realm, std::int64_t after, int limit) {
  static const std::string text = select_rows<kAuditRow>() + "AND seq > ?3 ORDER BY seq LIMIT ?4";
  return all(reader.query(text, realm, after, limit), row_of<kAuditRow>);
}

std::vector<std::string> list_audit_hashes(const Reader& reader, Realm realm, std::int64_t after, std::int64_t limit) {
  return all(
      reader.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
                   realm, after, limit),
      only_text);
}

std::int64_t next_audit_seq(const Reader& reader, Realm realm) {
  const auto head = find_audit_head(reader, realm);
  return head ? head->seq + 1 : 1;
}

std::vector<std::string> list_new_audit_hashes(const Reader& reader, Realm realm, std::int64_t limit) {
  return all(
      reader.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > coalesce((SELECT size "
                   "FROM audit_trees WHERE tenant_id = ?1 AND env = ?2), 0) ORDER BY seq LIMIT ?3",
                   realm, limit),
      only_text);
}

std::int64_t audit_seq_at(const Reader& reader, Realm realm, Micros at) {
  return seq_at(reader,
                "SELECT at FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq >= ?3 ORDER BY seq LIMIT 1", realm,
                next_audit_seq(reader, realm), at);
}

std::vector<AuditRow> find_audit_rows(const Reader& reader, Realm realm, const AuditFilter& filter, int limit) {
  // The SQL contains only the conditions in use, so that the indexes are used.
  std::string sql = select_rows<kAuditRow>() +
                    "AND (?4 = 0 OR seq < ?4) AND (?5 IS NULL OR actor = ?5) "
                    "AND (?6 IS NULL OR result = ?6) AND ";
  // A request has few rows: look them up one by one instead of scanning the chain.
  sql += filter.request_id ? "+seq >= ?3 AND " : "seq >= ?3 AND ";
  sql += filter.action ? "action = ?7 AND " : "?7 IS NULL AND ";
  sql += filter.trace_id ? "trace_id = ?8 AND " : "?8 IS NULL AND ";
  const auto body_says = [&sql](bool asked, const std::string& what, const std::string& number) {
    sql.append(asked ? what + " = ?" + number : "?" + number + " IS NULL").append(" AND ");
  };
  body_says(filter.token.has_value(), kBodyToken, "9");
  body_says(filter.run_id.has_value(), kBodyRun, "10");
  if (filter.run_id) sql += R"(instr(body, '","run_id":"') > 0 AND )";
  body_says(filter.request_id.has_value(), kBodyRequest, "11");
  if (filter.request_id) {
    const std::string rows = "SELECT seq FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND ";
    sql += "seq IN (" + rows + "trace_id = ?11 UNION ALL " + rows;
    sql.append(kBodyRequest).append(R"( = ?11 AND instr(body, '],"request_id":"' || trace_id || '"') = 0) AND )");
  }
  sql += "true ORDER BY seq DESC LIMIT ?12";
  return all(reader.query(sql, realm, filter.first, filter.before, filter.actor, filter.result, filter.action,
                          filter.trace_id, filter.token, filter.run_id, filter.request_id, limit),
             row_of<kAuditRow>);
}

std::optional<std::int64_t> find_audit_seq(const Reader& reader, Realm realm, std::string_view action,
                                           std::string_view body_part) {
  return first(reader.query("SELECT seq FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND action = ?3 "
                            "AND instr(body, ?4) > 0 ORDER BY seq DESC LIMIT 1",
                            realm, action, body_part),
               only_integer);
}

void erase_audit_details(Tx& tx, Realm realm, std::int64_t seq) {
  tx.run("UPDATE audit_rows SET details = NULL WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3", realm, seq);
}

std::optional<AuditNote> find_last_audit_note(const Reader& reader, Realm realm) {
  static const std::string text = select_rows<kAuditNote>() + "ORDER BY size DESC, at DESC LIMIT 1";
  return first(reader.query(text, realm), row_of<kAuditNote>);
}

std::optional<AuditNote> find_newest_audit_note(const Reader& reader) {
  static const std::string text = select_rows_everywhere<kAuditNote>() + "ORDER BY at DESC LIMIT 1";
  return first(reader.query(text), row_of<kAuditNote>);
}

std::vector<AuditNote> list_newest_audit_notes(const Reader& reader) {
  static const std::string text =
      select_rows_everywhere<kAuditNote>() +
      "AS c WHERE NOT EXISTS (SELECT 1 FROM audit_checkpoints n WHERE n.tenant_id = c.tenant_id AND n.env = c.env "
      "AND (n.size, n.at) > (c.size, c.at)) ORDER BY tenant_id, env";
  return all(reader.query(text), row_of<kAuditNote>);
}

void scan_audit_notes(const Reader& reader, Realm realm, const std::function<void(const AuditNote&)>& take) {
  static const std::string text = select_rows<kAuditNote>() + "ORDER BY size, at";
  Query q = reader.query(text, realm);
  while (q.next()) take(row_of<kAuditNote>(q));
}

std::optional<std::int64_t> find_audit_note_size_at(const Reader& reader, Realm realm, Micros at) {
  return first(reader.query("SELECT size FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 AND at <= ?3 "
                            "ORDER BY size DESC, at DESC LIMIT 1",
                            realm, at),
               only_integer);
}

Micros newest_chain_note_at(const Reader& reader) {
  return integer_of(
      reader.query("SELECT max((SELECT c.at FROM audit_checkpoints c WHERE c.tenant_id = h.tenant_id AND c.env = h.env "
                   "ORDER BY c.size DESC, c.at DESC LIMIT 1)) FROM audit_heads h"));
}

bool AuditScan::page(const Reader& reader, std::int64_t limit, const TakeRow& take_row, const TakeNote& take_note) {
  static const std::string text = select_rows<kAuditRow>() + "AND seq > ?3 AND seq <= ?4 ORDER BY seq LIMIT ?5";
  const Realm realm{.tenant = tenant_id_, .env = env_};
  if (!until_)
    until_ = integer_of(reader.query("SELECT max(at) FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2", realm));
  limit = std::min(limit, last_ - after_);
  const auto notes = list_audit_notes(reader, realm, next_note_, after_ + limit, *until_);
  auto note = notes.begin();
  const auto give_notes = [&](std::int64_t size) {
    for (; note != notes.end() && note->size <= size; ++note) take_note(*note);
  };
  give_notes(after_);
  next_note_ = after_ + limit + 1;
  std::int64_t count = 0;
  for (Query q = reader.query(text, realm, after_, last_, limit); q.next(); ++count) {
    AuditRow row = row_of<kAuditRow>(q);
    after_ = row.seq;
    take_row(std::move(row));
    give_notes(after_);
  }
  give_notes(INT64_MAX);
  if (count == limit && after_ < last_) return true;
  for (const auto& beyond : list_audit_notes(reader, realm, next_note_, last_, *until_)) take_note(beyond);
  return false;
}

}  // namespace nexus::store
