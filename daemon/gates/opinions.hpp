// The verdict of the opinions on a three-wise question. Every opinion counts, also those after the third, so a verdict
// can still change. An approval that depends on it changes with it.
#pragma once
#include <optional>
#include <string_view>

#include "store/three_wise.hpp"

namespace nexus::gates {

inline constexpr std::int64_t kOpinionsNeeded = 3;

/// APPROVE, REJECT or UNSURE; nothing with fewer than three opinions.
inline std::optional<std::string_view> verdict_of(const store::Votes& votes) {
  if (votes.approvals + votes.rejections + votes.unsure < kOpinionsNeeded) return std::nullopt;
  if (votes.approvals > votes.rejections && votes.approvals >= votes.unsure) return "APPROVE";
  if (votes.rejections > votes.approvals && votes.rejections >= votes.unsure) return "REJECT";
  return "UNSURE";
}

}  // namespace nexus::gates
