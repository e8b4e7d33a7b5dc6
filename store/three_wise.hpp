// The opinions on a three-wise question, and their count. All other statements are derived (store/model_rows.hpp).
// daemon/gates decides the result of the opinions. All functions may throw store::Error.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/base/realm.hpp"
#include "daemon/three_wise/question.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Oldest first.
std::vector<three_wise::Opinion> list_opinions(const Reader& reader, Realm realm, std::string_view question_id);

struct Votes {
  std::int64_t approvals = 0;
  std::int64_t rejections = 0;
  std::int64_t unsure = 0;
};
Votes count_votes(const Reader& reader, Realm realm, std::string_view question_id);

}  // namespace nexus::store
