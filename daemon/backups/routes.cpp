// The route of backups. The answer is the archive itself, pulled while it is sent: daemon/backup makes it.
#include "daemon/backup/backups.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::backups {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

/// A backup whose database is copied.
struct Begun {
  std::shared_ptr<backup::Archive> archive;
};

Applied send(const Begun& begun) {
  const backup::Manifest& manifest = begun.archive->manifest();
  return {.json = {},
          .subject_type = "backup",
          .subject_id = manifest.backup_id,
          .details = {{"database_bytes", manifest.database_bytes},
                      {"chains", manifest.chains.size()},
                      {"schema", manifest.schema},
                      {"objects_included", manifest.objects.included}},
          .status = 200,
          .fields = {{"Content-Disposition", "attachment; filename=\"" + backup::archive_name(manifest.made_at) + "\""},
                     {"X-Backup-Id", manifest.backup_id},
                     {"Cache-Control", "no-store"}},
          .stream = [archive = begun.archive](std::string& out) { return archive->pull(out); },
          .content_type = "application/x-tar"};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("backup", "Backups of the whole installation");
  const auto parse = [](Input& input) {
    return input.query.optional_choice("objects", {"included", "referenced"}).value_or("included") == "included";
  };
  const auto prepare = [&backups = services.backups](store::Database&, const Caller&, bool objects) {
    return Begun{backups.begin(objects)};
  };
  const auto apply = [](store::Tx&, const Caller&, bool, const Begun& begun) { return send(begun); };
  routes.add(
      {.method = "POST",
       .path = "/backup",
       .demand = {.access = Access::system, .mutates = true, .wants_reason = true},
       .action = "backup_create",
       .surface = "system",
       .policy = gates::Policy::audited,
       .effects = http::own_rows_alone(Direction::none),
       .handler = http::writes(parse, prepare, apply),
       .docs = {.summary = "Make a backup and send it: a tar archive of the database, the objects and a manifest",
                .tag = "backup",
                .success = 200,
                .query = {{"objects", "`referenced` leaves the objects where they are",
                           schema::choice({"included", "referenced"})}},
                .refusals = {409, 507},
                .particular = "Neither keys nor the system token are in it. An archive without its last entry, "
                              "manifest.json, was cut and is no backup.",
                .content_type = "application/x-tar"}});
}

}  // namespace nexus::backups
