// A question takes one opinion from each user but its asker. The verdict is nothing before the third, and follows from
// all of them after it. Questions and opinions stay as they were written: there is no editing and no taking back.
#include "daemon/three_wise/routes.hpp"
#include "daemon/three_wise/problems.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/words.hpp"
#include "daemon/gates/three_wise.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "store/sqlite/error.hpp"

namespace nexus::three_wise {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::Opinion;
using store::Question;
namespace schema = http::schema;

constexpr http::TextRange kQuestion{.min = 1, .max = 4096};
constexpr http::TextRange kLongText{.min = 1, .max = limits::metadata_bytes_max};

Json opinion_json(const Opinion& opinion) {
  return {{"user_id", opinion.user_id},
          {"verdict", opinion.verdict},
          {"content", opinion.content},
          {"created_at", to_rfc3339(opinion.created_at)}};
}

/// The question with its opinions and what they come to.
Json whole_question(const store::Reader& reader, const Caller& caller, const Question& question) {
  const std::string& tenant = caller.tenant().str();
  const std::string_view env = to_string(caller.env());
  const auto verdict =
      gates::verdict_of(store::count_votes(reader, {.tenant = tenant, .env = env}, question.question_id));
  Json opinions = Json::array();
  for (const auto& opinion : store::list_opinions(reader, {.tenant = tenant, .env = env}, question.question_id))
    opinions.push_back(opinion_json(opinion));
  return domain::with_context({{"question_id", question.question_id},
                               {"question", question.question},
                               {"context", or_null(question.context)},
                               {"verdict", or_null(verdict)},
                               {"opinions", std::move(opinions)},
                               {"created_at", to_rfc3339(question.created_at)},
                               {"created_by", question.created_by}},
                              caller);
}

Question find(const store::Reader& reader, const Caller& caller, const std::string& question_id) {
  auto question = store::find_question(reader, caller.realm(), question_id);
  if (!question) throw Problem(problems::three_wise_not_found, "GET /three-wise/questions lists them");
  return std::move(*question);
}

Question parse_new(Input& input) {
  Question question;
  question.question_id = new_id(input.caller.tenant());
  question.question = input.body.text("question", kQuestion);
  question.context = input.body.optional_text("context", kLongText);
  return question;
}

Applied ask(store::Tx& tx, const Caller& caller, const Question& value) {
  Question question = value;
  question.created_at = now_micros();
  question.created_by = caller.user_id;
  store::insert_question(tx, caller.realm(), question);
  return {.json = whole_question(tx, caller, question),
          .subject_type = "three_wise",
          .subject_id = question.question_id,
          .details = {{"question_bytes", question.question.size()}},
          .fields = {{"Location", "/three-wise/questions/" + question.question_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& question_id) {
  return {.json = whole_question(reader, caller, find(reader, caller, question_id))};
}

Json render(const store::Reader& reader, const Caller& caller, const std::string& question_id) {
  return show(reader, caller, question_id).json;
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  const auto rows = store::list_questions(reader, caller.realm(), page.mark, page.limit + 1);
  return {.json = http::page_json<Question>(
              page, rows, [&](const Question& row) { return whole_question(reader, caller, row); },
              [](const Question& row) { return row.question_id; })};
}

struct NewOpinion {
  std::string question_id;
  Opinion opinion;
};

NewOpinion parse_opinion(Input& input) {
  const auto verdict = input.body.optional_choice("verdict", {"APPROVE", "REJECT", "UNSURE"});
  input.body.require("verdict");
  return {input.param("question_id"), {{}, verdict.value_or(""), input.body.text("content", kLongText)}};
}

Applied opine(store::Tx& tx, const Caller& caller, const NewOpinion& value) {
  const Question question = find(tx, caller, value.question_id);
  if (question.created_by == caller.user_id)
    throw Problem(problems::three_wise_opinion_refused,
                  "who asked a question has no opinion on it: let three others have one");
  Opinion opinion = value.opinion;
  opinion.user_id = caller.user_id;
  opinion.created_at = now_micros();
  try {
    store::insert_opinion(tx, caller.realm(), question.question_id, opinion);
  } catch (const store::Error& error) {
    if (!store::is_unique_violation(error)) throw;
    throw Problem(problems::three_wise_opinion_refused, "you gave your opinion on this question already");
  }
  Json whole = whole_question(tx, caller, question);
  const Json verdict = whole["verdict"];
  return {.json = std::move(whole),
          .subject_type = "three_wise",
          .subject_id = question.question_id,
          .details = {{"opinion", opinion.verdict}, {"verdict", verdict}, {"content_bytes", opinion.content.size()}}};
}

Json question_schema() {
  const Json opinion =
      schema::named("Opinion", schema::object({"user_id", "verdict", "content", "created_at"},
                                              {{"user_id", schema::text()},
                                               {"verdict", schema::choice({"APPROVE", "REJECT", "UNSURE"})},
                                               {"content", schema::text()},
                                               {"created_at", schema::time()}}));
  return schema::named("Question",
                       schema::object({"tenant_id", "env", "question_id", "question", "context", "verdict", "opinions",
                                       "created_at", "created_by"},
                                      {{"tenant_id", schema::text()},
                                       {"env", schema::text()},
                                       {"question_id", schema::text()},
                                       {"question", schema::text()},
                                       {"context", schema::nullable(schema::text())},
                                       {"verdict", schema::nullable(schema::choice({"APPROVE", "REJECT", "UNSURE"}))},
                                       {"opinions", schema::list(opinion)},
                                       {"created_at", schema::time()},
                                       {"created_by", schema::text()}}));
}

http::Route write_route(std::string path, std::string action, http::WriteHandler handler, http::Docs docs) {
  return {.method = "POST",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = std::move(action),
          .surface = "control",
          .policy = gates::Policy::audited,
          .effects = http::kOwnRowsAlone,
          .body = http::Body::json,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace

void add_three_wise_routes(http::RouteTable& routes) {
  const Json asked = schema::named(
      "QuestionCreate",
      schema::object({"question"}, {{"question", schema::text_between(1, kQuestion.max)},
                                    {"context", schema::nullable(schema::text_between(1, kLongText.max))}}));
  const Json opinion = schema::named(
      "OpinionCreate",
      schema::object({"verdict", "content"}, {{"verdict", schema::choice({"APPROVE", "REJECT", "UNSURE"})},
                                              {"content", schema::text_between(1, kLongText.max)}}));
  routes.add(write_route("/three-wise/questions", "three_wise_ask",
                         http::rendered(http::writes(parse_new, ask), render),
                         {"Ask the three wise", "control", asked, question_schema(), 201, {}, {}}));
  routes.add(domain::read_route(
      "/three-wise/questions", "three_wise_read", Role::viewer,
      http::reads([](Input& input) { return http::take_page(input, "three_wise"); }, list),
      {"List questions", "control", {}, schema::page(question_schema()), 200, http::page_parameters(), {}}));
  routes.add(domain::read_route(
      "/three-wise/questions/{question_id}", "three_wise_read", Role::viewer,
      http::reads([](Input& input) { return input.param("question_id"); }, show),
      {"Show a question, its opinions and its verdict", "control", {}, question_schema(), 200, {}, {404}}));
  routes.add(write_route("/three-wise/questions/{question_id}/opinions", "three_wise_opine",
                         http::rendered(http::writes(parse_opinion, opine), render),
                         {"Give an opinion; the answer is the whole question",
                          "control",
                          opinion,
                          question_schema(),
                          201,
                          {},
                          {404, 409}}));
}

}  // namespace nexus::three_wise
