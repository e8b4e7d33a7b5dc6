// Lines of canvases.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

Headers writing(const Stage& stage, const std::string& type) {
  return with(World::in(stage.tenant.owner, stage.tenant.id, stage.env), {{"Content-Type", type}});
}

std::string new_canvas(const Stage& stage) {
  const Answer made = stage.world.call("POST", "/canvas", writing(stage, "application/json"), std::string("{}"));
  return "/canvas/" + made.json.at("canvas_id").get<std::string>();
}

Fill of_canvas(const std::string& rest) {
  return [rest](const Stage& stage) { return Filled{new_canvas(stage) + rest}; };
}

Filled canvas_upload(const Stage& stage) {
  const auto [body, type] = form_of(Json::object(), "a sketch");
  return {new_canvas(stage) + "/artifacts", body, type};
}

Fill of_artifact(const std::string& rest) {
  return [rest](const Stage& stage) {
    const Filled made = canvas_upload(stage);
    const Answer answer = stage.world.call("POST", made.target, writing(stage, made.content_type), made.body);
    return Filled{made.target + "/" + answer.json.at("artifact_id").get<std::string>() + rest};
  };
}

}  // namespace

Lines canvas_lines() {
  return {
      {"POST /canvas", "member", "canvas_create", "full", 201,
       [](const Stage&) {
         return json("/canvas", {{"title", "Swept"}});
       }},
      {"GET /canvas", "viewer", "canvas_read", "read", 200, just("/canvas")},
      {"GET /canvas/{canvas_id}", "viewer", "canvas_read", "read", 200, of_canvas("")},
      {"POST /canvas/{canvas_id}/artifacts", "member", "canvas_artifact_upload", "full", 201, canvas_upload},
      {"GET /canvas/{canvas_id}/artifacts", "viewer", "canvas_read", "read", 200, of_canvas("/artifacts")},
      {"GET /canvas/{canvas_id}/artifacts/{artifact_id}", "viewer", "canvas_read", "read", 200, of_artifact("")},
      {"GET /canvas/{canvas_id}/artifacts/{artifact_id}/download", "viewer", "canvas_read", "read", 302,
       of_artifact("/download")},
  };
}

}  // namespace nexus::test
