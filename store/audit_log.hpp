// The audit log as rows: heads, rows, notes and trees of each chain. daemon/audit defines their content and hashes.
#pragma once
#include <functional>

#include "store/heads.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

/// The last row of a chain.
struct AuditHead {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  std::string hash;
  Micros at = 0;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};
inline constexpr model::Table kAuditHead{
    "AuditHead", "audit_heads",
    std::array{model::tenant(&AuditHead::tenant_id), model::env(&AuditHead::env), model::made("seq", &AuditHead::seq),
               model::made("hash", &AuditHead::hash), model::made("at", &AuditHead::at)}};

struct AuditRow {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  Micros at = 0;
  std::string action;
  std::string actor;
  std::string result;
  std::string trace_id;
  std::string body;
  std::optional<std::string> details;
  std::string prev_hash;
  std::string hash;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};
inline constexpr model::Table kAuditRow{
    "AuditRow", "audit_rows",
    std::array{model::tenant(&AuditRow::tenant_id), model::env(&AuditRow::env),
               model::key(model::made("seq", &AuditRow::seq)), model::hidden("at", &AuditRow::at),
               model::hidden("action", &AuditRow::action), model::hidden("actor", &AuditRow::actor),
               model::hidden("result", &AuditRow::result), model::hidden("trace_id", &AuditRow::trace_id),
               model::made("body", &AuditRow::body), model::made("details", &AuditRow::details),
               model::made("prev_hash", &AuditRow::prev_hash), model::made("hash", &AuditRow::hash)}};

/// A signed note. The note over all chains has tenant "" and env "".
struct AuditNote {
  std::string tenant_id;
  std::string env;
  std::int64_t size = 0;
  Micros at = 0;
  std::string note;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};
inline constexpr model::Table kAuditNote{
    "AuditNote", "audit_checkpoints",
    std::array{model::tenant(&AuditNote::tenant_id), model::env(&AuditNote::env),
               model::key(model::made("size", &AuditNote::size)), model::key(model::made("at", &AuditNote::at)),
               model::made("note", &AuditNote::note)}};

/// A chain's tree so far: `range` is a JSON array of hex digests.
struct AuditTree {
  std::string tenant_id;
  std::string env;
  std::int64_t size = 0;
  std::string range = "[]";
};
inline constexpr model::Table kAuditTree{
    "AuditTree", "audit_trees",
    std::array{model::tenant(&AuditTree::tenant_id), model::env(&AuditTree::env), model::made("size", &AuditTree::size),
               model::made("range", &AuditTree::range)}};

// ---- heads and rows ------------------------------------------------------------------------------------------------

/// Returns nothing if the chain has no row yet.
std::optional<Head> find_audit_head(const Reader& reader, Realm realm);
/// The heads of all chains, in order of tenant and env.
std::vector<AuditHead> list_audit_heads(const Reader& reader);
/// The last row of each chain over which a note was made, in order of tenant and env. The chain may have grown since.
std::vector<AuditHead> list_noted_heads(const Reader& reader);
/// Heads of the chains that have rows without a note, at most `limit`.
std::vector<AuditHead> list_grown_chains(const Reader& reader, int limit);
/// Tenant and env of every chain in any table. A chain whose head was removed is still found by its rows, its tree or
/// its notes.
std::vector<std::pair<std::string, std::string>> list_audit_chains(const Reader& reader);

/// Appends the row and moves the head. The caller must have computed both in the same transaction.
void append_audit_row(Tx& tx, const AuditRow& row);
inline std::optional<AuditRow> find_audit_row(const Reader& reader, Realm realm, std::int64_t seq) {
  return find_row<kAuditRow>(reader, realm, seq);
}
/// Rows with a seq above `after`, oldest first.
std::vector<AuditRow> list_audit_rows_after(const Reader& reader, Realm realm, std::int64_t after, int limit);
/// The hashes of the rows after `after`, oldest first.
std::vector<std::string> list_audit_hashes(const Reader& reader, Realm realm, std::int64_t after, std::int64_t limit);
/// Of the rows that the chain's stored tree does not hold yet.
std::vector<std::string> list_new_audit_hashes(const Reader& reader, Realm realm, std::int64_t limit);
/// The seq that the next row of this chain will have.
std::int64_t next_audit_seq(const Reader& reader, Realm realm);
/// The first seq whose time is not before `at`, or one past the head if there is none. Times never fall within a chain.
std::int64_t audit_seq_at(const Reader& reader, Realm realm, Micros at);

/// The filter of GET /audit. Empty members do not filter.
struct AuditFilter {
  std::optional<std::string> action = {}, actor = {}, result = {}, trace_id = {};
  std::optional<std::string> token = {}, request_id = {}, run_id = {};
  std::int64_t first = 1;   // of seq, inclusive
  std::int64_t before = 0;  // of seq, exclusive; 0: up to the head
};
/// Newest first.
std::vector<AuditRow> find_audit_rows(const Reader& reader, Realm realm, const AuditFilter& filter, int limit);
/// The newest row of `action` whose body contains this text.
std::optional<std::int64_t> find_audit_seq(const Reader& reader, Realm realm, std::string_view action,
                                           std::string_view body_part);
/// Erases the details permanently.
void erase_audit_details(Tx& tx, Realm realm, std::int64_t seq);

// ---- notes ---------------------------------------------------------------------------------------------------------

std::optional<AuditNote> find_last_audit_note(const Reader& reader, Realm realm);
/// The newest note of all origins. Reads all notes.
std::optional<AuditNote> find_newest_audit_note(const Reader& reader);
/// The note of the largest size of each chain.
std::vector<AuditNote> list_newest_audit_notes(const Reader& reader);
/// Passes all notes of a chain to `take`, in order of size and time.
void scan_audit_notes(const Reader& reader, Realm realm, const std::function<void(const AuditNote&)>& take);
/// The size of the chain's newest note that was made until `at`.
std::optional<std::int64_t> find_audit_note_size_at(const Reader& reader, Realm realm, Micros at);
/// When the newest note of any chain that has rows was made; 0 before the first.
Micros newest_chain_note_at(const Reader& reader);

/// Reads a whole chain page by page, each page in its own snapshot: rows oldest first, each note right after its last
/// row. Rows written meanwhile are included. Notes are those of the first page's snapshot. Rows and notes beyond
/// `end_at` are left out.
class AuditScan {
 public:
  explicit AuditScan(Realm realm) : tenant_id_(realm.tenant), env_(realm.env) {}
  void end_at(std::int64_t last) { last_ = last; }
  using TakeRow = std::function<void(AuditRow&&)>;
  using TakeNote = std::function<void(const AuditNote&)>;
  /// Reads the next page. Returns false after the last one.
  bool page(const Reader& reader, std::int64_t limit, const TakeRow& take_row, const TakeNote& take_note);

 private:
  std::string tenant_id_, env_;
  std::int64_t last_ = INT64_MAX;
  std::int64_t after_ = 0;      // rows up to here were given
  std::int64_t next_note_ = 0;  // notes below this size were given
  std::optional<Micros> until_;
};

}  // namespace nexus::store
