#include "cli/engine/witness.hpp"

#include <algorithm>

#include "cli/engine/output.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kWitnessBytesMax = 4u << 20;
constexpr std::size_t kChainsMax = 4096;
constexpr std::size_t kSetAsideMax = 1000;  // pieces of evidence

Json load(const std::filesystem::path& file) {
  Json kept = {{"chains", Json::object()}, {"set aside", Json::array()}};
  try {
    const Json document = parse_json(read_file(file, kWitnessBytesMax));
    for (auto& [name, part] : kept.items())
      if (document.is_object() && document.contains(name) && document[name].type() == part.type())
        part = document[name];
  } catch (const std::exception&) {
    return kept;  // none yet, or not readable
  }
  return kept;
}

/// Installations may come and go, as in tests. The one not seen for longest is dropped.
void prune(Json& document) {
  const auto seen_at = [](const Json& entry) { return entry.is_object() ? entry.value("at", Json()) : Json(); };
  Json& chains = document["chains"];
  while (chains.size() > kChainsMax) {
    auto oldest = chains.begin();
    for (auto each = chains.begin(); each != chains.end(); ++each)
      if (seen_at(*each) < seen_at(*oldest)) oldest = each;
    chains.erase(oldest);
  }
  while (document["set aside"].size() > kSetAsideMax) document["set aside"].erase(0);
}

void store(const std::filesystem::path& file, Json document) {
  prune(document);
  try {
    std::filesystem::create_directories(file.parent_path());
    replace_file(file, document.dump(1) + "\n");
  } catch (const std::exception&) {
    return;  // a read-only home keeps no witness; the command it was about is done all the same
  }
}

std::string key_of(const SeenChain& chain) { return chain.instance_id + " " + chain.tenant + " " + chain.env; }

Json json_of(const SeenRow& row) { return {{"seq", row.seq}, {"hash", row.hash}}; }

std::optional<SeenRow> row_of(const Json& entry) {
  const Json* seq = at_path(entry, "seq");
  const auto hash = find_text(entry, "hash");
  if (!hash || seq == nullptr || !seq->is_number_integer()) return std::nullopt;
  return SeenRow{seq->get<std::int64_t>(), *hash};
}

Json entry_of(const Json& document, const SeenChain& chain) { return document["chains"].value(key_of(chain), Json()); }

Json new_entry(const SeenRow& row) {
  Json entry = json_of(row);
  entry["at"] = to_rfc3339(now_micros());
  return entry;
}

std::string contradiction(const SeenChain& chain, const SeenRow& kept, const SeenRow& row, const std::string& hash) {
  const std::string log = "the audit log of " + chain.tenant + " " + chain.env;
  const std::string seen = "row " + std::to_string(kept.seq) + " was seen with hash " + kept.hash;
  if (hash.empty())
    return log + " went back: " + seen + " and is there no more, now that row " + std::to_string(row.seq) +
           " is written; it was cut, or restored from an older backup";
  return log + " contradicts what was seen before: " + seen + ", now it has " + hash + "; it was rewritten";
}

}  // namespace

std::vector<SeenRow> Witness::seen(const SeenChain& chain) const {
  const Json entry = entry_of(load(file_), chain);
  std::vector<SeenRow> rows;
  for (const char* path : {"", "passed"})
    if (const Json* found = at_path(entry, path))
      if (const auto row = row_of(*found)) rows.push_back(*row);
  return rows;
}

std::string Witness::see(const SeenChain& chain, const SeenRow& row, const Ask& ask) const {
  Json document = load(file_);
  const Json entry = entry_of(document, chain);
  Json next = new_entry(row);
  std::string complaint;
  if (const auto kept = row_of(entry)) {
    // A look by the system role writes a row itself, so the row after the last question is expected.
    const std::int64_t follows = kept->seq + 1 + (entry.value("asked", false) ? 1 : 0);
    const bool jumps = row.seq < kept->seq || row.seq > follows;
    const auto hash = row.seq == kept->seq ? std::optional(row.hash) : jumps ? ask(kept->seq) : std::nullopt;
    const bool contradicts = hash && *hash != kept->hash;
    if (row.seq <= kept->seq && !contradicts) return {};  // a receipt that was sent again
    if (contradicts) {
      complaint = contradiction(chain, *kept, row, *hash);
      document["set aside"].push_back({{"seq", kept->seq}, {"hash", kept->hash}, {"chain", key_of(chain)}});
    }
    if (hash) next["asked"] = true;
    if (jumps && !hash) next["passed"] = entry.value("passed", json_of(*kept));
    if (!jumps && entry.contains("passed")) next["passed"] = entry["passed"];
  }
  document["chains"][key_of(chain)] = std::move(next);
  store(file_, std::move(document));
  return complaint;
}

void Witness::proved(const SeenChain& chain, const SeenRow& row) const {
  Json document = load(file_);
  document["chains"][key_of(chain)] = new_entry(row);
  store(file_, std::move(document));
}

}  // namespace nexus::cli
