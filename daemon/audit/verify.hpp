// Verifies that a chain is what was written. The state machine takes rows and notes in order and keeps only the newest
// digests. It reads no store, file or clock, so that the daemon, the command line and the tests judge alike.
//
// It checks of each row: seq dense, prev equal, body canonical and of this chain and seq, hash equal, details' digest
// equal (or details null with a later erasure row), time not falling. It checks of each note: signed, chained to the
// previous note, root equal at its size.
//
// It cannot detect that a holder of the file and the signing key rewrote rows of which nobody else has a note or a
// receipt. Hence `keep`: the rows are also compared with notes and receipts kept elsewhere, and the report says how far
// those reach.
#pragma once
#include <future>

#include "daemon/audit/canonical.hpp"
#include "daemon/audit/merkle.hpp"
#include "daemon/audit/signers.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/realm.hpp"
#include "store/audit_log.hpp"

namespace nexus::audit {

enum class Fault {
  gap,                  // a row is missing
  reorder,              // a row or note is in the place of an earlier one
  bad_prev,             // a row does not name the hash before it; a note not the note before it
  bad_hash,             // a row's hash is not that of its bytes
  bad_details,          // details differ from those that the body sealed
  not_canonical,        // a body, line or column is not what the format says, or is of another place
  unexplained_erasure,  // details are missing and no erasure row says why
  truncated,            // a note, receipt, head or end line names missing rows
  fork,                 // the rows differ from those of a note or receipt
  bad_signature,        // a note is not signed by the key whose turn it is, or no trusted key vouches for that key
  clock_back,           // a time falls
  trailing_data,        // something follows the end
};
std::string_view to_string(Fault fault);

struct Finding {
  Fault fault;
  std::int64_t seq;  // of the row, or of the note's last row
  bool operator==(const Finding&) const = default;
};

/// A row which says that the store was restored from a backup: rows after the backup may be gone. No fault by itself.
struct Restore {
  std::int64_t row = 0;
  std::string backup_id;    // sealed
  std::string restored_at;  // sealed: the row's time
  std::string made_at;      // the backup's, of the details; empty once they are erased
  bool operator==(const Restore&) const = default;
};

struct Report {
  std::int64_t rows = 0;                                          // read, good or bad
  std::string head;                                               // hash of the last one; the genesis of an empty chain
  std::int64_t notes = 0;                                         // good ones, of the log itself
  std::int64_t signed_rows = 0;                                   // the last row under a good note of the log
  std::int64_t kept_rows = 0;                                     // the last row under a note or receipt kept elsewhere
  std::vector<Signer> signers;                                    // in the order of their turns
  std::int64_t unknown_rows = 0;                                  // the last row under notes of a lost, unknown key
  std::map<std::string, std::int64_t, std::less<>> replacements;  // keys that replace lost ones, each with its row
  std::vector<Restore> restores;                                  // in the order of their rows
  std::vector<Finding> findings;                                  // the first ones
  std::int64_t findings_total = 0;
  bool ok() const { return findings_total == 0; }
};

/// The expensive checks of a row, which do not depend on earlier rows.
struct RowFacts {
  std::optional<BodyFacts> body;  // slices of the row's body
  Digest body_digest{};
  Digest details_digest{};  // if there are details
};
RowFacts examine(Hasher& hasher, const store::AuditRow& row);

/// Where a row is read. The table repeats fields of the body in columns, for its indexes.
enum class Source { table, exported };

class Verifier {
 public:
  struct Chain {
    std::string instance_id, tenant, env;
    Realm realm() const { return {.tenant = tenant, .env = env}; }
  };
  Verifier(Chain chain, Keys keys);

  /// Adds a note or receipt kept outside the log; to be called before the first row. The log must still contain every
  /// such note. A note of another installation is a fork; a note of another chain counts as truncated.
  void keep(std::string_view note);
  void keep(std::int64_t seq, std::string hash) { receipts_.emplace(seq, std::move(hash)); }

