#include "store/audit_proofs.hpp"

#include <algorithm>

namespace nexus::store {
namespace {

/// The expression for a text of a body, as in the indexes of migration 0037.
std::string between(std::string_view mark) {
  const std::string at = "instr(body, '" + std::string(mark) + "')";
  const std::string rest = "substr(body, " + at + " + " + std::to_string(mark.size()) + ")";
  return "CASE WHEN " + at + " > 0 THEN substr(" + rest + ", 1, instr(" + rest + ", '\"') - 1) END";
}
const std::string kToken = between(R"("token":")");
const std::string kRequest = between(R"(],"request_id":")");
const std::string kRun = between(R"(","run_id":")");

AuditNote note_of(const Query& q) { return {q.integer(0), q.text(1), q.integer(2)}; }
std::int64_t number_of(const Query& q) { return q.integer(0); }

}  // namespace

void append_audit_note(Tx& tx, Realm realm, const AuditNote& note) {
  tx.run("INSERT INTO audit_checkpoints (tenant_id, env, size, note, at) VALUES (?1, ?2, ?3, ?4, ?5)", realm, note.size,
         note.note, note.at);
}

std::optional<AuditNote> find_last_audit_note(const Reader& reader, Realm realm) {
  return first(reader.query("SELECT size, note, at FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 "
                            "ORDER BY size DESC, at DESC LIMIT 1",
                            realm),
               note_of);
}

void scan_audit_notes(const Reader& reader, Realm realm, const std::function<void(const AuditNote&)>& take) {
  Query q = reader.query(
      "SELECT size, note, at FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 ORDER BY size, at", realm);
  while (q.next()) take(note_of(q));
}

std::optional<std::int64_t> find_audit_note_size_at(const Reader& reader, Realm realm, Micros at) {
  return first(reader.query("SELECT size FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 AND at <= ?3 "
                            "ORDER BY size DESC, at DESC LIMIT 1",
                            realm, at),
               number_of);
}

Micros newest_chain_note_at(const Reader& reader) {
  Query q = reader.query(
      "SELECT coalesce(max((SELECT c.at FROM audit_checkpoints c WHERE c.tenant_id = h.tenant_id AND c.env = h.env "
      "ORDER BY c.size DESC, c.at DESC LIMIT 1)), 0) FROM audit_heads h");
  q.next();
  return q.integer(0);
}

std::vector<AuditNote> list_audit_notes(const Reader& reader, Realm realm, std::int64_t first, std::int64_t last,
                                        Micros until) {
  return all(reader.query("SELECT size, note, at FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 "
                          "AND size BETWEEN ?3 AND ?4 AND at <= ?5 ORDER BY size, at",
                          realm, first, last, until),
             note_of);
}

AuditTree find_audit_tree(const Reader& reader, Realm realm) {
  Query q = reader.query("SELECT size, range FROM audit_trees WHERE tenant_id = ?1 AND env = ?2", realm);
  if (!q.next()) return {};
  return {q.integer(0), q.text(1)};
}

void put_audit_tree(Tx& tx, Realm realm, const AuditTree& tree) {
  tx.run(
      "INSERT INTO audit_trees (tenant_id, env, size, range) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (tenant_id, env) DO UPDATE SET size = excluded.size, range = excluded.range",
      realm, tree.size, tree.range);
}

std::vector<ChainHead> list_grown_chains(const Reader& reader, int limit) {
  return all(reader.query("SELECT h.tenant_id, h.env, h.seq, h.hash FROM audit_heads h WHERE h.seq > coalesce("
                          "(SELECT max(c.size) FROM audit_checkpoints c WHERE c.tenant_id = h.tenant_id "
                          "AND c.env = h.env), 0) ORDER BY h.tenant_id, h.env LIMIT ?1",
                          limit),
             chain_head_of);
}

std::vector<std::string> list_audit_hashes(const Reader& reader, Realm realm, std::int64_t after, std::int64_t limit) {
  return all(
      reader.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
                   realm, after, limit),
      [](const Query& q) { return q.text(0); });
}

