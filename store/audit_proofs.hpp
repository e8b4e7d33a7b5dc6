// The proofs of the audit log as rows: notes and trees. Also reads many rows of a chain at once. daemon/audit defines
// notes and trees; single rows and heads are in audit_log.hpp.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/realm.hpp"
#include "store/audit_log.hpp"

namespace nexus::store {

/// A signed note. The note over all chains has tenant "" and env "".
struct AuditNote {
  std::int64_t size = 0;
  std::string note;
  Micros at = 0;
};
void append_audit_note(Tx& tx, Realm realm, const AuditNote& note);
std::optional<AuditNote> find_last_audit_note(const Reader& reader, Realm realm);
/// Passes all notes of a chain to `take`, in order of size and time.
void scan_audit_notes(const Reader& reader, Realm realm, const std::function<void(const AuditNote&)>& take);
/// The size of the chain's newest note that was made until `at`.
std::optional<std::int64_t> find_audit_note_size_at(const Reader& reader, Realm realm, Micros at);
/// When the newest note of any chain that has rows was made; 0 before the first.
Micros newest_chain_note_at(const Reader& reader);
/// Notes of the sizes `first` to `last` that were made until `until`, in order of size and time.
std::vector<AuditNote> list_audit_notes(const Reader& reader, Realm realm, std::int64_t first, std::int64_t last,
                                        Micros until = INT64_MAX);

/// A chain's tree so far: `range` is a JSON array of hex digests.
struct AuditTree {
  std::int64_t size = 0;
  std::string range = "[]";
};
AuditTree find_audit_tree(const Reader& reader, Realm realm);
void put_audit_tree(Tx& tx, Realm realm, const AuditTree& tree);
/// Heads of the chains that have rows without a note, at most `limit`.
std::vector<ChainHead> list_grown_chains(const Reader& reader, int limit);
/// The hashes of the rows after `after`, oldest first.
std::vector<std::string> list_audit_hashes(const Reader& reader, Realm realm, std::int64_t after, std::int64_t limit);

/// Tenant and env of every chain in any table. A chain whose head was removed is still found by its rows, its tree or
/// its notes.
std::vector<std::pair<std::string, std::string>> list_audit_chains(const Reader& reader);

/// A view of a row; valid during the call only.
struct AuditRowView {
  std::int64_t seq = 0;
  Micros at = 0;
  std::string_view action, actor, result, trace_id, body;
  std::optional<std::string_view> details;
  std::string_view prev_hash, hash;
};
/// Passes the rows after `after`, up to `last`, to `take`, oldest first. Returns their number.
std::int64_t scan_audit_rows(const Reader& reader, Realm realm, std::int64_t after, std::int64_t last,
                             std::int64_t limit, const std::function<void(const AuditRowView&)>& take);

/// Reads a whole chain page by page, each page in its own snapshot: rows oldest first, each note right after its last
/// row. Rows written meanwhile are included. Notes are those of the first page's snapshot. Rows and notes beyond
/// `end_at` are left out.
class AuditScan {
 public:
  explicit AuditScan(Realm realm) : tenant_id_(realm.tenant), env_(realm.env) {}
  void end_at(std::int64_t last) { last_ = last; }
  using TakeRow = std::function<void(const AuditRowView&)>;
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

/// The filter of GET /audit. Empty members do not filter.
struct AuditFilter {
  std::optional<std::string> action = {}, actor = {}, result = {}, trace_id = {};
  std::optional<std::string> token = {}, request_id = {}, run_id = {};
  std::int64_t first = 1;   // of seq, inclusive
  std::int64_t before = 0;  // of seq, exclusive; 0: up to the head
};
/// Newest first.
std::vector<AuditRow> find_audit_rows(const Reader& reader, Realm realm, const AuditFilter& filter, int limit);
/// The first seq whose time is not before `at`, or one past the head if there is none. Times never fall within a chain.
std::int64_t audit_seq_at(const Reader& reader, Realm realm, Micros at);

/// Erases the details permanently.
void erase_audit_details(Tx& tx, Realm realm, std::int64_t seq);
/// The newest row of `action` whose body contains this text.
std::optional<std::int64_t> find_audit_seq(const Reader& reader, Realm realm, std::string_view action,
                                           std::string_view body_part);

}  // namespace nexus::store
