// nexusctl asset: what was uploaded: listed, shown, fetched back and compared with its digest.
#include "cli/commands.hpp"
#include "cli/curl.hpp"
#include "cli/failure.hpp"
#include "cli/listing.hpp"
#include "cli/progress.hpp"
#include "cli/transfer.hpp"

namespace nexus::cli {
namespace {

std::string text_or_empty(const Json& json, const char* key) {
  const Json* found = at_path(json, key);
  return found && found->is_string() ? found->get<std::string>() : std::string();
}

// The name that the server keeps is somebody's text: only its last component, and never a hidden file.
std::string safe_local_name(const Json& asset) {
  std::string name = std::filesystem::path(text_or_empty(asset, "filename")).filename().string();
  while (name.starts_with('.')) name.erase(0, 1);
  return name.empty() ? text_or_empty(asset, "asset_id") : name;
}

int run_list(Session& session, const Values& values) {
  return print_pages(session, values, {.path = "/nexus/raw"}, kAssetShape);
}

int run_show(Session& session, const Values& values) {
  session.print_record(show_asset(session, values.text("ASSET_ID")).json, kAssetShape);
  return 0;
}

int print_download_curl(Session& session, const std::string& asset_id, const std::string& path) {
  // Two steps, so that curl does not carry the token to the presigned address.
  session.print("curl -sS -o " + shell_quote(path) + " \"$(curl -sS -o /dev/null -w '%{redirect_url}' " +
                "-H \"Authorization: Bearer $NEXUS_TOKEN\" -H " + shell_quote("X-Tenant-Id: " + session.tenant()) +
                " -H " + shell_quote("X-Env: " + session.env()) + " " +
                shell_quote(session.settings().server.value + "/nexus/raw/" + segment(asset_id) + "/download") +
                ")\"\n");
  return 0;
}

int run_download(Session& session, const Values& values) {
  const std::string asset_id = values.text("ASSET_ID");
  const auto chosen = values.find("--output-file");
  if (session.settings().print_curl) return print_download_curl(session, asset_id, chosen.value_or(asset_id));

  const Json asset = show_asset(session, asset_id).json;
  const std::string path = chosen.value_or(safe_local_name(asset));
  const Json* size = at_path(asset, "size_bytes");
  IncomingFile file(path, values.given("--force"));
  {
    Progress bar(path, size && size->is_number_unsigned() ? size->get<std::uint64_t>() : 0,
                 session.progress_wanted() && path != "-");
    fetch_asset(session, asset_id, [&](std::string_view bytes) {
      file.write(bytes);
      bar.at(file.size());
    });
  }
  const std::string expected = text_or_empty(asset, "sha256");
  const std::string digest = file.finish_digest();
  if (!expected.empty() && expected != digest) {
    throw Failure(Exit::negative, "the content does not have the registered digest; nothing was kept",
                  "nexusctl asset download again");
  }
  file.keep();
  if (path == "-") return 0;
  const Json result = {{"asset_id", asset_id},
                       {"file", path},
                       {"size_bytes", file.size()},
                       {"sha256", digest},
                       {"sha256_checked", !expected.empty()}};
  session.print_record(result, {"file", {"file", "size_bytes", "sha256", "sha256_checked"}});
  return 0;
}

}  // namespace

Command asset_command() {
  return {.name = "asset",
          .summary = "uploaded files: list, show, download",
          .example = "nexusctl asset list --limit 10",
          .commands = {
              {.name = "list",
               .summary = "list assets, newest first",
               .example = "nexusctl asset list --all -o name",
               .parameters = list_parameters(),
               .run = run_list},
              {.name = "show",
               .summary = "show one asset",
               .example = "nexusctl asset show 01933f9e-7c1b-7000-8000-0123456789ab --field sha256",
               .parameters = {argument("ASSET_ID", "the asset")},
               .run = run_show},
              {.name = "download",
               .summary = "fetch the content, checked against its digest",
               .example = "nexusctl asset download 01933f9e-7c1b-7000-8000-0123456789ab --output-file scan.pdf",
               .parameters = {option("-O,--output-file", "FILE", "write here; - is standard output (the asset's name)"),
                              flag("--force", "replace FILE if it exists"), argument("ASSET_ID", "the asset")},
               .run = run_download},
          }};
}

}  // namespace nexus::cli
