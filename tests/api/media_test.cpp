// Media assets: uploaded by a form, registered as remote, listed, shown, fetched and deleted.
#include "daemon/base/crypto.hpp"
#include "tests/api/media_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

TEST_CASE("an uploaded file is an asset with its key, size and digest, and comes back whole", "[media]") {
  Media media;
  const Answer made =
      media.form(media_form({{"tags", "launch, draft"}, {"source_ref", "shoot 7"}, {"meta", R"({"take":3})"}}));
  REQUIRE(made.status == 201);
  const Json& asset = made.json;
  const std::string id = asset["asset_id"];
  CHECK(asset["tenant_id"] == media.tenant.id);
  CHECK(asset["env"] == "dev");
  CHECK(asset["kind"] == "video");
  CHECK(asset["key"] == "tenants/" + media.tenant.id + "/dev/media_v2/" + id + "/clip.mp4");
  CHECK(asset["uri"] == "s3://nexus/" + asset["key"].get<std::string>());
  CHECK(asset["source_uri"].is_null());
  CHECK(asset["content_type"] == "video/mp4");
  CHECK(asset["size_bytes"] == 7);
  CHECK(asset["sha256"] == sha256_hex("content"));
  CHECK(asset["tags"] == Json{"launch", "draft"});
  CHECK(asset["source_ref"] == "shoot 7");
  CHECK(asset["meta"] == Json{{"take", 3}});
  CHECK(asset["created_by"] == media.tenant.member.id);
  CHECK(made.header("location") == media.world.daemon().address() + "/media-v2/assets/" + id);
  CHECK(made.has("nexus-audit-seq"));
  CHECK(media.get("/media-v2/assets/" + id).json == asset);
  const Answer file = media.fetch("/media-v2/assets/" + id + "/download");
  CHECK(file.body == "content");
  CHECK(file.header("content-type") == "video/mp4");
  CHECK(file.header("content-disposition") == "attachment; filename=\"clip.mp4\"; filename*=UTF-8''clip.mp4");
}

TEST_CASE("an upload leaves one audit row and one event, with sizes and digests and no content", "[media]") {
  Media media;
  const std::size_t before = media.rows();
  const Answer made = media.form(media_form({}, "some secret content"));
  REQUIRE(made.status == 201);
  CHECK(media.rows() == before + 1);
  const Answer row = media.get("/audit/" + made.header("nexus-audit-seq"), "admin");
  CHECK(row.json["body"]["action"] == "media_upload");
  CHECK(row.json["body"]["surface"] == "media");
  CHECK(row.json["body"]["subject"] == Json{{"type", "media_asset"}, {"id", made.json["asset_id"]}});
  CHECK(row.json["details"]["size_bytes"] == 19);
  CHECK(row.body.find("secret") == std::string::npos);
  const Answer events = media.get("/events?event_type=media_asset_uploaded", "admin");
  REQUIRE(events.json["items"].size() == 1);
  CHECK(events.json["items"][0]["asset_id"] == made.json["asset_id"]);
}

TEST_CASE("the kind follows from the content type unless it is said", "[media]") {
  Media media;
  const auto kind_of = [&](const std::string& type, const Form& fields = {}) {
    std::string parts;
    for (const auto& [name, value] : fields) parts += part(name, value);
    return media.form(closed(parts + file_part("a", "x", type))).json.value("kind", "");
  };
  CHECK(kind_of("video/webm") == "video");
  CHECK(kind_of("audio/mpeg") == "audio");
  CHECK(kind_of("image/png; a=b") == "image");
  CHECK(kind_of("text/plain") == "other");
  CHECK(kind_of("") == "other");
  CHECK(kind_of("image/png", {{"kind", "other"}}) == "other");
}

TEST_CASE("fields may stand before the file and after it, and tags may be sent several times", "[media]") {
  Media media;
  const Answer made = media.form(closed(part("tags", "a") + file_part("x.png", "x", "image/png") + part("tags", "b") +
                                        part("meta", "{}") + part("tenant_id", media.tenant.id) + part("env", "DEV")));
  REQUIRE(made.status == 201);
  CHECK(made.json["tags"] == Json{"a", "b"});
}

