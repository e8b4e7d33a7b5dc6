// Atoms: made of a registered asset, once, and read back; what cannot be made; and what goes with the asset.
#include "daemon/base/crypto.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/media_support.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Atoms {
  World& world = lenient_world();
  Tenant tenant = world.new_tenant_with_members();

  Headers headers(const std::string& role = "member", const Headers& more = {}) const {
    return with(World::in(tenant.at(role), tenant.id), more);
  }
  std::string asset(const std::string& content, bool registered = true) {
    const Json form = world.presign(tenant.member, tenant.id, "text.txt");
    REQUIRE(world.upload(form, content).status == 204);
    const std::string id = form.at("asset_id");
    if (registered)
      REQUIRE(world.call("POST", "/nexus/raw/register", headers(), Json{{"asset_id", id}, {"filename", "text.txt"}})
                  .status == 201);
    return id;
  }
  Answer make(const Json& body, const Headers& more = {}, const std::string& role = "member") {
    return world.call("POST", "/nexus/atoms/create-from-raw", headers(role, more), body);
  }
  Answer make(const std::string& asset, const std::string& op, const Json& params = Json::object()) {
    return make({{"raw_asset_id", asset}, {"op_type", op}, {"params", params}});
  }
  Answer get(const std::string& target, const std::string& role = "viewer") {
    return world.call("GET", target, headers(role));
  }
  Answer erase_asset(const std::string& asset) { return world.call("DELETE", "/nexus/raw/" + asset, headers()); }
};

/// One member of each atom.
Json each(const Answer& answer, const std::string& member) {
  Json out = Json::array();
  for (const Json& atom : answer.json.at("items")) out.push_back(atom.at(member));
  return out;
}

std::string many_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("atoms are made of a registered text and read back", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset("One.\nStill one.\n\nTwo.\n");
  const Answer made = atoms.make(asset, "text_split", {{"max_chars", 100}});
  REQUIRE(made.status == 201);
  CHECK(made.json["next_cursor"].is_null());
  CHECK(each(made, "content") == Json{"One.\nStill one.", "Two."});
  CHECK(each(made, "ordinal") == Json{0, 1});
  const Json first = made.json["items"][0];
  CHECK(first["tenant_id"] == atoms.tenant.id);
  CHECK(first["env"] == "dev");
  CHECK(first["raw_asset_id"] == asset);
  CHECK(first["op_type"] == "text_split");
  CHECK(first["op_version"] == 1);
  CHECK(first["metadata"] == Json{{"params", {{"max_chars", 100}}}});
  CHECK(first["created_by"] == atoms.tenant.member.id);
  CHECK(!first.contains("uri"));
  const std::string id = first["atom_id"];
  CHECK(id.size() == 36);
  CHECK(id[14] == '8');
  CHECK(atoms.get("/nexus/atoms/" + id).json == first);
  const Answer text = atoms.get("/nexus/atoms/" + id + "/download");
  CHECK(text.status == 200);
  CHECK(text.body == "One.\nStill one.");
  CHECK(text.header("content-disposition").starts_with("attachment"));
  CHECK(each(atoms.make(asset, "lines"), "content") == Json{"One.", "Still one.", "Two."});
  CHECK(each(atoms.make(asset, "text_identity"), "content") == Json{"One.\nStill one.\n\nTwo.\n"});
  // Oldest set first, each in its order.
  const Answer list = atoms.get("/nexus/atoms?raw_asset_id=" + asset);
  CHECK(each(list, "ordinal") == Json{0, 1, 0, 1, 2, 0});
  CHECK(list.json["items"][0] == first);
  CHECK(each(atoms.get("/nexus/atoms?op_type=lines&raw_asset_id=" + asset), "content").size() == 3);
}

