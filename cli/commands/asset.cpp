// nexusctl asset: uploaded files. Lists and shows them, edits their metadata, downloads them and compares them with
// their digests, deletes them.
#include "cli/commands/download.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/transfer.hpp"

namespace nexus::cli {
namespace {

const Shape kAssetShape = {"asset_id", {"asset_id", "status", "filename", "size_bytes", "content_type", "created_at"}};

constexpr const char* kOneAsset = "/nexus/raw/{ASSET_ID}";

int run_asset_list(Session& session, const Values& values) {
  ApiRequest request = request_of({.path = "/nexus/raw"}, session, values, {"--filename"});
  const Json metadata = parse_metadata(values.list("--metadata"));
  for (const auto& [key, value] : metadata.items())
    request.query.emplace_back("metadata." + key, value.get<std::string>());
  return print_pages(session, values, std::move(request), kAssetShape);
}

Command asset_list() {
  Command command = list_command("list", "list assets, newest first",
                                 "nexusctl asset list --limit 10\n"
                                 "nexusctl asset list --filename scan --metadata source=scanner\n"
                                 "nexusctl asset list --all -o jsonl",
                                 {.path = "/nexus/raw"}, kAssetShape,
                                 {option("--filename", "PREFIX", "only files whose name begins so"),
                                  repeated_option("--metadata", "KEY=VALUE", "only files with it in their metadata")});
  command.run = run_asset_list;
  return command;
}

Json metadata_change(const Values& values) {
  Json metadata = parse_metadata(values.list("--metadata"));
  for (const auto& key : values.list("--no-metadata")) {
    if (metadata.contains(key)) throw usage_error("--metadata and --no-metadata both name " + key);
    metadata[key] = nullptr;
  }
  if (metadata.is_null()) throw usage_error("nothing to change: give --metadata KEY=VALUE or --no-metadata KEY");
  return {{"metadata", std::move(metadata)}};
}

constexpr const char* kAssetDescription = R"(
Lists are newest first. With --filename or --metadata a page looks at a part of the assets: it may have few of them, or
none, and still more behind it. --all looks at every one.

`download` follows the redirect to the presigned address without the token, and compares the content with the
registered SHA-256. The file appears under its name complete or not at all.)";

}  // namespace

Command asset_command() {
  return {.name = "asset",
          .topic = Topic::first_job,
          .summary = "uploaded files: list, show, edit, download, delete",
          .description = kAssetDescription,
          .see_also = "nexusctl-upload(1)",
          .example = "nexusctl asset list --limit 10",
          .commands = {
              asset_list(),
              show_command("show one asset", "nexusctl asset show ASSET_ID --field sha256", {.path = kOneAsset},
                           kAssetShape, {argument("ASSET_ID", "the asset")}),
              {.name = "edit",
               .summary = "change metadata: its creator or an admin",
               .example = "nexusctl asset edit ASSET_ID --metadata reviewed=yes --no-metadata draft",
               .parameters = {argument("ASSET_ID", "the asset"),
                              repeated_option("--metadata", "KEY=VALUE", "set it; the rest of the metadata stays"),
                              repeated_option("--no-metadata", "KEY", "remove it")},
               .run = sends({.method = "PATCH", .path = kOneAsset}, kAssetShape, metadata_change)},
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
