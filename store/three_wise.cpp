#include "store/three_wise.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

Question question_of(const Query& q) { return {q.text(0), q.text(1), q.optional_text(2), q.integer(3), q.text(4)}; }

}  // namespace

std::optional<Question> find_question(const Reader& reader, Realm realm, std::string_view question_id) {
  return first(reader.query("SELECT question_id, question, context, created_at, created_by FROM three_wise_questions "
                            "WHERE tenant_id = ?1 AND env = ?2 AND question_id = ?3",
                            realm, question_id),
               question_of);
}

std::vector<Question> list_questions(const Reader& reader, Realm realm, std::string_view before, int limit) {
  return all(reader.query("SELECT question_id, question, context, created_at, created_by FROM three_wise_questions "
                          "WHERE tenant_id = ?1 AND env = ?2 AND (?3 = '' OR question_id < ?3) "
                          "ORDER BY question_id DESC LIMIT ?4",
                          realm, before, limit),
             question_of);
}

void insert_question(Tx& tx, Realm realm, const Question& question) {
  tx.run(
      "INSERT INTO three_wise_questions (tenant_id, env, question_id, question, context, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      realm, question.question_id, question.question, question.context, question.created_at, question.created_by);
}

std::vector<Opinion> list_opinions(const Reader& reader, Realm realm, std::string_view question_id) {
  Query q = reader.query(
      "SELECT user_id, verdict, content, created_at FROM three_wise_opinions "
      "WHERE tenant_id = ?1 AND env = ?2 AND question_id = ?3 ORDER BY created_at, user_id",
      realm, question_id);
  std::vector<Opinion> rows;
  while (q.next()) rows.push_back({q.text(0), q.text(1), q.text(2), q.integer(3)});
  return rows;
}

Votes count_votes(const Reader& reader, Realm realm, std::string_view question_id) {
  Query q = reader.query(
      "SELECT count(*) FILTER (WHERE verdict = 'APPROVE'), "
      "count(*) FILTER (WHERE verdict = 'REJECT'), count(*) FILTER (WHERE verdict = 'UNSURE') "
      "FROM three_wise_opinions WHERE tenant_id = ?1 AND env = ?2 AND question_id = ?3",
      realm, question_id);
  q.next();
  return {q.integer(0), q.integer(1), q.integer(2)};
}

void insert_opinion(Tx& tx, Realm realm, std::string_view question_id, const Opinion& opinion) {
  tx.run(
      "INSERT INTO three_wise_opinions (tenant_id, env, question_id, user_id, verdict, content, created_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      realm, question_id, opinion.user_id, opinion.verdict, opinion.content, opinion.created_at);
}

}  // namespace nexus::store
