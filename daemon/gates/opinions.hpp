// What the opinions on a three-wise question come to. Every opinion counts, also those after the third, so a verdict
// can still turn; an approval that hangs on it turns with it.
#pragma once
#include <optional>
#include <string_view>

#include "store/three_wise.hpp"

namespace nexus::gates {

inline constexpr std::int64_t kOpinionsNeeded = 3;

/// APPROVE, REJECT or UNSURE; nothing before three opinions.
inline std::optional<std::string_view> verdict_of(const store::Votes& votes) {
  if (votes.approvals + votes.rejections + votes.unsure < kOpinionsNeeded) return std::nullopt;
  if (votes.approvals > votes.rejections && votes.approvals >= votes.unsure) return "APPROVE";
  if (votes.rejections > votes.approvals && votes.rejections >= votes.unsure) return "REJECT";
  return "UNSURE";
}

}  // namespace nexus::gates
