// Metadata of assets: it is changed after registration, and assets are found by it and by their names.
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

std::string asset_with(Uploader& uploader, const std::string& filename, const Json& metadata = Json::object()) {
  const Json form = uploader.presign({{"filename", filename}}).json;
  REQUIRE(upload(uploader.client, form, "content").status == 204);
  const std::string id = form["asset_id"];
  REQUIRE(uploader.register_asset({{"asset_id", id}, {"filename", filename}, {"metadata", metadata}}).status == 201);
  return id;
}

Answer patch(Uploader& uploader, const std::string& id, const Json& body) {
  return uploader.client.request("PATCH", "/nexus/raw/" + id, uploader.context, to_text(body));
}

/// The ids of the pages from `target` on, oldest first.
std::vector<std::string> ids_of(Uploader& uploader, const std::string& target) {
  std::vector<std::string> ids;
  std::string cursor;
  do {
    const Answer page = uploader.get(target + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    for (const auto& item : page.json["items"]) ids.push_back(item["asset_id"]);
    cursor = page.json["next_cursor"].is_null() ? "" : page.json["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  std::ranges::reverse(ids);
  return ids;
}

using Ids = std::vector<std::string>;

TEST_CASE("metadata is merged, null removes, and what the daemon keeps there stays", "[raw]") {
  Uploader uploader(shared_daemon());
  const std::string id = asset_with(uploader, "a:b.txt", {{"a", 1}, {"b", {{"c", 2}, {"d", 3}}}});
  const Answer changed = patch(
      uploader, id, {{"metadata", {{"a", nullptr}, {"b", {{"c", 4}}}, {"e", "x"}, {"original_filename", nullptr}}}});
  REQUIRE(changed.status == 200);
  CHECK_FALSE(changed.header("nexus-audit-seq").empty());
  CHECK(changed.json["metadata"] == parse_json(R"({"b":{"c":4,"d":3},"e":"x","original_filename":"a:b.txt"})"));
  CHECK(uploader.get("/nexus/raw/" + id).json == changed.json);
  const Json event = uploader.get("/events?limit=1").json["items"][0];
  CHECK(event["event_type"] == "raw_asset_updated");
  CHECK(event["input"] == parse_json(R"({"changed":["metadata"]})"));
}

TEST_CASE("metadata of no asset, of one that is not registered, or too large is refused", "[raw]") {
  Uploader uploader(shared_daemon());
  const std::string id = asset_with(uploader, "a.txt", {{"a", std::string(9000, 'x')}});
  CHECK(patch(uploader, "0190163d-8694-739b-aea5-966c26f8ad91", {{"metadata", {{"a", 1}}}}).code() == "raw.not_found");
  const Answer large = patch(uploader, id, {{"metadata", {{"b", std::string(9000, 'x')}}}});
  CHECK(large.status == 422);
  CHECK(large.json["errors"][0]["pointer"] == "/metadata");
  for (const Json& body : {Json::object(), Json{{"metadata", nullptr}}, Json{{"metadata", 7}},
                           Json{{"metadata", Json::object()}, {"filename", "b.txt"}}})
    CHECK(patch(uploader, id, body).status == 422);
  const std::string presigned = uploader.presign({{"filename", "a.txt"}}).json["asset_id"];
  CHECK(patch(uploader, presigned, {{"metadata", {{"a", 1}}}}).code() == "raw.not_uploaded");
}

TEST_CASE("assets are found by the beginning of a name and by metadata, page by page", "[raw]") {
  const DaemonProcess daemon;
  Uploader uploader(daemon);
  const std::string one = asset_with(uploader, "scan-1.pdf", {{"kind", "scan"}, {"page", 1}, {"ok", true}});
  const std::string two = asset_with(uploader, "scan:2.pdf", {{"kind", "scan"}, {"page", "1"}});
  const std::string three = asset_with(uploader, "other.pdf", {{"kind", "scan"}, {"a.b", "c d"}, {"none", nullptr}});
  asset_with(uploader, "Scan.pdf", {{"kind", {"scan"}}});
  CHECK(ids_of(uploader, "/nexus/raw?limit=1&filename=scan") == Ids{one, two});
  CHECK(ids_of(uploader, "/nexus/raw?limit=1&filename=scan_2") == Ids{two});
  CHECK(ids_of(uploader, "/nexus/raw?limit=1&filename=scan%3A2") == Ids{two});
  CHECK(ids_of(uploader, "/nexus/raw?limit=2&metadata.kind=scan") == Ids{one, two, three});
  CHECK(ids_of(uploader, "/nexus/raw?limit=2&metadata.kind=scan&metadata.page=1") == Ids{one, two});
  CHECK(ids_of(uploader, "/nexus/raw?limit=2&metadata.ok=true&filename=scan") == Ids{one});
  CHECK(ids_of(uploader, "/nexus/raw?limit=2&metadata.a.b=c%20d") == Ids{three});
  CHECK(ids_of(uploader, "/nexus/raw?limit=2&metadata.none=null").empty());
  CHECK(ids_of(uploader, "/nexus/raw?limit=2&metadata.kind=sca").empty());

  const std::string cursor = uploader.get("/nexus/raw?limit=1&metadata.kind=scan").json["next_cursor"];
  for (const char* other : {"metadata.kind=other&", "filename=scan&metadata.kind=scan&", ""})
    CHECK(uploader.get("/nexus/raw?" + std::string(other) + "limit=1&cursor=" + cursor).code() ==
          "request.invalid_cursor");
  for (const char* bad : {"metadata.=x", "metadata=x", "filename="})
    CHECK(uploader.get("/nexus/raw?" + std::string(bad)).status == 422);
}

}  // namespace
}  // namespace nexus::test
