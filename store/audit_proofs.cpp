#include "store/audit_proofs.hpp"

namespace nexus::store {

void append_audit_note(Tx& tx, std::string_view tenant_id, std::string_view env, const AuditNote& note) {
  tx.run("INSERT INTO audit_checkpoints (tenant_id, env, size, note, at) VALUES (?1, ?2, ?3, ?4, ?5)", tenant_id, env,
         note.size, note.note, note.at);
}

std::optional<AuditNote> find_last_audit_note(const Reader& reader, std::string_view tenant_id, std::string_view env) {
  Query q = reader.query(
      "SELECT size, note, at FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 ORDER BY size DESC, at DESC "
      "LIMIT 1",
      tenant_id, env);
  if (!q.next()) return std::nullopt;
  return AuditNote{q.integer(0), q.text(1), q.integer(2)};
}

std::vector<AuditNote> list_audit_notes(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                        std::int64_t first, std::int64_t last, Micros until) {
  Query q = reader.query(
      "SELECT size, note, at FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 AND size BETWEEN ?3 AND ?4 AND "
      "at <= ?5 "
      "ORDER BY size, at",
      tenant_id, env, first, last, until);
  std::vector<AuditNote> notes;
  while (q.next()) notes.push_back({q.integer(0), q.text(1), q.integer(2)});
  return notes;
}

AuditTree find_audit_tree(const Reader& reader, std::string_view tenant_id, std::string_view env) {
  Query q = reader.query("SELECT size, range FROM audit_trees WHERE tenant_id = ?1 AND env = ?2", tenant_id, env);
  if (!q.next()) return {};
  return {q.integer(0), q.text(1)};
}

void put_audit_tree(Tx& tx, std::string_view tenant_id, std::string_view env, const AuditTree& tree) {
  tx.run(
      "INSERT INTO audit_trees (tenant_id, env, size, range) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (tenant_id, env) DO UPDATE SET size = excluded.size, range = excluded.range",
      tenant_id, env, tree.size, tree.range);
}

std::vector<ChainHead> list_grown_chains(const Reader& reader, int limit) {
  Query q = reader.query(
      "SELECT h.tenant_id, h.env, h.seq, h.hash FROM audit_heads h LEFT JOIN audit_trees t USING (tenant_id, env) "
      "WHERE h.seq > coalesce(t.size, 0) ORDER BY h.tenant_id, h.env LIMIT ?1",
      limit);
  std::vector<ChainHead> heads;
  while (q.next()) heads.push_back({q.text(0), q.text(1), q.integer(2), q.text(3)});
  return heads;
}

std::vector<std::string> list_audit_hashes(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                           std::int64_t after, std::int64_t limit) {
  Query q =
      reader.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
                   tenant_id, env, after, limit);
  std::vector<std::string> hashes;
  while (q.next()) hashes.push_back(q.text(0));
  return hashes;
}

std::int64_t scan_audit_rows(const Reader& reader, std::string_view tenant_id, std::string_view env, std::int64_t after,
                             std::int64_t limit, const std::function<void(const AuditRowView&)>& take) {
  Query q = reader.query(
      "SELECT seq, at, action, actor, result, trace_id, body, details, prev_hash, hash FROM audit_rows "
      "WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
      tenant_id, env, after, limit);
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
  const auto notes = list_audit_notes(reader, tenant_id_, env_, next_note_, after_ + limit, *until_);
  auto note = notes.begin();
  const auto give_notes = [&](std::int64_t size) {
    for (; note != notes.end() && note->size <= size; ++note) take_note(*note);
  };
  give_notes(after_);
  next_note_ = after_ + limit + 1;
  const std::int64_t count = scan_audit_rows(reader, tenant_id_, env_, after_, limit, [&](const AuditRowView& row) {
    take_row(row);
    give_notes(row.seq);
    after_ = row.seq;
  });
  give_notes(INT64_MAX);
  if (count == limit) return true;
  for (const auto& beyond : list_audit_notes(reader, tenant_id_, env_, next_note_, INT64_MAX, *until_))
    take_note(beyond);
  return false;
}

std::vector<AuditRow> find_audit_rows(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                      const AuditFilter& filter, int limit) {
  // Only what is asked for stands in the text, so that the indexes by action and by trace are used.
  std::string sql =
      "SELECT tenant_id, env, seq, at, action, actor, result, trace_id, body, details, prev_hash, hash FROM audit_rows "
      "WHERE tenant_id = ?1 AND env = ?2 AND seq >= ?3 AND (?4 = 0 OR seq < ?4) AND (?5 IS NULL OR actor = ?5) "
      "AND (?6 IS NULL OR result = ?6) AND ";
  sql += filter.action ? "action = ?7 AND " : "?7 IS NULL AND ";
  sql += filter.trace_id ? "trace_id = ?8 " : "?8 IS NULL ";
  sql += "ORDER BY seq DESC LIMIT ?9";
  Query q = reader.query(sql, tenant_id, env, filter.first, filter.before, filter.actor, filter.result, filter.action,
                         filter.trace_id, limit);
  std::vector<AuditRow> rows;
  while (q.next())
    rows.push_back({q.text(0), q.text(1), q.integer(2), q.integer(3), q.text(4), q.text(5), q.text(6), q.text(7),
                    q.text(8), q.optional_text(9), q.text(10), q.text(11)});
  return rows;
}

std::int64_t audit_seq_at(const Reader& reader, std::string_view tenant_id, std::string_view env, Micros at) {
  const auto head = find_audit_head(reader, tenant_id, env);
  std::int64_t low = 1, high = head ? head->seq + 1 : 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    Query q = reader.query("SELECT at FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3", tenant_id, env,
                           middle);
    if (q.next() && q.integer(0) < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void erase_audit_details(Tx& tx, std::string_view tenant_id, std::string_view env, std::int64_t seq) {
  tx.run("UPDATE audit_rows SET details = NULL WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3", tenant_id, env, seq);
}

std::optional<std::int64_t> find_audit_seq(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                           std::string_view action, std::string_view body_part) {
  Query q = reader.query(
      "SELECT seq FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND action = ?3 AND instr(body, ?4) > 0 "
      "ORDER BY seq DESC LIMIT 1",
      tenant_id, env, action, body_part);
  if (!q.next()) return std::nullopt;
  return q.integer(0);
}

}  // namespace nexus::store
