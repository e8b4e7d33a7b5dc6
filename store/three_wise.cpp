#include "store/three_wise.hpp"

#include "store/model_rows.hpp"

namespace nexus::store {

using three_wise::kOpinion;

std::vector<three_wise::Opinion> list_opinions(const Reader& reader, Realm realm, std::string_view question_id) {
  static const std::string text = select_rows<kOpinion>() + "AND question_id = ?3 ORDER BY created_at, user_id";
  return all(reader.query(text, realm, question_id), row_of<kOpinion>);
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

}  // namespace nexus::store
