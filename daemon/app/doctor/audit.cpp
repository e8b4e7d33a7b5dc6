// The audit log and the keys, as far as they can be judged without reading every row.
#include <algorithm>

#include "daemon/app/doctor/probes.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/guard/keyring.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr Micros kAnchorAgeMax = 30 * kDay;
constexpr Micros kClockSlack = 2 * kMinute;  // clocks of machines that are kept in step differ by less

constexpr const char* kVerify = "see how far it is whole: nexusctl audit verify --database nexus.db";
constexpr const char* kOutside =
    "keep a checkpoint where this machine cannot reach it: nexusctl audit checkpoint > checkpoint";

const char* id_of(const KeyFault& fault) {
  switch (fault.kind) {
    case KeyKind::checkpoint:
      return fault.missing ? "keys.checkpoint_missing" : "keys.checkpoint_foreign";
    case KeyKind::signing:
      return "keys.signing_missing";
    case KeyKind::local_pair:
      return "keys.local_pair_missing";
  }
  return "keys.fault";
}

std::string remedy_of(const KeyFault& fault, const KeyPlace& place) {
  const std::string restore = "restore keys/ from the backup that belongs to this database";
  if (!fault.missing) return restore;
  return restore + "; if it is lost for good: nexusd key replace-lost --confirm " + place.instance_id;
}

std::string days(Micros span) { return std::to_string(span / kDay) + " days"; }

/// The time of a chain's newest row of this action; 0 without one.
Micros newest_of_action(const store::Reader& reader, Realm realm, const std::string& action) {
  const auto rows = store::find_audit_rows(reader, realm, {.action = action, .before = 0}, 1);
  return rows.empty() ? 0 : rows.front().at;
}

}  // namespace

void probe_heads(const store::Reader& reader, Findings& findings) {
  std::size_t chains = 0;
  for (const auto& head : store::list_audit_heads(reader)) {
    ++chains;
    const auto row = store::find_audit_row(reader, head.realm(), head.seq);
    const bool sound = row && row->hash == head.hash &&
                       audit::row_hash(head.realm(), row->seq, row->prev_hash, row->body) == row->hash;
    if (!sound)
      findings.error("audit.head", "audit",
                     "the head of " + head.tenant_id + "/" + head.env + " does not match its row", kVerify);
  }
  findings.ok("audit.heads", "audit", std::to_string(chains) + " chain heads read");
}

void probe_notes(const store::Reader& reader, Findings& findings) {
  const auto keys = audit::list_checkpoint_keys(reader);
  const auto notes = store::list_newest_audit_notes(reader);
  const auto is_signed = [&](const std::string& note) {
    return keys.empty() || std::ranges::any_of(keys, [&](const auto& key) { return audit::is_signed_by(note, key); });
  };
  for (const auto& note : notes) {
    const std::string chain = note.tenant_id.empty() ? "all chains" : note.tenant_id + "/" + note.env;
    if (!is_signed(note.note))
      findings.error("audit.checkpoint_foreign", "audit",
                     "the newest checkpoint of " + chain + " is signed by no key of ours", kVerify);
    if (note.tenant_id.empty()) continue;
    const auto head = store::find_audit_head(reader, note.realm());
    const std::int64_t rows = head ? head->seq : 0;
    if (note.size > rows)
      findings.error("audit.rows_missing", "audit",
                     chain + " has " + std::to_string(rows) + " rows, and its newest checkpoint tells of " +
                         std::to_string(note.size) + ": rows are missing",
                     kVerify);
  }
  findings.ok("audit.checkpoints", "audit", std::to_string(notes.size()) + " newest checkpoints held against them");
  findings.note("audit.rows", "audit",
                "the rows before the heads were not compared: nexusctl audit verify --database does");
}

void probe_keys(const store::Reader& reader, const KeyPlace& place, Findings& findings) {
  const auto faults = find_key_faults(reader, place);
  for (const auto& fault : faults) findings.error(id_of(fault), "keys", fault.what, remedy_of(fault, place));
  const auto kids = Keyring::kids(place.directory());
  if (faults.empty())
    findings.ok("keys.present", "keys",
                "those that what is on record needs are there; " + std::to_string(kids.size()) + " sign tokens");
  findings.note("keys.signing", "keys",
                "whether more signing keys were here once is not on record: nexusd token keys lists these");
}

void probe_root_token(const store::Reader& reader, const fs::path& data_dir, Findings& findings) {
  const fs::path file = data_dir / "root.token";
  if (!fs::exists(file))
    return findings.note("token.root", "system token", "root.token is not here, and so was not compared");
  const std::string digest = sha256_hex(trim_ascii(read_file(file, 256)));
  if (digest == store::find_meta(reader, "root_token_sha256"))
    return findings.ok("token.root", "system token", "root.token is the one in force");
  findings.error("token.root", "system token", "root.token is not the one in force and would be refused",
                 "where another daemon has the one in force, copy it or remove this one; if nobody has it, "
                 "nexusd token rotate-root makes a new one");
}

/// Nothing records where a checkpoint went. But asking for one to keep leaves a row `audit_checkpoint` in its chain.
void probe_anchor(const store::Reader& reader, Micros now, Findings& findings) {
  Micros newest = 0, oldest_row = now;
  for (const auto& head : store::list_audit_heads(reader)) {
    newest = std::max(newest, newest_of_action(reader, head.realm(), "audit_checkpoint"));
    if (const auto first = store::find_audit_row(reader, head.realm(), 1)) oldest_row = std::min(oldest_row, first->at);
  }
  const Micros since = newest == 0 ? oldest_row : newest;
  const std::string found =
      newest == 0
          ? "nobody asked for a checkpoint to keep outside; the oldest row is of " + days(now - oldest_row) + " ago"
          : "somebody last asked for a checkpoint to keep outside " + days(now - newest) + " ago";
  if (now - since <= kAnchorAgeMax) return findings.ok("audit.anchor", "audit", found);
  findings.warning("audit.anchor", "audit", found + ": whoever holds this disk could rewrite what is younger",
                   kOutside);
}

void probe_clock(const store::Reader& reader, Micros now, Findings& findings) {
  Micros newest = 0;
  for (const auto& head : store::list_audit_heads(reader)) newest = std::max(newest, head.at);
  if (newest == 0) return findings.note("clock.database", "clock", "no row is there to compare it with");
  if (newest - now > kClockSlack)
    return findings.error("clock.database", "clock",
                          "the newest audit row is of " + std::to_string((newest - now) / kSecond) +
                              " s in the future: this clock is behind, or was ahead when that was written",
                          "set the clock by a time service: timedatectl set-ntp true");
  findings.ok("clock.database", "clock",
              "not behind the newest audit row, of " + std::to_string(std::max<Micros>(now - newest, 0) / kSecond) +
                  " s ago; whether it is ahead, nexusctl doctor compares");
}

}  // namespace nexus::app::doctor
