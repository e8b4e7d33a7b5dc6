#include "daemon/audit/checkpoints.hpp"

#include <algorithm>

#include "daemon/audit/chain.hpp"
#include "daemon/audit/merkle.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/audit/verify.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/json.hpp"

namespace nexus::audit {
namespace {

constexpr std::uint64_t kRowsBetween = 1024;
constexpr std::chrono::seconds kTimeBetween{60};
constexpr std::int64_t kRowsOfUnit = 2048;  // a few milliseconds of the writer's time
constexpr std::size_t kChainsOfUnit = 64;   // a signature each, and a lock
constexpr int kChainsOfRound = 4096;        // the others wait for the next one

/// The stored tree. A damaged one is rebuilt from the first row.
CompactRange range_of(const store::AuditTree& tree) {
  auto nodes = parse_nodes(tree.range);
  if (!nodes) return {};
  return CompactRange::restore(static_cast<std::uint64_t>(tree.size), std::move(*nodes)).value_or(CompactRange());
}

store::AuditTree tree_of(Realm realm, const CompactRange& range) {
  Json nodes = Json::array();
  for (const Digest& node : range.nodes()) nodes.push_back(hex(node));
  return {std::string(realm.tenant), std::string(realm.env), static_cast<std::int64_t>(range.size()), nodes.dump()};
}

constexpr Realm kOverAll{.tenant = "", .env = ""};  // whose notes tell of all chains

/// What a note of a chain is made of.
struct ChainFacts {
  CompactRange range;
  std::vector<std::string> hashes;  // of rows behind it, at most kRowsOfUnit
  std::int64_t head = 0;
  std::optional<store::AuditNote> last;
};

ChainFacts read_chain(const store::Reader& reader, Realm realm) {
  const auto tree = store::find_row<store::kAuditTree>(reader, realm).value_or(store::AuditTree{});
  ChainFacts facts{.range = range_of(tree),
                   .hashes = store::list_new_audit_hashes(reader, realm, kRowsOfUnit),
                   .head = store::find_audit_head(reader, realm).value_or(store::Head{}).seq,
                   .last = store::find_last_audit_note(reader, realm)};
  if (static_cast<std::int64_t>(facts.range.size()) != tree.size)  // damaged
    facts.hashes = store::list_audit_hashes(reader, realm, static_cast<std::int64_t>(facts.range.size()), kRowsOfUnit);
  return facts;
}

/// Adds the hashes to the chain's tree and returns the tree.
CompactRange grow(store::Tx& tx, Realm realm, CompactRange range, const std::vector<std::string>& hashes) {
  if (hashes.empty()) return range;
  Hasher hasher;
  for (const auto& hash : hashes) range.append(hasher, unhex(hash).value_or(std::string(sizeof(Digest), '\0')));
  store::put_row<store::kAuditTree>(tx, tree_of(realm, range));
  return range;
}

/// Adds up to `limit` new rows to the chain's tree and returns the tree.
CompactRange advance(store::Tx& tx, Realm realm, std::int64_t limit) {
  CompactRange range = range_of(store::find_row<store::kAuditTree>(tx, realm).value_or(store::AuditTree{}));
  const auto hashes = store::list_audit_hashes(tx, realm, static_cast<std::int64_t>(range.size()), limit);
  return grow(tx, realm, std::move(range), hashes);
}

/// The notes behind which one of a chain comes.
struct NotesBefore {
  std::optional<store::AuditNote> last, over_all;
};
NotesBefore notes_before(const store::Reader& reader, Realm realm) {
  return {store::find_last_audit_note(reader, realm), store::find_last_audit_note(reader, kOverAll)};
}

/// Adds a note behind the last one of its origin, in the chain of notes and in time, with a time of at least `since`.
/// `next` is the new key of a succession, else null.
store::AuditNote add_note(store::Tx& tx, Realm realm, Checkpoint checkpoint,
                          const std::optional<store::AuditNote>& last, const SigningKey& key, const SigningKey* next,
                          Micros since = 0) {
  if (last) checkpoint.prev = sha256(last->note);
  const Micros now = std::max(now_micros(), since);
  const Micros at = last ? std::max(now, last->at + 1) : now;
  checkpoint.time = to_rfc3339(at);
  const std::string text = next != nullptr ? make_succession_note(checkpoint, key, *next) : make_note(checkpoint, key);
  store::AuditNote note{std::string(realm.tenant), std::string(realm.env), checkpoint.size, at, text};
  store::insert_row<store::kAuditNote>(tx, note);
  return note;
}

store::AuditNote add_chain_note(store::Tx& tx, Realm realm, const CompactRange& range, const NotesBefore& before,
                                const SigningKey& key, std::string_view instance_id, const SigningKey* next = nullptr) {
  Hasher hasher;
  Checkpoint checkpoint;
  checkpoint.origin = origin_of(instance_id, realm);
  checkpoint.size = static_cast<std::int64_t>(range.size());
  checkpoint.root = range.root(hasher);
  // Later than the last note over all chains, because the heads under that note are found by their times.
  return add_note(tx, realm, std::move(checkpoint), before.last, key, next,
                  before.over_all ? before.over_all->at + 1 : 0);
}

store::Realms own_share_in(Realm realm) { return store::Realms().add(realm).charged_to(""); }

/// Throws the error unless the unit was applied.
void apply(store::Database& database, store::Unit unit, store::Realms realms) {
  const store::Result result = database.writer().run(std::move(unit), std::move(realms));
  if (result.outcome != store::Outcome::applied) std::rethrow_exception(result.error);
}

}  // namespace

Checkpoints::Checkpoints(store::Database& database, SigningKey key, std::string instance_id)
    : database_(database), key_(std::move(key)), instance_id_(std::move(instance_id)) {}

Micros Checkpoints::newest(const store::Reader& reader) const {
  if (!database_.leadership().is_shared()) return newest_;
  const auto over_all = store::find_last_audit_note(reader, kOverAll);
  return over_all ? over_all->at : 0;
}

std::uint64_t Checkpoints::applied() const {
  return database_.writer().stats().applied + database_.leadership().applied_elsewhere();
}

/// Once in kTimeBetween, the leader of several daemons looks unasked: for what its predecessor left without a note, and
/// for what a daemon wrote that ended before it could tell.
void Checkpoints::tick() {
  const auto term = database_.leadership().term();
  if (!term) return;
  const bool is_shared = database_.leadership().is_shared();
  const std::uint64_t applied = this->applied();
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(progress_.mutex);
    if (progress_.running || (applied <= progress_.applied && !is_shared)) return;
    if (applied - progress_.applied < kRowsBetween && now - progress_.made < kTimeBetween) return;
    progress_.running = true;
    progress_.made = now;
  }
  submit(std::make_shared<Round>(*this, *term));
}

