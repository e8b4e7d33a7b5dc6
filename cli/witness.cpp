#include "cli/witness.hpp"

#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kFileBytesMax = 4u << 20;

Json load(const std::filesystem::path& file) {
  try {
    Json document = parse_json(read_file(file, kFileBytesMax));
    return document.is_object() ? document : Json::object();
  } catch (const std::exception&) {
    return Json::object();
  }
}

void store(const std::filesystem::path& file, const Json& document) {
  try {
    std::filesystem::create_directories(file.parent_path());
    replace_file(file, document.dump(1) + "\n");
  } catch (const std::exception&) {
    return;  // a read-only home keeps no witness; the command it was about is done all the same
  }
}

std::string key_of_chain(const std::string& server, const std::string& tenant, const std::string& env) {
  return server + " " + tenant + " " + env;
}

std::optional<SeenRow> row_in(const Json& document, const std::string& key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_object()) return std::nullopt;
  const auto seq = found->find("seq"), hash = found->find("hash");
  if (seq == found->end() || hash == found->end()) return std::nullopt;
  if (!seq->is_number_integer() || !hash->is_string()) return std::nullopt;
  return SeenRow{seq->get<std::int64_t>(), hash->get<std::string>()};
}

}  // namespace

std::optional<SeenRow> Witness::last(const std::string& server, const std::string& tenant,
                                     const std::string& env) const {
  return row_in(load(file_), key_of_chain(server, tenant, env));
}

std::string Witness::see(const std::string& server, const std::string& tenant, const std::string& env,
                         const SeenRow& row) const {
  Json document = load(file_);
  const std::string key = key_of_chain(server, tenant, env);
  const auto kept = row_in(document, key);
  const bool contradicts = kept && kept->seq == row.seq && kept->hash != row.hash;
  if (kept && kept->seq >= row.seq && !contradicts) return {};
  if (contradicts) document["set aside"].push_back({{"chain", key}, {"seq", kept->seq}, {"hash", kept->hash}});
  document[key] = {{"seq", row.seq}, {"hash", row.hash}};
  store(file_, document);
  if (!contradicts) return {};
  return "the audit log of " + tenant + " " + env + " contradicts what was seen before: row " +
         std::to_string(row.seq) + " had hash " + kept->hash + ", now it has " + row.hash +
         "; it was rewritten, or another installation answers at " + server;
}

}  // namespace nexus::cli
