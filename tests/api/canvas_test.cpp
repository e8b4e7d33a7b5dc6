// Canvases: registered per tenant and env, and the files on them.
#include "daemon/base/crypto.hpp"
#include "tests/api/media_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

TEST_CASE("a canvas has the id that its maker chose, or one of ours, and is there once", "[canvas]") {
  Media media{lenient_world()};
  const Answer made = media.post("/canvas", {{"canvas_id", "Board.1_a-b"}, {"title", "Spring"}});
  REQUIRE(made.status == 201);
  CHECK(made.json["canvas_id"] == "Board.1_a-b");
  CHECK(made.json["title"] == "Spring");
  CHECK(made.json["tenant_id"] == media.tenant.id);
  CHECK(made.has("nexus-audit-seq"));
  CHECK(media.get("/canvas/Board.1_a-b").json == made.json);
  CHECK(outcome(media.post("/canvas", {{"canvas_id", "Board.1_a-b"}})) == "409 canvas.exists");
  const Answer other = media.post("/canvas", Json::object());
  CHECK(other.json["canvas_id"].get<std::string>().size() == 36);
  CHECK(other.json["title"].is_null());
  // The same id in another env is another canvas.
  CHECK(media.post("/canvas", {{"canvas_id", "Board.1_a-b"}}, "staging").status == 201);
  const Json list = media.get("/canvas").json["items"];
  REQUIRE(list.size() == 2);
  CHECK(list[0] == other.json);
  CHECK(list[1] == made.json);
  const Answer page = media.get("/canvas?limit=1");
  CHECK(media.get("/canvas?cursor=" + page.json["next_cursor"].get<std::string>()).json["items"][0] == made.json);
}

TEST_CASE("a bad field of a canvas is named", "[canvas]") {
  Media media;
  const std::pair<Json, const char*> cases[] = {
      {{{"canvas_id", ".."}}, "/canvas_id"},
      {{{"canvas_id", "a/b"}}, "/canvas_id"},
      {{{"canvas_id", ""}}, "/canvas_id"},
      {{{"canvas_id", "-a"}}, "/canvas_id"},
      {{{"canvas_id", std::string("a\0b", 3)}}, "/canvas_id"},
      {{{"canvas_id", 7}}, "/canvas_id"},
      {{{"canvas_id", std::string(129, 'a')}}, "/canvas_id"},
      {{{"title", ""}}, "/title"},
      {{{"title", std::string(513, 'x')}}, "/title"},
  };
  for (const auto& [body, pointer] : cases) {
    const Answer answer = media.post("/canvas", body);
    CHECK(outcome(answer) + " " + pointers(answer) == std::string("422 validation.failed ") + pointer);
  }
  CHECK(media.post("/canvas", {{"canvas_id", std::string(128, 'a')}}).status == 201);
}

TEST_CASE("a file on a canvas has a key of its own, even beside one of the same name, and comes back", "[canvas]") {
  Media media;
  REQUIRE(media.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  const std::string target = "/canvas/c/artifacts";
  const std::string body = closed(file_part("sketch.png", "pixels", "image/png"));
  const Answer made = media.form(body, {}, target);
  REQUIRE(made.status == 201);
  const std::string id = made.json["artifact_id"];
  CHECK(made.json["canvas_id"] == "c");
  CHECK(made.json["filename"] == "sketch.png");
  CHECK(made.json["key"] == "tenants/" + media.tenant.id + "/dev/canvas/" + id + "/sketch.png");
  CHECK(made.json["content_type"] == "image/png");
  CHECK(made.json["size_bytes"] == 6);
  CHECK(made.json["sha256"] == sha256_hex("pixels"));
  CHECK(media.get(target + "/" + id).json == made.json);
  CHECK(media.fetch(target + "/" + id + "/download").body == "pixels");
  const Answer again = media.form(body, {}, target);
  REQUIRE(again.status == 201);
  CHECK(media.get(target).json["items"] == Json::array({again.json, made.json}));
  CHECK(outcome(media.form(closed(part("kind", "x") + file_part("a", "x")), {}, target)) ==
        "422 validation.unknown_field");
}

TEST_CASE("a canvas that this tenant and env did not register is not there, and nothing is stored for it", "[canvas]") {
  World& world = lenient_world();
  Media mine{world}, theirs{world};
  REQUIRE(theirs.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  const std::string body = closed(file_part("a.png", "x"));
  const std::string id = theirs.form(body, {}, "/canvas/c/artifacts").json["artifact_id"];
  for (const char* canvas : {"c", "none", "..", "%2e%2e"}) {
    const std::string target = std::string("/canvas/") + canvas;
    CHECK(outcome(mine.get(target)) == "404 canvas.not_found");
    CHECK(outcome(mine.get(target + "/artifacts")) == "404 canvas.not_found");
    CHECK(outcome(mine.get(target + "/artifacts/" + id)) == "404 canvas.not_found");
    CHECK(outcome(mine.get(target + "/artifacts/" + id + "/download")) == "404 canvas.not_found");
    CHECK(outcome(mine.form(body, {}, target + "/artifacts")) == "404 canvas.not_found");
  }
  CHECK(outcome(theirs.get("/canvas/c", "viewer", "staging")) == "404 canvas.not_found");
  CHECK(mine.files().empty());
  REQUIRE(mine.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  CHECK(outcome(mine.get("/canvas/c/artifacts/" + id)) == "404 canvas_artifact.not_found");
  REQUIRE(theirs.post("/canvas", {{"canvas_id", "d"}}).status == 201);
  CHECK(outcome(theirs.get("/canvas/d/artifacts/" + id)) == "404 canvas_artifact.not_found");
}

}  // namespace
}  // namespace nexus::test
