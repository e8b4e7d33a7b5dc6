// Three-wise questions through the public surface: the story, who may have an opinion, each bad field, neighbours.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const std::string kAbsentQuestion = "01a20636-66b1-7001-b8d7-953e256aa6b5";

struct Council {
  World& world = shared_world();
  Tenant tenant = shared_world().new_tenant_with_members();

  Headers as(const Person& who, const std::string& env = "prod") const { return World::in(who, tenant.id, env); }
  Answer ask(const Json& body, const Person& who) { return world.call("POST", "/three-wise/questions", as(who), body); }
  std::string asked() { return ask({{"question", "Shall we?"}}, tenant.member).json.at("question_id"); }
  Answer show(const std::string& id, const std::string& env = "prod") {
    return world.call("GET", "/three-wise/questions/" + id, as(tenant.member, env));
  }
  Answer opine(const std::string& id, const Person& who, const Json& body) {
    return world.call("POST", "/three-wise/questions/" + id + "/opinions", as(who), body);
  }
  Answer vote(const std::string& id, const Person& who, const std::string& verdict) {
    return opine(id, who, Json{{"verdict", verdict}, {"content", "because"}});
  }
  Person member() {
    Person person = world.new_person();
    world.set_member(tenant.id, person.id, "member");
    return person;
  }
};

std::string pointed_fault(const Answer& answer) { return outcome(answer) + " " + pointers(answer); }

}  // namespace

TEST_CASE("a question has no verdict before three opinions, then the one they come to, which later ones may turn") {
  Council council;
  const Answer asked = council.ask({{"question", "Shall we?"}, {"context", "It rains."}}, council.tenant.member);
  REQUIRE(outcome(asked) == "201");
  CHECK(asked.has("nexus-audit-seq"));
  const std::string id = asked.json.at("question_id");
  CHECK(asked.header("location").ends_with("/three-wise/questions/" + id));
  CHECK(asked.json.at("question") == "Shall we?");
  CHECK(asked.json.at("context") == "It rains.");
  CHECK(asked.json.at("verdict").is_null());
  CHECK(asked.json.at("opinions").empty());
  CHECK(asked.json.at("created_by") == council.tenant.member.id);
  CHECK(asked.json.at("tenant_id") == council.tenant.id);
  CHECK(asked.json.at("env") == "prod");

  const Answer first = council.vote(id, council.tenant.owner, "APPROVE");
  CHECK(outcome(first) == "201");
  CHECK(first.has("nexus-audit-seq"));
  CHECK(first.json.at("verdict").is_null());
  CHECK(council.vote(id, council.tenant.admin, "REJECT").json.at("verdict").is_null());
  CHECK(council.vote(id, council.member(), "APPROVE").json.at("verdict") == "APPROVE");
  CHECK(council.vote(id, council.member(), "REJECT").json.at("verdict") == "UNSURE");
  CHECK(council.vote(id, council.member(), "REJECT").json.at("verdict") == "REJECT");

  const Json whole = council.show(id).json;
  CHECK(whole.at("verdict") == "REJECT");
  REQUIRE(whole.at("opinions").size() == 5);
  CHECK(whole["opinions"][0].at("user_id") == council.tenant.owner.id);
  CHECK(whole["opinions"][0].at("verdict") == "APPROVE");
  CHECK(whole["opinions"][0].at("content") == "because");
  CHECK(whole["opinions"][1].at("user_id") == council.tenant.admin.id);
}

TEST_CASE("everybody has one opinion, and the asker none") {
  Council council;
  const std::string id = council.asked();
  CHECK(outcome(council.vote(id, council.tenant.member, "APPROVE")) == "409 three_wise.opinion_refused");
  CHECK(outcome(council.vote(id, council.tenant.admin, "APPROVE")) == "201");
  CHECK(outcome(council.vote(id, council.tenant.admin, "REJECT")) == "409 three_wise.opinion_refused");
  const Person agent{council.tenant.admin.id,
                     council.world.new_token(council.tenant.admin.id, {{"actor_type", "agent"}})};
  CHECK(outcome(council.vote(id, agent, "APPROVE")) == "409 three_wise.opinion_refused");
  CHECK(council.show(id).json.at("opinions").size() == 1);
  CHECK(council.show(id).json["opinions"][0].at("verdict") == "APPROVE");
}