/// The units that make the notes of all chains that had grown when it began: first one that looks for them, then those
/// of a few chains each, and at last the note over all. It belongs to a term of the leader.
class Checkpoints::Round {
 public:
  Round(const Checkpoints& checkpoints, std::int64_t term) : checkpoints_(checkpoints), term_(term) {}

  /// The next unit, which belongs to this Round, and the realms that it names.
  store::Unit unit() { return store::as_leader(checkpoints_.database_.leadership(), term_, next()); }
  store::Realms realms() const {
    if (state_ == State::over_all) return store::Realms::every();
    store::Realms realms;
    if (state_ == State::chains)
      for (const auto& head : some()) realms.add(head.realm());
    return realms.charged_to("");
  }
  /// What that unit will read.
  store::Asks asks() const {
    if (state_ == State::chains)
      return [heads = std::vector(some().begin(), some().end())](const store::Reader& reader) {
        store::find_last_audit_note(reader, kOverAll);
        for (const auto& head : heads) read_chain(reader, head.realm());
      };
    return [is_last = state_ == State::over_all](const store::Reader& reader) {
      is_last ? void(store::list_noted_heads(reader)) : void(store::list_grown_chains(reader, kChainsOfRound));
      store::find_last_audit_note(reader, kOverAll);
      store::newest_chain_note_at(reader);
    };
  }
  /// That unit was applied. Returns whether another one must follow.
  bool go_on() {
    if (state_ == State::over_all) return false;
    if (state_ == State::looks && grown_.empty() && !is_over_all_due_) return false;
    grown_.erase(grown_.begin(), grown_.begin() + static_cast<std::ptrdiff_t>(std::exchange(noted_, 0)));
    state_ = grown_.empty() ? State::over_all : State::chains;
    return true;
  }

 private:
  enum class State { looks, chains, over_all };
  store::Unit next() {
    if (state_ == State::looks) return [this](store::Tx& tx) { look(tx); };
    if (state_ == State::over_all) return [this](store::Tx& tx) { checkpoints_.note_store(tx); };
    return [this](store::Tx& tx) { noted_ = checkpoints_.note_some(tx, some()); };
  }
  /// A round that did not come to its end left notes that the one over all does not tell of.
  void look(store::Tx& tx) {
    grown_ = store::list_grown_chains(tx, kChainsOfRound);
    const auto over_all = store::find_last_audit_note(tx, kOverAll);
    is_over_all_due_ = store::newest_chain_note_at(tx) > (over_all ? over_all->at : 0);
  }
  std::span<const store::AuditHead> some() const {
    return std::span(grown_).first(std::min(grown_.size(), kChainsOfUnit));
  }

  const Checkpoints& checkpoints_;
  const std::int64_t term_;
  State state_ = State::looks;
  bool is_over_all_due_ = false;
  std::vector<store::AuditHead> grown_;  // those without their note
  std::size_t noted_ = 0;                // as many of them have it since the last unit
};

