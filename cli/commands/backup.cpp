// nexusctl backup: fetch a backup of the whole installation, and prove one.
#include "daemon/backup/verify.hpp"

#include <fcntl.h>

#include "cli/engine/local_file.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kBackupShape = {"file", {"file", "backup_id", "made_at", "audit_rows", "objects", "keys"}};
const Shape kProofShape = {"file", {"file", "ok", "backup_id", "made_at", "audit_rows", "objects", "faults", "notes"}};

backup::Verdict proved(const std::string& file) {
  try {
    return backup::prove(file);
  } catch (const std::system_error& error) {
    throw usage_error(error.what());
  }
}

Json proof_json(const std::string& file, const backup::Verdict& verdict) {
  const auto& manifest = verdict.manifest;
  const bool known = !manifest.backup_id.empty();
  return {{"file", file},
          {"ok", verdict.faults.empty()},
          {"backup_id", known ? Json(manifest.backup_id) : Json()},
          {"made_at", known ? Json(to_rfc3339(manifest.made_at)) : Json()},
          {"instance_id", known ? Json(manifest.instance_id) : Json()},
          {"audit_rows", verdict.audit_rows},
          {"objects", verdict.objects},
          {"faults", verdict.faults},
          {"notes", verdict.notes}};
}

ApiRequest backup_request(const Values& values) {
  ApiRequest request{.method = "POST", .path = "/backup", .scope = Scope::identity, .retry = false};
  if (values.given("--objects-referenced")) request.query = {{"objects", "referenced"}};
  return request;
}

int fetch_backup(Session& session, const Values& values) {
  const std::string& file = values.text("FILE");
  ApiRequest request = backup_request(values);
  if (session.prints_curl()) {
    request.curl_options = "-f -o " + shell_quote(file);
    session.print(session.curl_text(request) + "\n");
    return 0;
  }
  const bool verifies = values.given("--verify");
  IncomingFile out(file, values.given("--force"), 0600);
  if (out.direct() && verifies) throw usage_error("--verify reads the file again: name a file");
  request.sink = [&](std::string_view piece) { out.write(piece); };
  const Answer answer = session.attempt(request);
  if (answer.status >= 400) throw refusal_of(answer);
  out.keep();
  if (out.direct()) return 0;
  const backup::Manifest manifest = [&] {
    try {
      return backup::read_manifest(open_file(file, O_RDONLY)).manifest;
    } catch (const std::runtime_error& error) {
      throw Failure(Exit::server_error, error.what());
    }
  }();
  if (verifies) {
    const auto verdict = proved(file);
    session.print_record(proof_json(file, verdict), kProofShape);
    return verdict.faults.empty() ? 0 : 1;
  }
  std::int64_t rows = 0;
  for (const auto& chain : manifest.chains) rows += chain.seq;
  session.print_record({{"file", file},
                        {"backup_id", manifest.backup_id},
                        {"made_at", to_rfc3339(manifest.made_at)},
                        {"instance_id", manifest.instance_id},
                        {"audit_rows", rows},
                        {"objects", manifest.objects.count},
                        {"keys", false}},
                       kBackupShape);
  if (!manifest.objects.lost.empty())
    session.warn("the store had lost " + std::to_string(manifest.objects.lost.size()) + " objects, the first " +
                 manifest.objects.lost.front());
  return manifest.objects.lost.empty() ? 0 : 1;
}

int prove_backup(Session& session, const Values& values) {
  const auto verdict = proved(values.text("FILE"));
  session.print_record(proof_json(values.text("FILE"), verdict), kProofShape);
  return verdict.faults.empty() ? 0 : 1;
}

constexpr const char* kBackupDescription = R"(
A backup is a tar archive of the database, the stored objects and a manifest. It holds everything that the daemon had
acknowledged when the archive begins. The daemon goes on meanwhile, and makes one backup at a time. Its keys and its
system token never leave it this way: on the machine, `nexusd backup create --with-keys --recipient AGE` adds the keys,
encrypted. Restoring is done there too: nexusd-backup(8).

`backup verify` restores to a temporary directory beside the file and proves it: every page of the database, every
audit chain, and the digest of every registered object. It exits with 1 when the backup is not whole.)";

}  // namespace

Command backup_command() {
  Command create{
      .name = "create",
      .summary = "make a backup and write it to a file (system role)",
      .example = "nexusctl backup create nexus.tar --reason nightly",
      .parameters = {argument("FILE", "a new file; - is standard output"),
                     flag("--objects-referenced", "leave the objects where they are"),
                     flag("--verify", "prove it once it is here"), flag("--force", "replace FILE if it exists")},
      .run = fetch_backup};
  Command verify{.name = "verify",
                 .summary = "prove a backup, without a daemon",
                 .example = "nexusctl backup verify nexus.tar",
                 .parameters = {argument("FILE", "a backup; - is standard input")},
                 .run = prove_backup,
                 .beyond_curl = "it reads a file"};
  return {.name = "backup",
          .topic = Topic::operate,
          .summary = "backups of the whole installation: create, verify",
          .description = kBackupDescription,
          .see_also = "nexusctl-audit(1), nexusd-backup(8)",
          .example = "nexusctl backup create nexus.tar --reason nightly --verify",
          .commands = {std::move(create), std::move(verify)},
          .of_nexusd = {"restore"}};
}

}  // namespace nexus::cli