TEST_CASE("each bad field of a question or an opinion is named") {
  Council council;
  const Person& who = council.tenant.owner;
  CHECK(pointed_fault(council.ask(Json::object(), who)) == "422 validation.failed /question");
  for (const Json& value : {Json(), Json(""), Json(1), Json(std::string(4097, 'x'))})
    CHECK(pointed_fault(council.ask({{"question", value}}, who)) == "422 validation.failed /question");
  for (const Json& value : {Json(""), Json(1), Json(std::string(16 * 1024 + 1, 'x'))})
    CHECK(pointed_fault(council.ask({{"question", "q"}, {"context", value}}, who)) == "422 validation.failed /context");
  CHECK(pointed_fault(council.ask({{"question", "q"}, {"contxt", "x"}}, who)) ==
        "422 validation.unknown_field /contxt");

  const std::string id = council.asked();
  const Json good = {{"verdict", "APPROVE"}, {"content", "because"}};
  const auto with_value = [&](const char* field, const Json& value) {
    Json body = good;
    body[field] = value;
    return pointed_fault(council.opine(id, who, body));
  };
  for (const Json& value : {Json(), Json("approve"), Json("YES"), Json(true)})
    CHECK(with_value("verdict", value) == "422 validation.failed /verdict");
  for (const Json& value : {Json(), Json(""), Json(1), Json(std::string(16 * 1024 + 1, 'x'))})
    CHECK(with_value("content", value) == "422 validation.failed /content");
  CHECK(with_value("user_id", council.tenant.admin.id) == "422 validation.unknown_field /user_id");
  CHECK(council.show(id).json.at("opinions").empty());
}

TEST_CASE("viewers read, and neither ask nor answer; members do all of it") {
  Council council;
  const Person& viewer = council.tenant.viewer;
  const std::string id = council.asked();
  CHECK(outcome(council.ask({{"question", "q"}}, viewer)) == "403 auth.insufficient_role");
  CHECK(outcome(council.vote(id, viewer, "APPROVE")) == "403 auth.insufficient_role");
  for (const std::string& target : {std::string("/three-wise/questions"), "/three-wise/questions/" + id})
    CHECK(outcome(council.world.call("GET", target, council.as(viewer))) == "200");
  CHECK(outcome(council.show(id)) == "200");
}

TEST_CASE("questions are listed newest first with their opinions, page by page") {
  Council council;
  const std::string older = council.asked(), newer = council.asked();
  CHECK(outcome(council.vote(older, council.tenant.owner, "UNSURE")) == "201");
  const auto list = [&](const std::string& query) {
    return council.world.call("GET", "/three-wise/questions" + query, council.as(council.tenant.member)).json;
  };
  const Json first = list("?limit=1");
  REQUIRE(first.at("items").size() == 1);
  CHECK(first["items"][0] == council.show(newer).json);
  const Json second = list("?limit=1&cursor=" + first.at("next_cursor").get<std::string>());
  REQUIRE(second.at("items").size() == 1);
  CHECK(second["items"][0] == council.show(older).json);
  CHECK(second.at("next_cursor").is_null());
}

TEST_CASE("a neighbour's question is not there; nor is one of another env") {
  Council mine, theirs;
  const std::string id = theirs.asked();
  const auto refuse = [&](const Answer& foreign, const Answer& absent) {
    CHECK(outcome(foreign) == "404 three_wise.not_found");
    CHECK(foreign.body.find(id) == std::string::npos);
    CHECK(comparable(foreign) == comparable(absent));
  };
  refuse(mine.show(id), mine.show(kAbsentQuestion));
  refuse(theirs.show(id, "dev"), theirs.show(kAbsentQuestion, "dev"));
  refuse(mine.vote(id, mine.tenant.owner, "APPROVE"), mine.vote(kAbsentQuestion, mine.tenant.owner, "APPROVE"));
  CHECK(theirs.show(id).json.at("opinions").empty());
  CHECK(mine.world.call("GET", "/three-wise/questions", mine.as(mine.tenant.owner)).json.at("items").empty());
}

}  // namespace nexus::test