TEST_CASE("a bad field of the form is named, before the file and after it, and nothing is stored", "[media]") {
  Media media;
  const std::string file = file_part("x.png", "x", "image/png");
  const std::pair<Form, const char*> cases[] = {
      {{{"kind", "film"}}, "422 validation.failed /kind"},
      {{{"kind", ""}}, "422 validation.failed /kind"},
      {{{"kind", "video"}, {"kind", "video"}}, "422 validation.failed /kind"},
      {{{"tags", "a,,b"}}, "422 validation.failed /tags"},
      {{{"tags", "a,a"}}, "422 validation.failed /tags"},
      {{{"tags", std::string(65, 'x')}}, "422 validation.failed /tags"},
      {{{"tags", "a\x01"}}, "422 validation.failed /tags"},
      {{{"source_ref", std::string(1025, 'x')}}, "422 validation.failed /source_ref"},
      {{{"meta", "text"}}, "422 validation.failed /meta"},
      {{{"meta", "[1]"}}, "422 validation.failed /meta"},
      {{{"meta", R"({"a":1,"a":2})"}}, "422 validation.failed /meta"},
      {{{"meta", R"({"a":")" + std::string(16384, 'x') + "\"}"}}, "422 validation.failed /meta"},
      {{{"no_such", "x"}}, "422 validation.unknown_field /no_such"},
      {{{"source_uri", "https://a.example/"}}, "422 validation.unknown_field /source_uri"},
      {{{"tenant_id", "t_other"}}, "400 context.mismatch "},
      {{{"env", "staging"}}, "400 context.mismatch "},
      {{{"source_ref", "\xFF"}}, "400 request.malformed "},
  };
  for (const auto& [fields, expected] : cases) {
    INFO(expected);
    std::string parts;
    for (const auto& [name, value] : fields) parts += part(name, value);
    for (const std::string& body : {closed(parts + file), closed(file + parts)}) {
      const Answer answer = media.form(body);
      CHECK(outcome(answer) + " " + pointers(answer) == expected);
    }
  }
  CHECK(eventually([&] { return media.files().empty(); }));
  CHECK(media.get("/media-v2/assets").json["items"].empty());
}

TEST_CASE("thirty-two tags and 16 KiB of meta are taken, one more is not", "[media]") {
  Media media;
  const auto tags = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += (i > 0 ? "," : "") + std::to_string(i);
    return out;
  };
  const auto meta = [](std::size_t bytes) { return R"({"a":")" + std::string(bytes - 8, 'x') + "\"}"; };
  CHECK(media.form(media_form({{"tags", tags(32)}, {"meta", meta(16384)}})).status == 201);
  CHECK(outcome(media.form(media_form({{"tags", tags(33)}}))) == "422 validation.failed");
  CHECK(outcome(media.form(media_form({{"meta", meta(16385)}}))) == "422 validation.failed");
}

TEST_CASE("a form without one whole file is refused and leaves nothing", "[media]") {
  Media media;
  const std::string file = file_part("x", "x", "");
  for (const std::string& body :
       {std::string(), closed(""), closed(part("kind", "video")), file, closed(file + file), "x" + closed(file)})
    CHECK(outcome(media.form(body)) == "400 blob.form_invalid");
  CHECK(outcome(media.form(closed(file), {{"Content-Type", "multipart/form-data"}})) == "400 blob.form_invalid");
  CHECK(outcome(media.form(closed(file_part("x", "x", "no type")))) == "422 validation.failed");
  CHECK(eventually([&] { return media.files().empty(); }));
}

// ---- remote ---------------------------------------------------------------------------------------------------------

