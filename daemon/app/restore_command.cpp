// `nexusd backup restore`: from an archive to a restored data directory.
#include <cstdio>

#include "daemon/app/age.hpp"
#include "daemon/app/backup_commands.hpp"
#include "daemon/app/restore.hpp"
#include "daemon/backup/verify.hpp"
#include "daemon/config/resolve.hpp"

namespace nexus::app {

int restore_from_backup(const Config& config, const RestoreRequest& request) {
  require_file_store(config);
  if (request.keys && !std::filesystem::is_directory(*request.keys))
    throw ConfigError("keys", "command line", "is " + request.keys->string() + ", which is no directory",
                      "name the directory with the key files");
  RestoreSite site(config.data_dir);
  if (!site.finished().empty()) std::fprintf(stderr, "%s\n", site.finished().c_str());
  const auto verdict = backup::verify(request.file, {.directory = site.unpacked(), .keeps_objects = true});
  if (!verdict.faults.empty()) {
    for (const auto& fault : verdict.faults) std::fprintf(stderr, "FAIL %s\n", fault.c_str());
    std::fprintf(stderr, "nexusd: the backup is not whole: nothing was restored\n");
    return 1;
  }
  const auto locked = site.unpacked() / "keys.age";
  const bool has_keys = std::filesystem::exists(locked);
  if (request.identity && !has_keys)
    throw ConfigError("identity", "command line", "has no use: the backup holds no keys", "leave it out");
  if (has_keys && !request.identity)
    std::fprintf(stderr, "note the keys of the backup stay closed: --identity FILE opens them\n");
  if (request.identity) decrypt_keys(locked, *request.identity, site.unpacked() / "keys");
  std::filesystem::remove(locked);
  if (!verdict.manifest.objects.included)
    std::fprintf(stderr, "note the files are not in the backup: they must lie in %s; nexusd doctor finds the missing\n",
                 verdict.manifest.objects.where.c_str());
  return restore_backup(site, config, verdict.manifest,
                        {.plan_only = request.plan,
                         .as_it_was = request.as_it_was,
                         .without_living = request.without_living,
                         .keys = request.keys},
                        request.json);
}

}  // namespace nexus::app
