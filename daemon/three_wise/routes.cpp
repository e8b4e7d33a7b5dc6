// A question takes one opinion from each user except its asker. There is no verdict before the third opinion; after
// that it follows from all of them. Questions and opinions stay unchanged: they are neither edited nor withdrawn.
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/strategy_lock.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/three_wise/problems.hpp"

namespace nexus::three_wise {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

/// The question with its opinions and its verdict.
Json whole_question(const store::Reader& reader, const Caller& caller, Question question) {
  question.verdict = gates::verdict_of(store::count_votes(reader, caller.realm(), question.question_id));
  Json out = model::json_of(kQuestion, question);
  out["opinions"] = Json::array();
  for (const auto& opinion : store::list_opinions(reader, caller.realm(), question.question_id))
    out["opinions"].push_back(model::json_of(kOpinion, opinion));
  return out;
}

Question find(const store::Reader& reader, const Caller& caller, const std::string& question_id) {
  return found(store::find_row<kQuestion>(reader, caller.realm(), question_id), problems::three_wise_not_found,
               "they are shown by nexusctl three-wise list");
}

Applied ask(store::Tx& tx, const Caller& caller, const Question& sent) {
  Question question = domain::made_by(caller, sent);
  question.question_id = new_id(caller.tenant());
  store::insert_row<kQuestion>(tx, question);
  return {.json = whole_question(tx, caller, question),
          .subject_type = "three_wise",
          .subject_id = question.question_id,
          .details = {{"question_bytes", question.question.size()}},
          .fields = {{"Location", "/three-wise/questions/" + question.question_id}}};
}

Json show(const store::Reader& reader, const Caller& caller, const std::string& question_id) {
  return whole_question(reader, caller, find(reader, caller, question_id));
}

Opinion parse_opinion(Input& input) {
  Opinion opinion = model::take_new(kOpinion, input.body).value;
  opinion.question_id = input.param("question_id");
  opinion.user_id = input.caller.user_id;
  return opinion;
}

Applied opine(store::Tx& tx, const Caller& caller, const Opinion& sent) {
  const Question question = find(tx, caller, sent.question_id);
  if (question.created_by == caller.user_id)
    throw Problem(problems::three_wise_opinion_refused,
                  "who asked a question has no opinion on it: let three others have one");
  Opinion opinion = domain::made_by(caller, sent);
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
  return schema::with(model::answer_schema(kQuestion), {{"opinions", schema::list(model::answer_schema(kOpinion))}});
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  const http::Surface surface{.name = "control",
                              .read_action = "three_wise_read",
                              .policy = gates::Policy::audited,
                              .effects = http::kOwnRowsAlone};
  const Json shape = question_schema();
  routes.add(surface.create(
      "/three-wise/questions", "three_wise_ask", http::rendered(http::writes(http::sent<kQuestion>, ask), show),
      {.summary = "Ask the three wise", .request = model::create_schema(kQuestion), .response = shape}));
  routes.add(surface.list("/three-wise/questions", http::newest<kQuestion>("three_wise", whole_question),
                          {.summary = "List questions", .response = shape}));
  routes.add(surface.show("/three-wise/questions/{question_id}", http::one("question_id", show),
                          {.summary = "Show a question, its opinions and its verdict", .response = shape}));
  routes.add(surface.create("/three-wise/questions/{question_id}/opinions", "three_wise_opine",
                            http::rendered(http::writes(parse_opinion, opine), show),
                            {.summary = "Give an opinion; the answer is the whole question",
                             .request = model::create_schema(kOpinion),
                             .response = shape,
                             .refusals = {404, 409}}));
}

}  // namespace nexus::three_wise