TEST_CASE("a remote asset keeps its address, which is shown and never redirected to", "[media]") {
  Media media;
  const Answer made = media.post("/media-v2/assets", {{"source_uri", "https://cdn.example/a/clip.mp4?x=1#t=2"},
                                                      {"kind", "video"},
                                                      {"tags", {"a"}},
                                                      {"source_ref", "r"},
                                                      {"meta", {{"b", 1}}}});
  REQUIRE(made.status == 201);
  CHECK(made.json["source_uri"] == "https://cdn.example/a/clip.mp4?x=1#t=2");
  CHECK(made.json["uri"] == made.json["source_uri"]);
  for (const char* absent : {"key", "size_bytes", "sha256", "content_type"}) CHECK(made.json[absent].is_null());
  const std::string id = made.json["asset_id"];
  CHECK(outcome(media.get("/media-v2/assets/" + id + "/download")) == "409 media.remote");
  CHECK(media.get("/media-v2/assets/" + id).json == made.json);
  CHECK(media.erase("/media-v2/assets/" + id, "member").status == 204);
}

TEST_CASE("a remote address is https, without a user, short, and not our own storage", "[media]") {
  Media media{lenient_world()};
  const auto say = [&](const std::string& uri, const std::string& env = "dev") {
    return outcome(media.post("/media-v2/assets", {{"source_uri", uri}}, env));
  };
  const std::string own = media.world.daemon().address();
  const std::string port = std::to_string(media.world.daemon().port());
  CHECK(say("http://cdn.example/a") == "201");
  CHECK(say("http://cdn.example/a", "staging") == "422 validation.failed");
  CHECK(say("https://cdn.example/a", "staging") == "201");
  CHECK(say("https://cdn.example/" + std::string(2048 - 20, 'x')) == "201");
  CHECK(say("https://cdn.example/" + std::string(2048 - 19, 'x')) == "422 validation.failed");
  for (const char* uri : {"", "cdn.example/a", "//cdn.example/a", "ftp://cdn.example/a", "file:///etc/passwd",
                          "javascript:alert(1)", "https:///a", "https://u@cdn.example/", "https://u:p@cdn.example/",
                          "https://cdn.example/a b", "https://cdn.example/\n", "data:text/plain,x", "s3://other/key"}) {
    INFO(uri);
    CHECK(say(uri) == "422 validation.failed");
  }
  for (const std::string& uri :
       {std::string("s3://nexus/tenants/t_other/dev/raw/a/b"), std::string("S3://NEXUS/x"), own + "/blobs/nexus/x",
        own + "/", "http://localhost:" + port + "/x", "http://LOCALHOST.:" + port + "/x", "http://[::1]:" + port + "/",
        "http://127.0.0.2:" + port + "/blobs/nexus/x", "http://%6cocalhost:" + port + "/x",
        "http://u@localhost:" + port}) {
    INFO(uri);
    CHECK(say(uri) == "400 storage.foreign_prefix");
  }
  CHECK(outcome(media.post("/media-v2/assets", {{"kind", "video"}})) == "422 validation.failed");
  CHECK(outcome(media.post("/media-v2/assets", {{"source_uri", "https://a.example"}, {"file", "x"}})) ==
        "422 validation.unknown_field");
  CHECK(outcome(media.post("/media-v2/assets", {{"source_uri", "https://a.example"}, {"kind", "film"}})) ==
        "422 validation.failed");
  CHECK(outcome(media.post("/media-v2/assets", {{"source_uri", "https://a.example"}, {"env", "prod"}})) ==
        "400 context.mismatch");
  CHECK(outcome(media.world.call("POST", "/media-v2/assets", media.headers(), std::string("{"))) ==
        "400 request.invalid_json");
  const std::string big = R"({"source_uri":")" + std::string(1048577, 'x') + "\"}";
  CHECK(outcome(media.world.call("POST", "/media-v2/assets", media.headers(), big)) == "413 request.too_large");
}

// ---- lists, deletion, neighbours ------------------------------------------------------------------------------------