TEST_CASE("an atom's id is the digest of where it comes from", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset("text");
  const std::string id = atoms.make(asset, "text_split").json["items"][0]["atom_id"];
  std::string hex =
      sha256_hex("nexus.atom.v1\n" + atoms.tenant.id + "\ndev\n" + asset + "\ntext_split\n1\n{\"max_chars\":4000}\n0\n")
          .substr(0, 32);
  hex[12] = '8';
  const int variant = (std::stoi(hex.substr(16, 1), nullptr, 16) & 3) | 8;
  hex[16] = "0123456789abcdef"[variant];
  std::string bare = id;
  std::erase(bare, '-');
  CHECK(bare == hex);
}

TEST_CASE("the same once more makes nothing, and answers the same with the first receipt", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset(many_lines(3));
  const Answer first = atoms.make(asset, "text_split", {{"max_chars", 4000}});
  REQUIRE(first.status == 201);
  for (const Json& params : {Json{{"max_chars", 4000}}, Json::object()}) {
    const Answer again = atoms.make(asset, "text_split", params);
    CHECK(again.status == 200);
    CHECK(again.json == first.json);
    CHECK(again.header("nexus-audit-seq") == first.header("nexus-audit-seq"));
    CHECK(again.header("nexus-audit-hash") == first.header("nexus-audit-hash"));
  }
  CHECK(atoms.make(asset, "text_split", {{"max_chars", 3999}}).status == 201);
  const Json row = atoms.get("/audit/" + first.header("nexus-audit-seq"), "admin").json;
  CHECK(row["details"]["atoms_count"] == 1);
  CHECK(row["details"]["params"] == Json{{"max_chars", 4000}});
  CHECK(row["body"]["subject"] == Json{{"type", "raw_asset"}, {"id", asset}});
}

TEST_CASE("two thousand atoms come in pages, and the cursor of their making goes on in them alone", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset(many_lines(2000));
  REQUIRE(atoms.make(asset, "text_identity").status == 201);
  const Answer made = atoms.make(asset, "lines");
  REQUIRE(made.status == 201);
  REQUIRE(made.json["items"].size() == 200);
  REQUIRE(atoms.make(asset, "text_split").status == 201);
  Json seen = each(made, "content");
  Json cursor = made.json["next_cursor"];
  while (cursor.is_string()) {
    const Answer page =
        atoms.get("/nexus/atoms?limit=200&raw_asset_id=" + asset + "&cursor=" + cursor.get<std::string>());
    REQUIRE(page.status == 200);
    for (const Json& atom : page.json["items"]) seen.push_back(atom["content"]);
    cursor = page.json["next_cursor"];
  }
  REQUIRE(seen.size() == 2000);
  for (int i = 0; i < 2000; ++i) CHECK(seen[static_cast<std::size_t>(i)] == "line " + std::to_string(i));
  const std::string other = atoms.asset("x");
  CHECK(outcome(atoms.get("/nexus/atoms?raw_asset_id=" + other +
                          "&cursor=" + made.json["next_cursor"].get<std::string>())) == "400 request.invalid_cursor");
}

TEST_CASE("an atom of over 16 KiB is an object under a key of its tenant and env", "[atoms]") {
  Atoms atoms;
  const std::string inside(16384, 'a'), over(16385, 'b'), far(100000, 'c');
  const std::string asset = atoms.asset(inside + "\n" + over + "\nsmall\n" + far + "\n");
  const Answer made = atoms.make(asset, "lines");
  REQUIRE(made.status == 201);
  const Json items = made.json["items"];
  REQUIRE(items.size() == 4);
  CHECK(items[0]["content"] == inside);
  CHECK(items[2]["content"] == "small");
  for (const auto& [index, text] : {std::pair{1, over}, std::pair{3, far}}) {
    const Json& atom = items[static_cast<std::size_t>(index)];
    const std::string id = atom["atom_id"];
    CHECK(!atom.contains("content"));
    const std::string prefix = "s3://nexus/tenants/" + atoms.tenant.id + "/dev/atoms/" + id + "/";
    CHECK(atom["uri"].get<std::string>().starts_with(prefix));
    CHECK(atom["metadata"]["size_bytes"] == text.size());
    CHECK(atom["metadata"]["sha256"] == sha256_hex(text));
    const Answer link = atoms.get("/nexus/atoms/" + id + "/download");
    REQUIRE(link.status == 302);
    CHECK(atoms.world.call("GET", target_of(link.header("location"))).body == text);
  }
}

