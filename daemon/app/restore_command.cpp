// `nexusd backup restore`: from an archive to a restored data directory.
#include <cstdio>

#include "daemon/app/age.hpp"
#include "daemon/app/backup_commands.hpp"
#include "daemon/app/restore.hpp"
#include "daemon/backup/verify.hpp"

namespace nexus::app {

int restore_from_backup(const Config& config, const RestoreRequest& request) {
  RestoreSite site(config.data_dir);
  if (!site.finished().empty()) std::fprintf(stderr, "%s\n", site.finished().c_str());
  const auto verdict = backup::verify(request.file, {.directory = site.unpacked(), .keeps_objects = true});
  if (!verdict.faults.empty()) {
    for (const auto& fault : verdict.faults) std::fprintf(stderr, "FAIL %s\n", fault.c_str());
    std::fprintf(stderr, "nexusd: the backup is not whole: nothing was restored\n");
    return 1;
  }
  const auto locked = site.unpacked() / "keys.age";
  if (std::filesystem::exists(locked) && request.identity)
    decrypt_keys(locked, *request.identity, site.unpacked() / "keys");
  std::filesystem::remove(locked);
  return restore_backup(site, config, verdict.manifest,
                        {.plan_only = request.plan,
                         .as_it_was = request.as_it_was,
                         .without_living = request.without_living,
                         .keys = request.keys},
                        request.json);
}

}  // namespace nexus::app
