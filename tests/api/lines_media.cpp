// Lines of media.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

std::string asset_id(const Stage& stage, const Person& creator) {
  const auto [body, type] = form_of(Json::object(), "a frame");
  const Headers headers = with(World::in(creator, stage.tenant.id, stage.env), {{"Content-Type", type}});
  return stage.world.call("POST", "/media-v2/assets", headers, body).json.at("asset_id");
}

/// Whoever may write in the tenant, for what must be there before.
const Person& media_writer(const Stage& stage) { return stage.tenant.owner; }

Fill of_asset(const std::string& rest) {
  return
      [rest](const Stage& stage) { return Filled{"/media-v2/assets/" + asset_id(stage, media_writer(stage)) + rest}; };
}

Filled media_upload_of(const Stage&) {
  const auto [body, type] = form_of({{"kind", "video"}, {"tags", "a,b"}}, "content");
  return {"/media-v2/assets", body, type};
}

Filled post_artifact(const Stage& stage) {
  const std::string uri = "s3://nexus/tenants/" + stage.tenant.id + "/" + stage.env + "/media_v2/x/frame.png";
  return json("/media-v2/assets/" + asset_id(stage, media_writer(stage)) + "/artifacts",
              {{"kind", "frame"}, {"uri", uri}});
}

Filled get_artifact(const Stage& stage) {
  const Filled made = post_artifact(stage);
  const Answer answer = stage.world.call(
      "POST", made.target,
      with(World::in(media_writer(stage), stage.tenant.id, stage.env), {{"Content-Type", "application/json"}}),
      made.body);
  return {"/media-v2/artifacts/" + answer.json.at("artifact_id").get<std::string>()};
}

/// Its creator is the one who asks, when he may create at all.
Filled delete_asset(const Stage& stage) {
  const Person& creator = stage.who.id == stage.tenant.member.id ? stage.tenant.member : media_writer(stage);
  return {"/media-v2/assets/" + asset_id(stage, creator)};
}

}  // namespace

Lines media_lines() {
  return {
      {"POST /media-v2/assets", "member", "media_upload", "full", 201, media_upload_of},
      {"GET /media-v2/assets", "viewer", "media_read", "read", 200, just("/media-v2/assets")},
      {"GET /media-v2/assets/{asset_id}", "viewer", "media_read", "read", 200, of_asset("")},
      {"GET /media-v2/assets/{asset_id}/download", "viewer", "media_read", "read", 302, of_asset("/download")},
      {"POST /media-v2/assets/{asset_id}/artifacts", "member", "media_artifact_create", "full", 201, post_artifact},
      {"GET /media-v2/assets/{asset_id}/artifacts", "viewer", "media_read", "read", 200, of_asset("/artifacts")},
      {"GET /media-v2/artifacts/{artifact_id}", "viewer", "media_read", "read", 200, get_artifact},
      {"DELETE /media-v2/assets/{asset_id}", "member", "media_delete", "full", 204, delete_asset},
  };
}

}  // namespace nexus::test