  /// Takes the next row, from the table or from an export, which has only the seq, the body, the details and the
  /// hashes.
  void row(const store::AuditRow& row, Source source) { this->row(row, source, examine(hasher_, row)); }
  /// The same for a row that was examined before.
  void row(const store::AuditRow& row, Source source, const RowFacts& facts);
  /// Takes a note of the log. Notes of a chain come in order, each before any row beyond its size.
  void note(std::string_view note);
  /// Takes the compact range that is stored for `size` rows.
  void range(std::int64_t size, std::vector<Digest> nodes);
  /// Takes the end that the source states, after all rows.
  void end(std::int64_t rows, std::string_view head);
  /// Reports a fault that the reader of the source found.
  void found(Fault fault, std::int64_t seq);

  std::int64_t next_seq() const { return next_; }
  const std::string& head() const { return head_; }
  /// To be called once, at the end.
  Report finish();

 private:
  struct Expected {
    std::optional<Digest> root;
    std::vector<Digest> nodes = {};
    bool stored = false, kept = false;  // a note of the log, a note kept elsewhere
  };
  struct KeptNote {
    std::int64_t size = 0;
    bool ours = false;  // signed by a known key
  };
  void judge_place(const store::AuditRow& row);
  void judge_details(const store::AuditRow& row, const RowFacts& facts);
  void judge_erasure(const store::AuditRow& row, const BodyFacts& body);
  void judge_replacement(const store::AuditRow& row, const BodyFacts& body);
  void note_restore(const store::AuditRow& row, const BodyFacts& body);
  void expect(std::int64_t size, Expected expected);
  void meet(std::int64_t size, const Expected& expected);
  void meet_all_due();

  Chain chain_;
  std::string origin_;
  Signers signers_;
  Hasher hasher_;
  CompactRange tree_;
  bool dense_ = true;  // no row is missing so far, so the tree can be compared
  std::int64_t next_ = 1;
  std::string head_, at_, scratch_;
  Digest last_note_{};
  std::int64_t last_note_size_ = 0;
  std::string last_note_time_;
  std::multimap<std::int64_t, Expected> expected_;
  std::map<Digest, KeptNote> kept_notes_;  // not yet found in the log
  std::multimap<std::int64_t, std::string> receipts_;
  std::map<std::int64_t, bool> erased_;
  Report report_;
};

/// Feeds a verifier on two cores. One thread reads the next rows and judges the last ones in order. Another examines
/// the rows in between one by one (their bytes and digests, two thirds of all work). The verdicts are those of the
/// Verifier, row for row and in its order. Only the command line uses it: the daemon needs its cores for other work and
/// feeds its verifier directly.
///
/// For one thread. `verifier` must outlive it and may be read only after `drain`.
class VerifyPipeline {
 public:
  explicit VerifyPipeline(Verifier& verifier) : verifier_(verifier), next_(verifier.next_seq()) {}

  void row(store::AuditRow row, Source source);
  void note(std::string_view note);
  /// Waits until all rows and notes are judged.
  void drain();
  /// Like Verifier::next_seq, counting the rows given so far.
  std::int64_t next_seq() const { return next_; }

 private:
  /// A note or a row.
  struct Item {
    std::optional<std::string> note;
    Source source = Source::table;
    store::AuditRow row;
    RowFacts facts;
  };
  using Batch = std::vector<Item>;
  Item& next_item();
  void submit();
  void judge(Batch& batch);

  Verifier& verifier_;
  std::int64_t next_;
  Batch filling_, examining_, examined_;
  std::future<void> under_way_;  // examines examining_
};

/// The report on a chain as JSON, without the findings: each caller formats those itself.
Json report_json(const Verifier::Chain& chain, const Report& report);

std::string origin_of(std::string_view instance_id, Realm realm);
/// The reverse of origin_of; tenant and env are empty for the note over all chains. Returns nothing for an invalid
/// origin.
std::optional<Verifier::Chain> chain_of(std::string_view origin);

}  // namespace nexus::audit
