// A question takes one opinion from each user but its asker. The verdict is nothing before the third, and follows from
// all of them after it. Questions and opinions stay as they were written: there is no editing and no taking back.
#include "daemon/base/uuid.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/opinions.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "daemon/three_wise/problems.hpp"
#include "store/model_rows.hpp"

namespace nexus::three_wise {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

/// The question with its opinions and what they come to.
Json whole_question(const store::Reader& reader, const Caller& caller, Question question) {
  question.verdict = gates::verdict_of(store::count_votes(reader, caller.realm(), question.question_id));
  Json out = model::json_of(kQuestion, question);
  out["opinions"] = Json::array();
  for (const auto& opinion : store::list_opinions(reader, caller.realm(), question.question_id))
    out["opinions"].push_back(model::json_of(kOpinion, opinion));
  return out;
}

Question find(const store::Reader& reader, const Caller& caller, const std::string& question_id) {
  auto question = store::find_row<kQuestion>(reader, caller.realm(), question_id);
  if (!question) throw Problem(problems::three_wise_not_found, "GET /three-wise/questions lists them");
  return std::move(*question);
}

Question parse_new(Input& input) {
  Question question = model::take_new(kQuestion, input.body).value;
  question.tenant_id = input.caller.realm().tenant;
  question.env = input.caller.realm().env;
  question.question_id = new_id(input.caller.tenant());
  question.created_by = input.caller.user_id;
  return question;
}

Applied ask(store::Tx& tx, const Caller& caller, const Question& sent) {
  Question question = sent;
  question.created_at = now_micros();
  store::insert_row<kQuestion>(tx, question);
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

Opinion parse_opinion(Input& input) {
  Opinion opinion = model::take_new(kOpinion, input.body).value;
  opinion.tenant_id = input.caller.realm().tenant;
  opinion.env = input.caller.realm().env;
  opinion.question_id = input.param("question_id");
  opinion.user_id = input.caller.user_id;
  return opinion;
}

Applied opine(store::Tx& tx, const Caller& caller, const Opinion& sent) {
  const Question question = find(tx, caller, sent.question_id);
  if (question.created_by == caller.user_id)
    throw Problem(problems::three_wise_opinion_refused,
                  "who asked a question has no opinion on it: let three others have one");
  Opinion opinion = sent;
  opinion.created_at = now_micros();
  if (!store::insert_new_row<kOpinion>(tx, opinion))
    throw Problem(problems::three_wise_opinion_refused, "you gave your opinion on this question already");
  Json whole = whole_question(tx, caller, question);
  const Json verdict = whole["verdict"];
  return {.json = std::move(whole),
          .subject_type = "three_wise",
          .subject_id = question.question_id,
          .details = {{"opinion", opinion.verdict}, {"verdict", verdict}, {"content_bytes", opinion.content.size()}}};
}

Json question_schema() {
  Json out = model::answer_schema(kQuestion);
  out["properties"]["opinions"] = schema::list(model::answer_schema(kOpinion));
  out["required"].push_back("opinions");
  return out;
}

/// Asking and answering pass no gate but are audited.
http::Route audited(http::Route route) {
  route.policy = gates::Policy::audited;
  route.effects = http::kOwnRowsAlone;
  return route;
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  const auto question_id = [](Input& input) { return input.param("question_id"); };
  const auto page = [](Input& input) { return http::take_page(input, "three_wise"); };
  const http::Surface surface{.name = "control", .read_action = "three_wise_read"};
  const Json shape = question_schema();
  routes.add(audited(surface.create(
      "/three-wise/questions", "three_wise_ask", http::rendered(http::writes(parse_new, ask), render),
      {.summary = "Ask the three wise", .request = model::create_schema(kQuestion), .response = shape})));
  routes.add(
      surface.get("/three-wise/questions", http::reads(page, list),
                  {.summary = "List questions", .response = schema::page(shape), .query = http::page_parameters()}));
  routes.add(surface.show("/three-wise/questions/{question_id}", http::reads(question_id, show),
                          {.summary = "Show a question, its opinions and its verdict", .response = shape}));
  routes.add(audited(surface.create("/three-wise/questions/{question_id}/opinions", "three_wise_opine",
                                    http::rendered(http::writes(parse_opinion, opine), render),
                                    {.summary = "Give an opinion; the answer is the whole question",
                                     .request = model::create_schema(kOpinion),
                                     .response = shape,
                                     .refusals = {404, 409}})));
}

}  // namespace nexus::three_wise