TEST_CASE("assets are listed newest first, by kind, tag and source_ref, page by page", "[media]") {
  Media media;
  std::vector<std::string> ids;
  for (const char* kind : {"video", "audio", "video"})
    ids.push_back(media
                      .form(media_form({{"kind", kind},
                                        {"tags", std::string("t-") + kind + ",all"},
                                        {"source_ref", std::string("ref-") + kind}}))
                      .json["asset_id"]);
  const auto listed = [&](const std::string& query) {
    std::vector<std::string> out;
    const Answer answer = media.get("/media-v2/assets" + query);
    for (const auto& item : answer.json["items"]) out.push_back(item["asset_id"]);
    return out;
  };
  using Ids = std::vector<std::string>;
  CHECK(listed("") == Ids{ids[2], ids[1], ids[0]});
  CHECK(listed("?kind=video") == Ids{ids[2], ids[0]});
  CHECK(listed("?tag=t-audio") == Ids{ids[1]});
  CHECK(listed("?tag=all&kind=audio") == Ids{ids[1]});
  CHECK(listed("?source_ref=ref-video") == Ids{ids[2], ids[0]});
  CHECK(listed("?tag=none").empty());
  const Answer page = media.get("/media-v2/assets?limit=2");
  CHECK(page.json["items"].size() == 2);
  CHECK(listed("?cursor=" + page.json["next_cursor"].get<std::string>()) == Ids{ids[0]});
  CHECK(outcome(media.get("/media-v2/assets?kind=film")) == "422 validation.failed");
  CHECK(outcome(media.get("/media-v2/assets?cursor=x")) == "400 request.invalid_cursor");
}

TEST_CASE("an asset is deleted by its creator or an admin, and its object goes", "[media]") {
  Media media;
  const auto make = [&] {
    return "/media-v2/assets/" + media.form(media_form({})).json["asset_id"].get<std::string>();
  };
  const std::string first = make();
  const std::string owned =
      "/media-v2/assets/" +
      media.world
          .call("POST", "/media-v2/assets", with(media.headers("owner"), {{"Content-Type", kFormType}}), media_form({}))
          .json["asset_id"]
          .get<std::string>();
  CHECK(outcome(media.erase(owned, "member")) == "403 auth.insufficient_role");
  CHECK(outcome(media.erase(owned, "viewer")) == "403 auth.insufficient_role");
  CHECK(media.erase(owned, "admin").status == 204);
  CHECK(media.erase(first, "member").status == 204);
  CHECK(outcome(media.erase(first, "member")) == "404 media_asset.not_found");
  CHECK(outcome(media.get(first)) == "404 media_asset.not_found");
  CHECK(outcome(media.get(first + "/download")) == "404 media_asset.not_found");
  CHECK(media.get("/media-v2/assets").json["items"].empty());
  CHECK(eventually([&] { return media.files().empty(); }));
}

