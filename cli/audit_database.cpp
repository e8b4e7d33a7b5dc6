#include "cli/audit_database.hpp"

#include <algorithm>
#include <set>

#include "cli/failure.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"
#include "store/audit_proofs.hpp"
#include "store/identity.hpp"
#include "store/sqlite/connection.hpp"

namespace nexus::cli {
namespace {

constexpr std::int64_t kPageRows = 10000;

/// Chains as every table tells of them: one whose head was removed is still known by its tree or its notes.
std::vector<audit::Verifier::Chain> chains_of(const store::Reader& reader, const std::string& instance_id) {
  std::set<std::pair<std::string, std::string>> names;
  for (const char* table : {"audit_heads", "audit_trees", "audit_checkpoints"}) {
    auto q = reader.query("SELECT DISTINCT tenant_id, env FROM " + std::string(table) + " WHERE tenant_id <> ''");
    while (q.next()) names.emplace(q.text(0), q.text(1));
  }
  std::vector<audit::Verifier::Chain> chains;
  for (const auto& [tenant, env] : names) chains.push_back({instance_id, tenant, env});
  return chains;
}

void give_tree(const store::Reader& reader, const audit::Verifier::Chain& chain, audit::Verifier& verifier) {
  const auto tree = store::find_audit_tree(reader, chain.tenant, chain.env);
  std::vector<Digest> nodes;
  const Json stored = Json::parse(tree.range, nullptr, false);
  for (const auto& item : stored) {
    const auto bytes = item.is_string() ? unhex(item.get<std::string>()) : std::nullopt;
    if (!bytes || bytes->size() != sizeof(Digest)) return verifier.found(audit::Fault::not_canonical, tree.size);
    std::ranges::copy(*bytes, reinterpret_cast<char*>(nodes.emplace_back().data()));
  }
  verifier.range(tree.size, std::move(nodes));
}

audit::Report verify_chain(const store::Reader& reader, const audit::Verifier::Chain& chain, const audit::Kept& kept,
                           const std::function<void(std::int64_t)>& progress) {
  audit::Verifier verifier(chain, kept.key);
  for (const auto& note : kept.notes) {
    const auto checkpoint = audit::parse_note(note);
    const bool ours = checkpoint && checkpoint->origin == audit::origin_of(chain.instance_id, chain.tenant, chain.env);
    if (!checkpoint || ours) verifier.keep(note);
  }
  for (const auto& [seq, hash] : kept.receipts) verifier.keep(seq, hash);
  give_tree(reader, chain, verifier);
  audit::VerifyPipeline pipeline(verifier);
  store::AuditScan scan(chain.tenant, chain.env);
  const auto take_row = [&](const store::AuditRowView& row) {
    const std::string at = to_rfc3339(row.at);
    const audit::RowColumns columns{at, row.action, row.actor, row.result, row.trace_id};
    pipeline.row({row.seq, row.body, row.details, row.prev_hash, row.hash}, &columns);
  };
  const auto take_note = [&](const store::AuditNote& note) { pipeline.note(note.note); };
  while (scan.page(reader, kPageRows, take_row, take_note)) progress(pipeline.next_seq() - 1);
  pipeline.drain();
  const auto head = store::find_audit_head(reader, chain.tenant, chain.env);
  if (head)
    verifier.end(head->seq, head->hash);
  else
    verifier.end(0, audit::genesis_hash(chain.instance_id, chain.tenant, chain.env));
  return verifier.finish();
}

/// The newest note over all chains, against the newest notes of the chains at its time: a chain that vanished whole is
/// missed here.
audit::Report verify_store_note(const store::Reader& reader, const std::string& instance_id, const audit::Kept& kept) {
  audit::Report report;
  const auto fault = [&](audit::Fault kind, std::int64_t size) {
    ++report.findings_total;
    report.findings.push_back({kind, size});
  };
  Digest prev{};
  store::AuditNote last;
  auto q = reader.query("SELECT size, note, at FROM audit_checkpoints WHERE tenant_id = '' AND env = '' ORDER BY at");
  while (q.next()) {
    last = {q.integer(0), q.text(1), q.integer(2)};
    const auto checkpoint = audit::parse_note(last.note);
    if (!checkpoint || (kept.key && !audit::is_signed_by(last.note, *kept.key)))
      fault(audit::Fault::bad_signature, last.size);
    else if (checkpoint->prev != prev)
      fault(audit::Fault::bad_prev, last.size);
    prev = sha256(last.note);
    ++report.notes;
  }
  if (report.notes == 0 || !report.ok()) return report;
  std::vector<std::string> lines;
  for (const auto& chain : chains_of(reader, instance_id)) {
    const auto notes = store::list_audit_notes(reader, chain.tenant, chain.env, 1, INT64_MAX, last.at);
    if (notes.empty()) continue;
    const auto row = store::find_audit_row(reader, chain.tenant, chain.env, notes.back().size);
    lines.push_back(chain.tenant + "\n" + chain.env + "\n" + std::to_string(notes.back().size) + "\n" +
                    (row ? row->hash : "") + "\n");
  }
  std::ranges::sort(lines);
  const auto checkpoint = audit::parse_note(last.note);
  if (checkpoint->size != static_cast<std::int64_t>(lines.size()) || checkpoint->root != audit::merkle_root(lines))
    fault(audit::Fault::fork, last.size);
  return report;
}

}  // namespace

std::optional<audit::PublicKey> key_beside(const std::filesystem::path& file) {
  try {
    const std::string text = read_file(file.parent_path() / "keys" / "checkpoint.key", 4096);
    const auto key = audit::SigningKey::parse(trim_ascii(text));
    return key ? std::optional(key->public_key()) : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<DatabaseVerdict> verify_database(const std::filesystem::path& file, const audit::Kept& kept,
                                             const std::optional<std::string>& tenant,
                                             const std::optional<std::string>& env,
                                             const std::function<void(std::int64_t)>& progress) {
  try {
    store::Connection connection({.path = file, .read_only = true});
    connection.execute("BEGIN");
    const store::Reader reader(connection);
    const auto instance = store::find_meta(reader, "instance_id");
    if (!instance) throw Failure(Exit::usage, file.string() + " is no database of Nexus");
    std::vector<DatabaseVerdict> verdicts;
    for (const auto& chain : chains_of(reader, *instance)) {
      if ((tenant && chain.tenant != *tenant) || (env && chain.env != *env)) continue;
      verdicts.push_back({chain, verify_chain(reader, chain, kept, progress)});
    }
    if (!tenant && !env) verdicts.push_back({{*instance, "", ""}, verify_store_note(reader, *instance, kept)});
    return verdicts;
  } catch (const store::Error& error) {
    throw Failure(Exit::usage, file.string() + " cannot be read: " + error.what());
  } catch (const store::SchemaError& error) {
    throw Failure(Exit::usage, error.what());
  }
}

}  // namespace nexus::cli