TEST_CASE("what cannot be made into atoms is refused, and nothing is left", "[atoms]") {
  Atoms atoms;
  const auto make = [&](const std::string& content, const std::string& op, const Json& params = Json::object()) {
    return outcome(atoms.make(atoms.asset(content), op, params));
  };
  CHECK(make("\xFF\xFE", "text_identity") == "422 atom.not_text");
  CHECK(make(std::string("a\0b", 3), "lines") == "422 atom.not_text");
  CHECK(make(std::string(20000, 'a') + "\n\xFF", "lines") == "422 atom.not_text");
  CHECK(make(std::string(10001, 'a'), "text_split", {{"max_chars", 1}}) == "422 atom.too_many");
  CHECK(make(std::string(10000, 'a'), "text_split", {{"max_chars", 1}}) == "201");
  CHECK(make("", "text_identity") == "201");
  CHECK(make("", "lines") == "201");
  CHECK(outcome(atoms.make("none", "lines")) == "404 raw.not_found");
  CHECK(outcome(atoms.make(atoms.asset("x", false), "lines")) == "409 raw.not_uploaded");
}

TEST_CASE("a source may have 64 MiB and not a byte more", "[atoms]") {
  Atoms atoms;
  std::string text(64 << 20, 'a');
  for (std::size_t at = 8191; at < text.size(); at += 8192) text[at] = '\n';
  const Answer most = atoms.make(atoms.asset(text), "lines");
  REQUIRE(most.status == 201);
  // A page ends at a MiB.
  CHECK(most.json["items"].size() > 100);
  CHECK(most.body.size() <= 1 << 20);
  CHECK(most.json["next_cursor"].is_string());
  CHECK(outcome(atoms.make(atoms.asset(text + "a"), "lines")) == "422 atom.too_large");
}

TEST_CASE("a bad field of the wish is named", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset("x");
  const std::pair<Json, const char*> cases[] = {
      {{{"op_type", "lines"}}, "/raw_asset_id"},
      {{{"raw_asset_id", ""}, {"op_type", "lines"}}, "/raw_asset_id"},
      {{{"raw_asset_id", 7}, {"op_type", "lines"}}, "/raw_asset_id"},
      {{{"raw_asset_id", asset}}, "/op_type"},
      {{{"raw_asset_id", asset}, {"op_type", nullptr}}, "/op_type"},
      {{{"raw_asset_id", asset}, {"op_type", "shuffle"}}, "/op_type"},
      {{{"raw_asset_id", asset}, {"op_type", "lines"}, {"params", 1}}, "/params"},
      {{{"raw_asset_id", asset}, {"op_type", "text_split"}, {"params", {{"max_chars", 0}}}}, "/params/max_chars"},
      {{{"raw_asset_id", asset}, {"op_type", "text_split"}, {"params", {{"max_chars", 100001}}}}, "/params/max_chars"},
      {{{"raw_asset_id", asset}, {"op_type", "text_split"}, {"params", {{"max_chars", "9"}}}}, "/params/max_chars"},
  };
  for (const auto& [body, pointer] : cases) {
    INFO(body.dump());
    const Answer answer = atoms.make(body);
    CHECK(outcome(answer) + " " + pointers(answer) == std::string("422 validation.failed ") + pointer);
  }
  CHECK(outcome(atoms.make(asset, "lines", {{"max_chars", 5}})) == "422 validation.unknown_field");
  CHECK(outcome(atoms.make(asset, "text_split", {{"max", 5}})) == "422 validation.unknown_field");
  CHECK(atoms.make(asset, "text_split", {{"max_chars", 100000}}).status == 201);
  CHECK(outcome(atoms.get("/nexus/atoms")) == "422 validation.failed");
  CHECK(outcome(atoms.get("/nexus/atoms?raw_asset_id=" + asset + "&op_type=x")) == "422 validation.failed");
}

