// A chain made in memory for the tests of the proofs: rows as daemon/audit/chain.cpp writes them, notes as the
// checkpoints do, and ways to tamper with both.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "daemon/audit/export.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"

namespace nexus::audit::sample {

using Row = store::AuditRow;

struct Note {
  std::int64_t size = 0;
  std::string text;
};

inline const Verifier::Chain kChain{"0197-instance", "t_acme", "prod"};
inline constexpr Micros kBegin = 1'795'000'000'000'000;

struct Log {
  SigningKey key = SigningKey::generate("nexusd/" + kChain.instance_id);
  std::vector<PublicKey> keys{key.public_key()};  // all that signed, oldest first
  std::vector<Row> rows;
  std::vector<Note> notes;

  Json body_of(std::int64_t seq, const std::string& details, const std::string& action, const Json& subject) const {
    return {{"v", 1},
            {"tenant", kChain.tenant},
            {"env", kChain.env},
            {"seq", seq},
            {"at", to_rfc3339(kBegin + seq * kSecond)},
            {"action", action},
            {"surface", "audit"},
            {"subject", subject},
            {"actor", {{"type", "human"}, {"id", "u_ann"}, {"token", "j-1"}}},
            {"request_id", "r-" + std::to_string(seq)},
            {"trace_id", "r-" + std::to_string(seq)},
            {"run_id", nullptr},
            {"result", "PASS"},
            {"gates", Json::array()},
            {"details_sha256", sha256_hex(details)}};
  }

  void append(const std::string& action = "card_create",
              const Json& subject = {{"type", "card"}, {"id", "c-\u00e9\"1"}}, const Json& more = Json::object()) {
    Row row;
    row.seq = static_cast<std::int64_t>(rows.size()) + 1;
    Json details = {{"nonce", "n" + std::to_string(row.seq)}, {"note", "a\tb\u0001"}};
    details.update(more);
    row.details = canonical(details);
    row.body = canonical(body_of(row.seq, *row.details, action, subject));
    rows.push_back(std::move(row));
    seal(rows.size() - 1);
  }

  /// Makes prev_hash and hash of this row fit what stands before it.
  void seal(std::size_t at) {
    Row& row = rows[at];
    row.prev_hash = at == 0 ? genesis_hash(kChain.instance_id, kChain.realm()) : rows[at - 1].hash;
    row.hash = row_hash(kChain.realm(), row.seq, row.prev_hash, row.body);
  }
  void seal_from(std::size_t at) {
    for (; at < rows.size(); ++at) seal(at);
  }

  void erase(std::int64_t seq) {
    rows[static_cast<std::size_t>(seq - 1)].details.reset();
    append("audit_erase", {{"type", "audit_row"}, {"id", std::to_string(seq)}});
  }

  Checkpoint checkpoint_of(std::size_t size, const Digest& prev) const {
    std::vector<std::string> leaves;
    for (std::size_t i = 0; i < size; ++i) leaves.push_back(unhex(rows[i].hash).value_or(std::string(32, '\0')));
    return {.origin = origin_of(kChain.instance_id, kChain.realm()),
            .size = static_cast<std::int64_t>(size),
            .root = merkle_root(leaves),
            .prev = prev,
            .time = to_rfc3339(kBegin + static_cast<Micros>(size) * kSecond)};
  }
  std::string make_note_of(std::size_t size, const Digest& prev, const SigningKey& signer) const {
    return make_note(checkpoint_of(size, prev), signer);
  }
  Digest last_note() const { return notes.empty() ? Digest{} : sha256(notes.back().text); }
  void checkpoint() {
    notes.push_back({static_cast<std::int64_t>(rows.size()), make_note_of(rows.size(), last_note(), key)});
  }

  SigningKey next_key() {
    const SigningKey next = SigningKey::generate(key.public_key().name);
    keys.push_back(next.public_key());
    return next;
  }
  /// From here on another key signs, and the one before it says so.
  void succeed() {
    const SigningKey next = next_key();
    notes.push_back({static_cast<std::int64_t>(rows.size()),
                     make_succession_note(checkpoint_of(rows.size(), last_note()), key, next)});
    key = next;
  }
  /// The key is lost: a row names the one that takes its place.
  void replace_lost() {
    key = next_key();
    append("key_replace", {{"type", "checkpoint_key"}, {"id", key.public_key().text()}});
  }

  std::string head() const {
    return rows.empty() ? genesis_hash(kChain.instance_id, kChain.realm()) : rows.back().hash;
  }

  std::string exported() const {
    std::string out;
    append_header_line(out, kChain, keys);
    std::size_t note = 0;
    for (const auto& row : rows) {
      append_row_line(out, row);
      for (; note < notes.size() && notes[note].size <= row.seq; ++note) append_note_line(out, notes[note].text);
    }
    append_end_line(out, static_cast<std::int64_t>(rows.size()), head());
    return out;
  }
};

/// Twelve rows, an erasure among them, notes at 4, 8 and 11.
inline Log small_log() {
  Log log;
  for (int i = 0; i < 4; ++i) log.append();
  log.checkpoint();
  for (int i = 0; i < 4; ++i) log.append();
  log.checkpoint();
  log.erase(3);
  for (int i = 0; i < 2; ++i) log.append();
  log.checkpoint();
  log.append();
  return log;
}

inline Report verify_export(const std::string& text, Kept kept = {}) {
  ExportVerifier verifier(std::move(kept));
  verifier.take(text);
  return verifier.finish();
}

/// As a verifier of the tables would: notes first, then rows, then the stored head.
inline Report verify_log(const Log& log, const Kept& kept = {}) {
  Verifier verifier(kChain, {.known = log.keys, .trusted = kept.key});
  for (const auto& note : kept.notes) verifier.keep(note);
  for (const auto& [seq, hash] : kept.receipts) verifier.keep(seq, hash);
  for (const auto& note : log.notes) verifier.note(note.text);
  for (const auto& row : log.rows) verifier.row(row, Source::exported);
  return verifier.finish();
}

}  // namespace nexus::audit::sample
