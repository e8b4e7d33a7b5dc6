#include "daemon/backup/manifest.hpp"

#include <stdexcept>

#include "daemon/base/json.hpp"

namespace nexus::backup {
namespace {

constexpr std::int64_t kFormat = 1;

Json chains_json(const std::vector<ChainHead>& chains) {
  Json list = Json::array();
  for (const auto& chain : chains)
    list.push_back({{"tenant_id", chain.tenant_id}, {"env", chain.env}, {"seq", chain.seq}, {"hash", chain.hash}});
  return list;
}

std::vector<ChainHead> chains_of(const Json& list) {
  std::vector<ChainHead> chains;
  for (const Json& chain : list)
    chains.push_back({chain.at("tenant_id").get<std::string>(), chain.at("env").get<std::string>(),
                      chain.at("seq").get<std::int64_t>(), chain.at("hash").get<std::string>()});
  return chains;
}

Json objects_json(const Objects& objects) {
  return {{"included", objects.included}, {"where", objects.where},   {"count", objects.count},
          {"bytes", objects.bytes},       {"sha256", objects.sha256}, {"deleted_meanwhile", objects.deleted_meanwhile},
          {"lost", objects.lost}};
}

Objects objects_of(const Json& json) {
  return {.included = json.at("included").get<bool>(),
          .where = json.at("where").get<std::string>(),
          .count = json.at("count").get<std::int64_t>(),
          .bytes = json.at("bytes").get<std::int64_t>(),
          .sha256 = json.at("sha256").get<std::string>(),
          .deleted_meanwhile = json.at("deleted_meanwhile").get<std::vector<std::string>>(),
          .lost = json.at("lost").get<std::vector<std::string>>()};
}

}  // namespace

std::string archive_name(Micros made_at) {
  std::string name(kArchivePrefix);
  for (const char c : to_rfc3339(made_at).substr(0, 19))
    if (c != '-' && c != ':') name += c;
  return name + "Z" + std::string(kArchiveSuffix);
}

std::string to_text(const Manifest& manifest) {
  const Json json = {{"nexus_backup", kFormat},
                     {"backup_id", manifest.backup_id},
                     {"made_at", to_rfc3339(manifest.made_at)},
                     {"nexusd", manifest.nexusd},
                     {"instance_id", manifest.instance_id},
                     {"epoch", manifest.epoch},
                     {"schema", manifest.schema},
                     {"database", {{"bytes", manifest.database_bytes}, {"sha256", manifest.database_sha256}}},
                     {"chains", chains_json(manifest.chains)},
                     {"checkpoint", manifest.checkpoint},
                     {"objects", objects_json(manifest.objects)},
                     {"keys", {{"recipients", manifest.keys_recipients}, {"sha256", manifest.keys_sha256}}}};
  return canonical(json) + "\n";
}

Manifest parse_manifest(std::string_view text) {
  try {
    const Json json = parse_json(text);
    if (json.at("nexus_backup").get<std::int64_t>() != kFormat)
      throw std::runtime_error("the backup has a format that this nexusd does not know: use the version that made it");
    const auto made_at = parse_rfc3339(json.at("made_at").get<std::string>());
    if (!made_at) throw std::runtime_error("the manifest does not say when the backup was made");
    return {.backup_id = json.at("backup_id").get<std::string>(),
            .made_at = *made_at,
            .nexusd = json.at("nexusd").get<std::string>(),
            .instance_id = json.at("instance_id").get<std::string>(),
            .epoch = json.at("epoch").get<std::string>(),
            .schema = json.at("schema").get<std::int64_t>(),
            .database_bytes = json.at("database").at("bytes").get<std::int64_t>(),
            .database_sha256 = json.at("database").at("sha256").get<std::string>(),
            .chains = chains_of(json.at("chains")),
            .checkpoint = json.at("checkpoint").get<std::string>(),
            .objects = objects_of(json.at("objects")),
            .keys_recipients = json.at("keys").at("recipients").get<std::int64_t>(),
            .keys_sha256 = json.at("keys").at("sha256").get<std::string>()};
  } catch (const JsonError& error) {
    throw std::runtime_error(std::string("the manifest is no JSON: ") + error.what());
  } catch (const Json::exception&) {
    throw std::runtime_error("the manifest lacks a field, or has one of another type");
  }
}

}  // namespace nexus::backup
