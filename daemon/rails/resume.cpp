#include "daemon/rails/resume.hpp"

namespace nexus::rails {
namespace {

std::optional<GapReason> gap_after(const Cursor& cursor, const Span& span) {
  if (cursor.epoch != span.epoch) return GapReason::epoch;
  if (cursor.seq > span.head) return GapReason::ahead;
  if (cursor.seq < span.pruned_to) return GapReason::pruned;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(GapReason reason) {
  switch (reason) {
    case GapReason::pruned:
      return "pruned";
    case GapReason::epoch:
      return "epoch";
    case GapReason::ahead:
      return "ahead";
  }
  return "";
}

std::optional<Gap> overtaken(std::int64_t after, const Span& span) {
  if (after >= span.pruned_to) return std::nullopt;
  return Gap{Cursor{span.epoch, after}.text(), Cursor{span.epoch, span.pruned_to}.text(), GapReason::pruned};
}

Start decide_start(const StartRequest& request, const Span& span) {
  if (!request.after) return {request.from_earliest ? span.pruned_to : span.head, std::nullopt};
  const auto reason = gap_after(*request.after, span);
  if (!reason) return {request.after->seq, std::nullopt};
  return {span.pruned_to, Gap{request.after->text(), Cursor{span.epoch, span.pruned_to}.text(), *reason}};
}

}  // namespace nexus::rails