TEST_CASE("an artifact notes an object of this tenant and env, and nothing else", "[media]") {
  Media media;
  const Json asset = media.form(media_form({})).json;
  const std::string target = "/media-v2/assets/" + asset["asset_id"].get<std::string>() + "/artifacts";
  const std::string prefix = "s3://nexus/tenants/" + media.tenant.id;
  const std::string uri = prefix + "/dev/media_v2/x/frame.png";
  const Answer made = media.post(
      target,
      {{"kind", "frame"}, {"uri", uri}, {"start_ms", 5}, {"end_ms", 5}, {"track_label", "v1"}, {"meta", {{"a", 1}}}});
  REQUIRE(made.status == 201);
  CHECK(made.json["asset_id"] == asset["asset_id"]);
  CHECK(made.json["uri"] == uri);
  CHECK(made.json["start_ms"] == 5);
  CHECK(made.json["track_label"] == "v1");
  CHECK(media.get("/media-v2/artifacts/" + made.json["artifact_id"].get<std::string>()).json == made.json);
  CHECK(media.get(target).json["items"] == Json::array({made.json}));
  for (const std::string& foreign :
       {std::string("s3://nexus/tenants/t_other/dev/media_v2/x/f"), prefix + "/staging/media_v2/x/f",
        prefix + "/dev/media_v2/../../t_other/f", prefix + "/dev/media_v2/x/..", prefix + "/dev/secrets/x/f",
        "s3://other/tenants/" + media.tenant.id + "/dev/media_v2/x/f", std::string("https://cdn.example/f"),
        "tenants/" + media.tenant.id + "/dev/media_v2/x/f", prefix + "/DEV/media_v2/x/f",
        prefix + "/dev/raw/x/%2e%2e/f", std::string("/etc/passwd")}) {
    INFO(foreign);
    CHECK(outcome(media.post(target, {{"kind", "frame"}, {"uri", foreign}})) == "400 storage.foreign_prefix");
  }
  const std::string with_nul = prefix + std::string("/dev/raw/x/a\0b", 14);
  CHECK(media.post(target, {{"kind", "frame"}, {"uri", with_nul}}).status == 422);
  for (const char* kind : {"audio_segment", "frame", "thumbnail", "waveform", "mask", "render", "asr_transcript",
                           "visual_meta", "video_region_summary", "vector_scene", "cad_model", "other"})
    CHECK(media.post(target, {{"kind", kind}, {"uri", uri}}).status == 201);
  const std::pair<Json, const char*> bad[] = {
      {{{"kind", "film"}}, "/kind"},
      {{{"kind", ""}}, "/kind"},
      {{{"kind", nullptr}}, "/kind"},
      {{{"uri", ""}}, "/uri"},
      {{{"uri", 7}}, "/uri"},
      {{{"start_ms", -1}}, "/start_ms"},
      {{{"start_ms", 9}, {"end_ms", 8}}, "/end_ms"},
      {{{"end_ms", "8"}}, "/end_ms"},
      {{{"track_label", std::string(257, 'x')}}, "/track_label"},
      {{{"meta", 1}}, "/meta"},
  };
  for (const auto& [change, pointer] : bad) {
    Json body = {{"kind", "frame"}, {"uri", uri}};
    body.update(change);
    const Answer answer = media.post(target, body);
    CHECK(outcome(answer) + " " + pointers(answer) == std::string("422 validation.failed ") + pointer);
  }
  CHECK(media.erase("/media-v2/assets/" + asset["asset_id"].get<std::string>(), "member").status == 204);
  CHECK(outcome(media.get("/media-v2/artifacts/" + made.json["artifact_id"].get<std::string>())) ==
        "404 media_artifact.not_found");
}

TEST_CASE("a neighbour's asset and artifact are not there, of another tenant and of another env", "[media]") {
  World& world = lenient_world();
  Media mine{world}, theirs{world};
  const std::string absent = "01a20636-66b1-7001-b8d7-953e256aa6b5";
  const Json asset = theirs.form(media_form({})).json;
  const std::string id = asset["asset_id"];
  const Json artifact =
      theirs.post("/media-v2/assets/" + id + "/artifacts", {{"kind", "frame"}, {"uri", asset["uri"]}}).json;
  const std::string artifact_id = artifact["artifact_id"];
  const auto expect_absent = [&](Media& who, const std::string& env) {
    const std::string uri = "s3://nexus/tenants/" + who.tenant.id + "/" + env + "/raw/a/b";
    for (const char* rest : {"", "/download", "/artifacts"}) {
      const Answer answer = who.get("/media-v2/assets/" + id + rest, "owner", env);
      CHECK(outcome(answer) == "404 media_asset.not_found");
      CHECK(comparable(answer) == comparable(who.get("/media-v2/assets/" + absent + rest, "owner", env)));
    }
    CHECK(outcome(who.get("/media-v2/artifacts/" + artifact_id, "owner", env)) == "404 media_artifact.not_found");
    CHECK(outcome(who.post("/media-v2/assets/" + id + "/artifacts", {{"kind", "frame"}, {"uri", uri}}, env)) ==
          "404 media_asset.not_found");
    CHECK(outcome(world.call("DELETE", "/media-v2/assets/" + id, who.headers("owner", env))) ==
          "404 media_asset.not_found");
    CHECK(who.get("/media-v2/assets", "owner", env).json["items"].empty());
  };
  expect_absent(mine, "dev");
  expect_absent(theirs, "staging");
  CHECK(theirs.get("/media-v2/assets/" + id).json == asset);
}

}  // namespace
}  // namespace nexus::test
