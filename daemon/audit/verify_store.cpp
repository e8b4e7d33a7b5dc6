#include "daemon/audit/verify_store.hpp"

#include <algorithm>
#include <map>

#include "daemon/base/crypto.hpp"

namespace nexus::audit {
namespace {

constexpr std::int64_t kPageRows = 10000;

using ChainName = std::pair<std::string, std::string>;  // tenant and env; both empty: over all chains
using RowProgress = std::function<void(std::int64_t)>;

/// Rows that a kept note over all chains names, once its root proved them. They prove as much as receipts.
using ProvedRows = std::multimap<ChainName, std::pair<std::int64_t, std::string>>;

void give_tree(const store::Reader& reader, const Verifier::Chain& chain, Verifier& verifier) {
  const auto tree = store::find_row<store::kAuditTree>(reader, chain.realm()).value_or(store::AuditTree{});
  auto nodes = parse_nodes(tree.range);
  if (!nodes) return verifier.found(Fault::not_canonical, tree.size);
  verifier.range(tree.size, std::move(*nodes));
}

/// Judges the notes over all chains. Each must be signed and chained to the one before it. The newest one, and every
/// kept one, must match the heads that the chains had at its time. A chain that vanished whole is missed here.
class OverAll {
 public:
  OverAll(const store::Reader& reader, std::string instance_id, Keys keys)
      : reader_(reader), instance_id_(std::move(instance_id)), signers_(std::move(keys)) {}

  void keep(const std::string& note) { kept_[sha256(note)] = note; }
  bool has_kept() const { return !kept_.empty(); }

  ProvedRows read() {
    std::optional<store::AuditNote> newest;
    store::scan_audit_notes(reader_, {.tenant = "", .env = ""}, [&](const store::AuditNote& note) {
      judge(note);
      if (kept_.erase(prev_) > 0) meet(note, true);
      newest = note;
    });
    if (newest) meet(*newest, false);
    for (const auto& [digest, note] : kept_) missing(note);
    return std::move(proved_);
  }
  Report finish() {
    signers_.finish([this](std::int64_t size) { found(Fault::bad_signature, size); });
    report_.signers = signers_.all();
    return report_;
  }
  void replaced(std::string_view key) { signers_.replaced(key, 0); }

 private:
  void found(Fault fault, std::int64_t size) {
    ++report_.findings_total;
    report_.findings.push_back({fault, size});
  }
  void judge(const store::AuditNote& note) {
    const auto checkpoint = parse_note(note.note);
    if (!checkpoint || !signers_.take(note.note, *checkpoint)) found(Fault::bad_signature, note.size);
    if (checkpoint && checkpoint->origin != "nexusd/" + instance_id_) found(Fault::fork, note.size);
    if (checkpoint && checkpoint->prev != prev_) found(Fault::bad_prev, note.size);
    if (checkpoint && checkpoint->time < time_) found(Fault::clock_back, note.size);
    prev_ = sha256(note.note);
    if (checkpoint) time_ = checkpoint->time;
    ++report_.notes;
  }
  /// The newest note of each chain that is not younger gives the chain's head at that time.
  void meet(const store::AuditNote& note, bool kept) {
    const auto checkpoint = parse_note(note.note);
    if (!checkpoint) return;
    std::vector<std::string> lines;
    ProvedRows heads;
    for (const auto& name : store::list_audit_chains(reader_)) {
      const auto size = store::find_audit_note_size_at(reader_, {.tenant = name.first, .env = name.second}, note.at);
      if (!size) continue;
      const auto row = store::find_audit_row(reader_, {.tenant = name.first, .env = name.second}, *size);
      const std::string hash = row ? row->hash : "";
      lines.push_back(name.first + "\n" + name.second + "\n" + std::to_string(*size) + "\n" + hash + "\n");
      heads.insert({name, {*size, hash}});
    }
    std::ranges::sort(lines);
    if (checkpoint->size != static_cast<std::int64_t>(lines.size()) || checkpoint->root != merkle_root(lines))
      return found(Fault::fork, note.size);
    report_.signed_rows = checkpoint->size;
    if (!kept) return;
    report_.kept_rows = std::max(report_.kept_rows, checkpoint->size);
    proved_.merge(heads);
  }
  /// A kept note that the file no longer has: its rows were cut, or written anew.
  void missing(const std::string& note) {
    const auto checkpoint = parse_note(note);
    const bool ours = !signers_.judged() || signers_.is_signed_by_known(note);
    found(ours ? Fault::truncated : Fault::bad_signature, checkpoint ? checkpoint->size : 0);
  }