TEST_CASE("a neighbour's asset and atoms are not there", "[atoms]") {
  Atoms mine, theirs;
  const std::string asset = theirs.asset("x");
  const std::string id = theirs.make(asset, "lines").json["items"][0]["atom_id"];
  const std::string absent = "7f83b165-7ff1-8c53-b92d-c18148a1d65d";
  CHECK(comparable(mine.make(asset, "lines")) == comparable(mine.make(absent, "lines")));
  for (const char* rest : {"", "/download"}) {
    CHECK(outcome(mine.get("/nexus/atoms/" + id + rest)) == "404 atom.not_found");
    CHECK(comparable(mine.get("/nexus/atoms/" + id + rest)) == comparable(mine.get("/nexus/atoms/" + absent + rest)));
  }
  CHECK(comparable(mine.get("/nexus/atoms?raw_asset_id=" + asset)) ==
        comparable(mine.get("/nexus/atoms?raw_asset_id=" + absent)));
  CHECK(outcome(theirs.world.call("GET", "/nexus/atoms/" + id,
                                  World::in(theirs.tenant.owner, theirs.tenant.id, "staging"))) ==
        "404 atom.not_found");
}

TEST_CASE("who may make and read atoms", "[atoms]") {
  Atoms atoms;
  for (const std::string& role : roles()) {
    INFO(role);
    const std::string asset = atoms.asset("x");
    const Answer made = atoms.make({{"raw_asset_id", asset}, {"op_type", "lines"}}, {}, role);
    CHECK(outcome(made) == (rank(role) >= rank("member") ? "201" : "403 auth.insufficient_role"));
    CHECK(atoms.get("/nexus/atoms?raw_asset_id=" + asset, role).status == 200);
  }
}

TEST_CASE("atoms go with their asset, and their objects are swept", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset(std::string(20000, 'a'));
  const std::string id = atoms.make(asset, "lines").json["items"][0]["atom_id"];
  REQUIRE(atoms.erase_asset(asset).status == 204);
  CHECK(outcome(atoms.get("/nexus/atoms/" + id)) == "404 atom.not_found");
  CHECK(outcome(atoms.get("/nexus/atoms?raw_asset_id=" + asset)) == "404 raw.not_found");
  CHECK(outcome(atoms.make(asset, "lines")) == "404 raw.not_found");
}

TEST_CASE("a run counts the atoms that were made in it", "[atoms]") {
  Atoms atoms;
  const std::string run =
      atoms.world.call("POST", "/nexus/runs", atoms.headers(), Json{{"kind", "research"}}).json.at("run_id");
  const Json wish = {{"raw_asset_id", atoms.asset(many_lines(7))}, {"op_type", "lines"}};
  REQUIRE(atoms.make(wish, {{"X-Run-Id", run}}).status == 201);
  CHECK(atoms.make(wish, {{"X-Run-Id", run}}).status == 200);
  const Json shown = atoms.get("/nexus/runs/" + run, "member").json;
  CHECK(shown["atoms_count"] == 7);
  CHECK(shown["events_count"] == 1);
  CHECK(shown["events"][0]["event_type"] == "atom_created");
  CHECK(shown["events"][0]["output"] == Json{{"atoms_count", 7}});
}

TEST_CASE("the kill switch stops the making before anything is read", "[atoms]") {
  Atoms atoms;
  const std::string asset = atoms.asset("x");
  REQUIRE(atoms.world.put_kill_switches(atoms.tenant.admin, atoms.tenant.id, {{"disabled_actions", {"atom_create"}}})
              .status == 200);
  CHECK(outcome(atoms.make("none", "lines")) == "403 kill_switch_blocked");
  CHECK(outcome(atoms.make(asset, "lines")) == "403 kill_switch_blocked");
}

}  // namespace nexus::test
