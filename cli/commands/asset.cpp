// nexusctl asset: what was uploaded: listed, shown, fetched back and compared with its digest.
#include "cli/commands/download.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/session.hpp"
#include "cli/engine/transfer.hpp"

namespace nexus::cli {
namespace {

int run_asset_list(Session& session, const Values& values) {
  return print_pages(session, values, {.path = "/nexus/raw"}, kAssetShape);
}

int run_asset_show(Session& session, const Values& values) {
  session.print_record(show_asset(session, values.text("ASSET_ID")).json, kAssetShape);
  return 0;
}

int run_asset_download(Session& session, const Values& values) {
  const std::string& asset_id = values.text("ASSET_ID");
  return download(session, values, {"asset_id", asset_id, "/nexus/raw/" + segment(asset_id)});
}

constexpr const char* kAssetDescription = R"(
Lists are newest first.

`download` follows the redirect to the presigned address without the token, and compares the content with the
registered SHA-256. The file appears under its name complete or not at all.)";

}  // namespace

Command asset_command() {
  return {.name = "asset",
          .topic = Topic::first_job,
          .summary = "uploaded files: list, show, download",
          .description = kAssetDescription,
          .see_also = "nexusctl-upload(1)",
          .example = "nexusctl asset list --limit 10",
          .commands = {
              {.name = "list",
               .summary = "list assets, newest first",
               .example = "nexusctl asset list --limit 10\n"
                          "nexusctl asset list --all -o jsonl",
               .parameters = list_parameters(),
               .run = run_asset_list},
              {.name = "show",
               .summary = "show one asset",
               .example = "nexusctl asset show ASSET_ID --field sha256",
               .parameters = {argument("ASSET_ID", "the asset")},
               .run = run_asset_show},
              {.name = "download",
               .summary = "fetch the content, checked against its digest",
               .example = "nexusctl asset download ASSET_ID --output-file scan.pdf",
               .parameters = download_parameters({argument("ASSET_ID", "the asset")}),
               .run = run_asset_download},
          }};
}

}  // namespace nexus::cli
