// What proves the audit log, as rows: notes, trees, and reading many rows of a chain at once. What a note or a tree
// says is daemon/audit's; single rows and heads are audit_log.hpp's.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit_log.hpp"

namespace nexus::store {

/// A signed note. The note over all chains is of tenant "" and env "".
struct AuditNote {
  std::int64_t size = 0;
  std::string note;
  Micros at = 0;
};
void append_audit_note(Tx& tx, std::string_view tenant_id, std::string_view env, const AuditNote& note);
std::optional<AuditNote> find_last_audit_note(const Reader& reader, std::string_view tenant_id, std::string_view env);
/// Those of sizes first to last that were made until `until`, in order of size and time.
std::vector<AuditNote> list_audit_notes(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                        std::int64_t first, std::int64_t last, Micros until = INT64_MAX);

/// A chain's tree so far: `range` is a JSON array of hex digests.
struct AuditTree {
  std::int64_t size = 0;
  std::string range = "[]";
};
AuditTree find_audit_tree(const Reader& reader, std::string_view tenant_id, std::string_view env);
void put_audit_tree(Tx& tx, std::string_view tenant_id, std::string_view env, const AuditTree& tree);
/// Heads of the chains that have rows which their tree has not, at most `limit`.
std::vector<ChainHead> list_grown_chains(const Reader& reader, int limit);
/// hash of the rows after `after`, oldest first.
std::vector<std::string> list_audit_hashes(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                           std::int64_t after, std::int64_t limit);

/// A row where it lies; valid during the call only.
struct AuditRowView {
  std::int64_t seq = 0;
  Micros at = 0;
  std::string_view action, actor, result, trace_id, body;
  std::optional<std::string_view> details;
  std::string_view prev_hash, hash;
};
/// Gives the rows after `after` to `take`, oldest first; answers how many there were.
std::int64_t scan_audit_rows(const Reader& reader, std::string_view tenant_id, std::string_view env, std::int64_t after,
                             std::int64_t limit, const std::function<void(const AuditRowView&)>& take);

/// Reads a whole chain page by page, in snapshots of their own: rows oldest first, each note right after the row it
/// ends with. What is written meanwhile is read too, but for notes, which are those of the first page's snapshot.
class AuditScan {
 public:
  AuditScan(std::string tenant_id, std::string env) : tenant_id_(std::move(tenant_id)), env_(std::move(env)) {}
  using TakeRow = std::function<void(const AuditRowView&)>;
  using TakeNote = std::function<void(const AuditNote&)>;
  /// False when that was the last page.
  bool page(const Reader& reader, std::int64_t limit, const TakeRow& take_row, const TakeNote& take_note);

 private:
  std::string tenant_id_, env_;
  std::int64_t after_ = 0;      // rows up to here were given
  std::int64_t next_note_ = 0;  // notes below this size were given
  std::optional<Micros> until_;
};

/// What GET /audit asks for. Empty texts ask for nothing.
struct AuditFilter {
  std::optional<std::string> action, actor, result, trace_id;
  std::int64_t first = 1;   // of seq, inclusive
  std::int64_t before = 0;  // of seq, exclusive; 0: up to the head
};
/// Newest first.
std::vector<AuditRow> find_audit_rows(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                      const AuditFilter& filter, int limit);
/// The first seq whose time is not before `at`; one past the head when all are. Times never fall within a chain.
std::int64_t audit_seq_at(const Reader& reader, std::string_view tenant_id, std::string_view env, Micros at);

/// Takes the details away, for ever.
void erase_audit_details(Tx& tx, std::string_view tenant_id, std::string_view env, std::int64_t seq);
/// The row of `action` whose body has this text in it, newest first; nothing when there is none.
std::optional<std::int64_t> find_audit_seq(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                           std::string_view action, std::string_view body_part);

}  // namespace nexus::store
