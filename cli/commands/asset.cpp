// nexusctl asset: uploaded files. Lists them, shows them, downloads them and compares them with their digests.
#include "cli/commands/download.hpp"

namespace nexus::cli {
namespace {

const Shape kAssetShape = {"asset_id", {"asset_id", "status", "filename", "size_bytes", "content_type", "created_at"}};

constexpr const char* kOneAsset = "/nexus/raw/{ASSET_ID}";

constexpr const char* kAssetDescription = R"(
Lists are newest first.

`download` follows the redirect to the presigned address without the token, and compares the content with the
registered SHA-256. The file appears under its name complete or not at all.)";

}  // namespace

Command asset_command() {
  return {.name = "asset",
          .topic = Topic::first_job,
          .summary = "uploaded files: list, show, download, delete",
          .description = kAssetDescription,
          .see_also = "nexusctl-upload(1)",
          .example = "nexusctl asset list --limit 10",
          .commands = {
              list_command("list", "list assets, newest first",
                           "nexusctl asset list --limit 10\n"
                           "nexusctl asset list --all -o jsonl",
                           {.path = "/nexus/raw"}, kAssetShape),
              show_command("show one asset", "nexusctl asset show ASSET_ID --field sha256", {.path = kOneAsset},
                           kAssetShape, {argument("ASSET_ID", "the asset")}),
              {.name = "download",
               .summary = "fetch the content, checked against its digest",
               .example = "nexusctl asset download ASSET_ID --output-file scan.pdf",
               .parameters = download_parameters({argument("ASSET_ID", "the asset")}),
               .run = downloads(kOneAsset, "ASSET_ID", "asset_id")},
              delete_command("delete an asset and its content: its creator or an admin",
                             "nexusctl asset delete ASSET_ID", {.path = kOneAsset}, argument("ASSET_ID", "the asset")),
          }};
}

}  // namespace nexus::cli
