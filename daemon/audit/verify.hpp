// Is this chain what was written? A state machine that is fed rows and notes in order and keeps nothing of them but the
// newest digests: no store, no file, no clock, so that the daemon, the command line and the tests judge alike.
//
// Each row: seq dense, prev equal, body canonical and of this place, hash equal, details' digest equal (or null with an
// erasure row behind), time not falling. Each note: signed, chained to the note before it, root equal at its size.
//
// What it cannot see: who holds the file and the signing key can rewrite all that nobody else holds a note or a receipt
// of. Hence `keep`: what somebody else kept is held against the rows too, and the report says how far that reaches.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/audit/canonical.hpp"
#include "daemon/audit/merkle.hpp"
#include "daemon/audit/signers.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/realm.hpp"

namespace nexus::audit {

enum class Fault {
  gap,                  // a row is missing
  reorder,              // a row or note stands where an earlier one should
  bad_prev,             // a row does not name the hash before it; a note not the note before it
  bad_hash,             // a row's hash is not that of its bytes
  bad_details,          // details are not those that the body sealed
  not_canonical,        // a body, line or column is not what the format says, or is of another place
  unexplained_erasure,  // details are gone and no erasure row says why
  truncated,            // a note, receipt, head or end line tells of rows that are not there
  fork,                 // the rows are not those that a note or receipt was made for
  bad_signature,        // a note is not a note of the key whose turn it is, or nobody we trust vouches for that key
  clock_back,           // a time falls
  trailing_data,        // something follows the end
};
std::string_view to_string(Fault fault);

struct Finding {
  Fault fault;
  std::int64_t seq;  // of the row, or of the note's last row
  bool operator==(const Finding&) const = default;
};

struct Report {
  std::int64_t rows = 0;          // read, good or bad
  std::string head;               // hash of the last one; the genesis of an empty chain
  std::int64_t notes = 0;         // good ones, of the log itself
  std::int64_t signed_rows = 0;   // up to here a good note of the log reaches
  std::int64_t kept_rows = 0;     // up to here a note or receipt reaches that somebody else kept
  std::vector<Signer> signers;    // in the order of their turns
  std::int64_t unknown_rows = 0;  // up to here notes of a lost key reach that nobody knows any more
  std::map<std::string, std::int64_t, std::less<>> replacements;  // keys for lost ones, and the row that says so
  std::vector<Finding> findings;                                  // the first ones
  std::int64_t findings_total = 0;
  bool ok() const { return findings_total == 0; }
};

/// One row as it is stored. The texts must outlive the call only.
struct RowView {
  std::int64_t seq = 0;
  std::string_view body;
  std::optional<std::string_view> details;
  std::string_view prev_hash, hash;
};

/// What a table repeats of a body, for its indexes.
struct RowColumns {
  std::string_view at;  // RFC 3339
  std::string_view action, actor, result, trace_id;
};

/// What a row shows by itself, whatever stands before it: all that is dear to find out.
struct RowFacts {
  std::optional<BodyFacts> body;  // slices of the row's body
  Digest body_digest{};
  Digest details_digest{};  // where there are details
};
RowFacts examine(Hasher& hasher, const RowView& row);

class Verifier {
 public:
  struct Chain {
    std::string instance_id, tenant, env;
    Realm realm() const { return {.tenant = tenant, .env = env}; }
  };
  Verifier(Chain chain, Keys keys);

  /// What was kept outside of the log, before the first row. Every note was stored too: the log must still have it. One
  /// of another installation is a fork; one of another chain tells of rows that are not here.
  void keep(std::string_view note);
  void keep(std::int64_t seq, std::string hash);

  void row(const RowView& row, const RowColumns* columns = nullptr) { this->row(row, examine(hasher_, row), columns); }
  /// The same, where the row was examined before.
  void row(const RowView& row, const RowFacts& facts, const RowColumns* columns);
  /// A note of the log. Those of a chain come in their order; each before a row beyond its size is given.
  void note(std::string_view note);
  /// The compact range that is stored for `size` rows.
  void range(std::int64_t size, std::vector<Digest> nodes);
  /// What the source says of its own end, once all rows are in.
  void end(std::int64_t rows, std::string_view head);
  /// A fault that the reader of the source met.
  void found(Fault fault, std::int64_t seq);

  std::int64_t next_seq() const { return next_; }
  const std::string& head() const { return head_; }
  /// Once, at the end.
  Report finish();

 private:
  struct Expected {
    std::optional<Digest> root;
    std::vector<Digest> nodes = {};
    bool stored = false, kept = false;  // the log's note, somebody's note
  };
  struct KeptNote {
    std::int64_t size = 0;
    bool ours = false;  // signed by a key that is known
  };
  void judge_place(const RowView& row);
  void judge_details(const RowView& row, const RowFacts& facts);
  void judge_erasure(const RowView& row, const BodyFacts& body);
  void judge_replacement(const RowView& row, const BodyFacts& body);
  void expect(std::int64_t size, Expected expected);
  void meet(std::int64_t size, const Expected& expected);
  void meet_all_due();

  Chain chain_;
  std::string origin_;
  Signers signers_;
  Hasher hasher_;
  CompactRange tree_;
  bool dense_ = true;  // no row was missing so far: the tree can be compared
  std::int64_t next_ = 1;
  std::string head_, at_, scratch_;
  Digest last_note_{};
  std::int64_t last_note_size_ = 0;
  std::string last_note_time_;
  std::multimap<std::int64_t, Expected> expected_;
  std::map<Digest, KeptNote> kept_notes_;  // that the log has not shown yet
  std::multimap<std::int64_t, std::string> receipts_;
  std::map<std::int64_t, bool> erased_;
  Report report_;
};

/// What a verdict over a chain says of it, whoever judges; the findings are said by each in its own way.
Json report_json(const Verifier::Chain& chain, const Report& report);

std::string origin_of(std::string_view instance_id, Realm realm);
/// The other way round; tenant and env are empty for the note over all chains. Nothing for what is no origin.
std::optional<Verifier::Chain> chain_of(std::string_view origin);

}  // namespace nexus::audit