  const store::Reader& reader_;
  std::string instance_id_;
  Signers signers_;
  Digest prev_{};
  std::string time_;
  std::map<Digest, std::string> kept_;
  ProvedRows proved_;
  Report report_;
};

class StoreVerifier {
 public:
  StoreVerifier(const store::Reader& reader, std::string instance_id, Keys keys, const Kept& kept,
                const RowProgress& progress)
      : reader_(reader),
        instance_id_(std::move(instance_id)),
        keys_(std::move(keys)),
        receipts_(kept.receipts),
        progress_(progress),
        over_all_(reader, instance_id_, keys_) {
    for (const auto& note : kept.notes) sort(note);
  }

  std::vector<ChainVerdict> run(const std::optional<std::string>& tenant, const std::optional<std::string>& env) {
    const bool whole = (!tenant && !env) || over_all_.has_kept();
    const auto proved = over_all_.read();
    for (const auto& name : store::list_audit_chains(reader_)) names_[name];
    for (const auto& [name, notes] : names_) {
      const bool named = (!tenant || name.first == *tenant) && (!env || name.second == *env);
      if (whole || named || !notes.empty()) verify(name, notes, proved);
    }
    if (whole) add({instance_id_, "", ""}, over_all_.finish());
    return std::move(verdicts_);
  }

 private:
  /// Assigns each kept note to its chain; a note of another installation is a verdict by itself.
  void sort(const std::string& note) {
    const auto checkpoint = parse_note(note);
    const auto of = checkpoint ? chain_of(checkpoint->origin) : std::nullopt;
    if (of && of->instance_id == instance_id_ && of->tenant.empty()) return over_all_.keep(note);
    if (of && of->instance_id == instance_id_) return names_[{of->tenant, of->env}].push_back(note);
    Report report;
    report.findings_total = 1;
    report.findings = {{Fault::fork, checkpoint ? checkpoint->size : 0}};
    add(of.value_or(Verifier::Chain{}), std::move(report));
  }
  void add(const Verifier::Chain& chain, Report report) {
    verdicts_.push_back({chain, std::move(report), !keys_.known.empty() || keys_.trusted});
  }
  void verify(const ChainName& name, const std::vector<std::string>& notes, const ProvedRows& proved) {
    const Verifier::Chain chain{instance_id_, name.first, name.second};
    Verifier verifier(chain, keys_);
    for (const auto& note : notes) verifier.keep(note);
    for (const auto& [seq, hash] : receipts_) verifier.keep(seq, hash);
    const auto [first, last] = proved.equal_range(name);
    std::for_each(first, last, [&](const auto& each) { verifier.keep(each.second.first, each.second.second); });
    give_tree(reader_, chain, verifier);
    read_rows(chain, verifier);
    const auto head = store::find_audit_head(reader_, chain.realm());
    if (head)
      verifier.end(head->seq, head->hash);
    else
      verifier.end(0, genesis_hash(chain.instance_id, chain.realm()));
    auto report = verifier.finish();
    for (const auto& [key, seq] : report.replacements) over_all_.replaced(key);
    add(chain, std::move(report));
  }
  void read_rows(const Verifier::Chain& chain, Verifier& verifier) {
    VerifyPipeline pipeline(verifier);
    store::AuditScan scan(chain.realm());
    const auto take_row = [&](store::AuditRow&& row) { pipeline.row(std::move(row), Source::table); };
    const auto take_note = [&](const store::AuditNote& note) { pipeline.note(note.note); };
    while (scan.page(reader_, kPageRows, take_row, take_note)) progress_(pipeline.next_seq() - 1);
    pipeline.drain();
  }

  const store::Reader& reader_;
  std::string instance_id_;
  Keys keys_;
  std::vector<std::pair<std::int64_t, std::string>> receipts_;
  const RowProgress& progress_;
  OverAll over_all_;
  std::map<ChainName, std::vector<std::string>> names_;  // of every chain, with the kept notes of it
  std::vector<ChainVerdict> verdicts_;
};

}  // namespace

std::vector<ChainVerdict> verify_store(const store::Reader& reader, const std::string& instance_id,
                                       std::vector<PublicKey> known, const Kept& kept, const ChainFilter& filter,
                                       const RowProgress& progress) {
  return StoreVerifier(reader, instance_id, {.known = std::move(known), .trusted = kept.key}, kept, progress)
      .run(filter.tenant, filter.env);
}

}  // namespace nexus::audit