std::vector<std::pair<std::string, std::string>> list_audit_chains(const Reader& reader) {
  Query q = reader.query(
      "SELECT tenant_id, env FROM audit_heads UNION SELECT tenant_id, env FROM audit_trees "
      "UNION SELECT DISTINCT tenant_id, env FROM audit_checkpoints UNION SELECT DISTINCT tenant_id, env FROM "
      "audit_rows "
      "ORDER BY 1, 2");
  std::vector<std::pair<std::string, std::string>> chains;
  while (q.next())
    if (!q.text_view(0).empty()) chains.emplace_back(q.text(0), q.text(1));
  return chains;
}

std::int64_t scan_audit_rows(const Reader& reader, Realm realm, std::int64_t after, std::int64_t last,
                             std::int64_t limit, const std::function<void(const AuditRowView&)>& take) {
  Query q = reader.query(
      "SELECT seq, at, action, actor, result, trace_id, body, details, prev_hash, hash FROM audit_rows "
      "WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 AND seq <= ?4 ORDER BY seq LIMIT ?5",
      realm, after, last, limit);
  std::int64_t count = 0;
  while (q.next()) {
    AuditRowView row{q.integer(0),   q.integer(1),   q.text_view(2), q.text_view(3), q.text_view(4),
                     q.text_view(5), q.text_view(6), std::nullopt,   q.text_view(8), q.text_view(9)};
    if (!q.is_null(7)) row.details = q.text_view(7);
    take(row);
    ++count;
  }
  return count;
}

bool AuditScan::page(const Reader& reader, std::int64_t limit, const TakeRow& take_row, const TakeNote& take_note) {
  if (!until_) {
    Query q = reader.query("SELECT coalesce(max(at), 0) FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2",
                           tenant_id_, env_);
    q.next();
    until_ = q.integer(0);
  }
  limit = std::min(limit, last_ - after_);
  const auto notes = list_audit_notes(reader, {.tenant = tenant_id_, .env = env_}, next_note_, after_ + limit, *until_);
  auto note = notes.begin();
  const auto give_notes = [&](std::int64_t size) {
    for (; note != notes.end() && note->size <= size; ++note) take_note(*note);
  };
  give_notes(after_);
  next_note_ = after_ + limit + 1;
  const auto take = [&](const AuditRowView& row) {
    take_row(row);
    give_notes(row.seq);
    after_ = row.seq;
  };
  const std::int64_t count = scan_audit_rows(reader, {.tenant = tenant_id_, .env = env_}, after_, last_, limit, take);
  give_notes(INT64_MAX);
  if (count == limit && after_ < last_) return true;
  for (const auto& beyond : list_audit_notes(reader, {.tenant = tenant_id_, .env = env_}, next_note_, last_, *until_))
    take_note(beyond);
  return false;
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
  body_says(filter.token.has_value(), kToken, "9");
  body_says(filter.run_id.has_value(), kRun, "10");
  if (filter.run_id) sql += R"(instr(body, '","run_id":"') > 0 AND )";
  body_says(filter.request_id.has_value(), kRequest, "11");
  if (filter.request_id) {
    const std::string rows = "SELECT seq FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND ";
    sql += "seq IN (" + rows + "trace_id = ?11 UNION ALL " + rows;
    sql.append(kRequest).append(" = ?11 AND ").append(kRequest).append(" <> trace_id) AND ");
  }
  sql += "true ORDER BY seq DESC LIMIT ?12";
  return all(reader.query(sql, realm, filter.first, filter.before, filter.actor, filter.result, filter.action,
                          filter.trace_id, filter.token, filter.run_id, filter.request_id, limit),
             row_of<kAuditRow>);
}

std::int64_t audit_seq_at(const Reader& reader, Realm realm, Micros at) {
  const auto head = find_audit_head(reader, realm);
  std::int64_t low = 1, high = head ? head->seq + 1 : 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    Query q = reader.query("SELECT at FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3", realm, middle);
    if (q.next() && q.integer(0) < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void erase_audit_details(Tx& tx, Realm realm, std::int64_t seq) {
  tx.run("UPDATE audit_rows SET details = NULL WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3", realm, seq);
}

std::optional<std::int64_t> find_audit_seq(const Reader& reader, Realm realm, std::string_view action,
                                           std::string_view body_part) {
  return first(reader.query("SELECT seq FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND action = ?3 "
                            "AND instr(body, ?4) > 0 ORDER BY seq DESC LIMIT 1",
                            realm, action, body_part),
               number_of);
}

}  // namespace nexus::store
