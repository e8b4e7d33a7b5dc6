// Three-wise questions and the opinions on them, as rows. What the opinions come to is daemon/gates's; who may have one
// is daemon/control's. All functions may throw store::Error.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Question {
  std::string question_id;
  std::string question;
  std::optional<std::string> context;
  Micros created_at = 0;
  std::string created_by;
};

struct Opinion {
  std::string user_id;
  std::string verdict;  // APPROVE | REJECT | UNSURE
  std::string content;
  Micros created_at = 0;
};

struct Votes {
  std::int64_t approvals = 0;
  std::int64_t rejections = 0;
  std::int64_t unsure = 0;
};

std::optional<Question> find_question(const Reader& reader, Realm realm, std::string_view question_id);
/// Newest first, from before `before` ("" for the start).
std::vector<Question> list_questions(const Reader& reader, Realm realm, std::string_view before, int limit);
void insert_question(Tx& tx, Realm realm, const Question& question);

/// Oldest first.
std::vector<Opinion> list_opinions(const Reader& reader, Realm realm, std::string_view question_id);
Votes count_votes(const Reader& reader, Realm realm, std::string_view question_id);
/// A unique violation means that this user has one already.
void insert_opinion(Tx& tx, Realm realm, std::string_view question_id, const Opinion& opinion);

}  // namespace nexus::store