void Checkpoints::submit(const std::shared_ptr<Round>& round) {
  const auto settled = [this, round](const store::Result& result) {
    if (result.outcome == store::Outcome::applied && round->go_on()) return submit(round);
    const std::uint64_t applied = this->applied();
    const std::lock_guard lock(progress_.mutex);
    progress_.running = false;
    progress_.applied = applied;
  };
  if (database_.writer().submit(
          {.unit = round->unit(), .done = settled, .realms = round->realms(), .asks = round->asks()}))
    return;
  const std::lock_guard lock(progress_.mutex);
  progress_.running = false;
}

void Checkpoints::finish() {
  const auto term = database_.leadership().term();
  if (!term) return;
  Round round(*this, *term);
  do {
    apply(database_, round.unit(), round.realms());
  } while (round.go_on());
}

void Checkpoints::succeed(const SigningKey& next) {
  finish();  // leaves little to read in the one unit
  database_.writer().apply([&](store::Tx& tx) {
    const std::string key = next.public_key().text();
    append(tx, instance_id_,
           own_act({.tenant = TenantId::system().str(), .env = "prod"}, "key_rotate", std::string(kCheckpointKey), key),
           now_micros());
    for (const auto& head : store::list_audit_heads(tx)) {
      const CompactRange range = advance(tx, head.realm(), INT64_MAX);
      if (static_cast<std::int64_t>(range.size()) == head.seq)  // else rows are missing: there is nothing to sign
        add_chain_note(tx, head.realm(), range, notes_before(tx, head.realm()), key_, instance_id_, &next);
    }
    note_store(tx, &next);
    remember_checkpoint_key(tx, next.public_key());
  });
}

void Checkpoints::catch_up(Realm realm) {
  bool more = true;
  const auto some = [&](store::Tx& tx) {
    const auto head = store::find_audit_head(tx, realm);
    const auto range = advance(tx, realm, kRowsOfUnit);
    more = head && head->seq - static_cast<std::int64_t>(range.size()) > kRowsOfUnit;
  };
  while (more) apply(database_, some, own_share_in(realm));
}

std::optional<std::int64_t> Checkpoints::cover(Realm realm) {
  catch_up(realm);
  std::optional<std::int64_t> covered;
  const auto note = [&](store::Tx& tx) {
    covered.reset();
    const auto head = store::find_audit_head(tx, realm);
    const auto last = store::find_last_audit_note(tx, realm);
    if (!head) return;
    const bool grown = !last || last->size < head->seq;
    covered = grown ? note_chain(tx, realm).size : last->size;
  };
  apply(database_, note, own_share_in(realm));
  return covered;
}

store::AuditNote Checkpoints::note_chain(store::Tx& tx, Realm realm) const {
  return add_chain_note(tx, realm, advance(tx, realm, INT64_MAX), notes_before(tx, realm), key_, instance_id_);
}

/// Returns how many of the chains need no more units: in their order, as many as a unit may handle. All is read before
/// anything is written: so what was asked ahead (Round::asks) still answers.
std::size_t Checkpoints::note_some(store::Tx& tx, std::span<const store::AuditHead> chains) const {
  const auto over_all = store::find_last_audit_note(tx, kOverAll);
  std::int64_t left = kRowsOfUnit;
  std::vector<ChainFacts> all;
  for (auto chain = chains.begin(); chain != chains.end() && left > 0; ++chain) {
    ChainFacts facts = read_chain(tx, chain->realm());
    facts.hashes.resize(std::min(facts.hashes.size(), static_cast<std::size_t>(left)));
    left -= static_cast<std::int64_t>(facts.hashes.size());
    all.push_back(std::move(facts));
  }
  for (std::size_t place = 0; place < all.size(); ++place) {
    const Realm realm = chains[place].realm();
    const CompactRange range = grow(tx, realm, std::move(all[place].range), all[place].hashes);
    const auto size = static_cast<std::int64_t>(range.size());
    if (size < all[place].head && left <= 0 && place + 1 == all.size()) return place;
    // Where rows are missing, there is nothing to sign, and verify will say so.
    if (size == all[place].head)
      add_chain_note(tx, realm, range, {std::move(all[place].last), over_all}, key_, instance_id_);
  }
  return all.size();
}

/// Its time is not before that of any note of a chain.
void Checkpoints::note_store(store::Tx& tx, const SigningKey* next) const {
  std::vector<std::string> lines;
  for (const auto& head : store::list_noted_heads(tx))
    lines.push_back(head.tenant_id + "\n" + head.env + "\n" + std::to_string(head.seq) + "\n" + head.hash + "\n");
  std::ranges::sort(lines);
  Checkpoint checkpoint;
  checkpoint.origin = "nexusd/" + instance_id_;
  checkpoint.size = static_cast<std::int64_t>(lines.size());
  checkpoint.root = merkle_root(lines);
  newest_ = add_note(tx, kOverAll, std::move(checkpoint), store::find_last_audit_note(tx, kOverAll), key_, next,
                     store::newest_chain_note_at(tx))
                .at;
}

}  // namespace nexus::audit
