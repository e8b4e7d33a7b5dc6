// A signed form or link is judged by what it leads to as well as by its signature: what was promised ends with what it
// was promised for.
#include "tests/api/media_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {
namespace {

/// A member of one tenant, and the local store's routes under /blobs.
struct Rights : Media {
  Json presign() { return world.presign(tenant.member, tenant.id, "a.txt"); }
  Answer send(const Json& presigned, const std::string& content = "text") { return world.upload(presigned, content); }
  Answer enroll(const Json& presigned) {
    return post("/nexus/raw/register", {{"asset_id", presigned["asset_id"]}, {"filename", "a.txt"}});
  }
  std::string asset(const Json& presigned) { return "/nexus/raw/" + presigned["asset_id"].get<std::string>(); }
  /// Path and query of the link that a download leads to.
  std::string link(const std::string& target) {
    const Answer answer = get(target);
    REQUIRE(answer.status == 302);
    return target_of(answer.header("location"));
  }
  Answer follow(const std::string& link) { return world.call("GET", link); }
};

}  // namespace

TEST_CASE("a form ends with the registration and with the deletion of its asset", "[raw][blobs]") {
  Rights rights;
  const Json form = rights.presign();
  REQUIRE(rights.send(form).status == 204);
  REQUIRE(rights.enroll(form).status == 201);
  CHECK(outcome(rights.send(form, "another")) == "403 blob.form_expired");
  REQUIRE(rights.erase(rights.asset(form), "member").status == 204);
  REQUIRE(eventually([&] { return rights.files().empty(); }));
  CHECK(outcome(rights.send(form, "another")) == "403 blob.form_expired");
  CHECK(rights.files().empty());
  // One that was never used ends too.
  const Json unused = rights.presign();
  REQUIRE(rights.erase(rights.asset(unused), "member").status == 204);
  CHECK(outcome(rights.send(unused)) == "403 blob.form_expired");
  CHECK(rights.files().empty());
}

TEST_CASE("a link serves only what stands, in every plane", "[raw][blobs][media]") {
  Rights rights;
  const Json form = rights.presign();
  const std::string text(20'000, 'x');
  REQUIRE(rights.send(form, text).status == 204);
  REQUIRE(rights.enroll(form).status == 201);
  const Answer atoms =
      rights.post("/nexus/atoms/create-from-raw", {{"raw_asset_id", form["asset_id"]}, {"op_type", "text_identity"}});
  REQUIRE(atoms.status == 201);
  const std::string atom =
      rights.link("/nexus/atoms/" + atoms.json["items"][0]["atom_id"].get<std::string>() + "/download");
  const std::string raw = rights.link(rights.asset(form) + "/download");
  const Answer media = rights.form(media_form({}, "film"));
  REQUIRE(media.status == 201);
  const std::string asset = "/media-v2/assets/" + media.json["asset_id"].get<std::string>();
  const std::string film = rights.link(asset + "/download");
  REQUIRE(rights.post("/canvas", {{"canvas_id", "c1"}}).status == 201);
  const Answer drawn = rights.form(media_form({}, "lines"), {}, "/canvas/c1/artifacts");
  REQUIRE(drawn.status == 201);
  const std::string canvas =
      rights.link("/canvas/c1/artifacts/" + drawn.json["artifact_id"].get<std::string>() + "/download");
  CHECK(rights.follow(raw).body == text);
  CHECK(rights.follow(atom).body == text);
  CHECK(rights.follow(film).body == "film");
  CHECK(rights.follow(canvas).body == "lines");

  REQUIRE(rights.erase(rights.asset(form), "member").status == 204);
  REQUIRE(rights.erase(asset, "member").status == 204);
  // At once, whether the object is gone already or not.
  for (const auto& link : {raw, atom, film}) CHECK(outcome(rights.follow(link)) == "404 blob.not_found");
  CHECK(rights.follow(canvas).status == 200);
}

TEST_CASE("forms and links of a disabled tenant are refused, and forms of a suspended one", "[raw][blobs][tenant]") {
  Rights rights;
  const Json used = rights.presign(), unused = rights.presign();
  REQUIRE(rights.send(used).status == 204);
  REQUIRE(rights.enroll(used).status == 201);
  const std::string link = rights.link(rights.asset(used) + "/download");
  rights.world.set_status(rights.tenant.id, "suspended");
  CHECK(outcome(rights.send(unused)) == "403 tenant.suspended");
  CHECK(rights.follow(link).status == 200);
  rights.world.set_status(rights.tenant.id, "disabled");
  CHECK(outcome(rights.send(unused)) == "403 tenant.disabled");
  CHECK(outcome(rights.follow(link)) == "403 tenant.disabled");
  rights.world.set_status(rights.tenant.id, "active");
  CHECK(rights.send(unused).status == 204);
  CHECK(rights.follow(link).status == 200);
}

TEST_CASE("an upload that began before its asset's deletion ends with nothing", "[raw][blobs]") {
  Rights rights;
  const Json form = rights.presign();
  const std::string body = form_body(form_of(form), std::string(100'000, 'x'));
  const std::size_t half = body.size() / 2;
  Wire wire(rights.world.daemon().port());
  REQUIRE(wire.send("POST /blobs/nexus HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + kFormType +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, half)));
  // Its temporary file is there: the form was judged and the file began.
  REQUIRE(eventually([&] {
    const auto files = files_of(rights.world.daemon());
    return std::ranges::any_of(files, [](const std::string& file) { return file.starts_with(".tmp/"); });
  }));
  REQUIRE(rights.erase(rights.asset(form), "member").status == 204);
  REQUIRE(wire.send(body.substr(half)));
  CHECK(outcome(wire.answer()) == "403 blob.form_expired");
  CHECK(eventually([&] { return rights.files().empty(); }));
}

}  // namespace nexus::test
