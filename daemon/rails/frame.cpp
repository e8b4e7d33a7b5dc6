#include "daemon/rails/frame.hpp"

#include <algorithm>

#include "daemon/base/json.hpp"

namespace nexus::rails {
namespace {

/// A type can never end its line.
bool is_type(std::string_view type) {
  return !type.empty() && std::ranges::all_of(type, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

FramePtr make_frame(std::string_view type, std::string_view id, std::string json, std::int64_t seq, bool open) {
  auto frame = std::make_shared<Frame>();
  std::string& text = frame->text;
  text.reserve(json.size() + 128);
  text.append("event: ").append(is_type(type) ? type : "event").append("\n");
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  text.append("data: ");
  frame->json_at = text.size();
  text.append(json);
  frame->seq = seq;
  frame->open = open;
  return frame;
}

std::string delivery_ending(std::string_view trace_id, std::string_view request_id) {
  return ",\"trace_id\":" + to_text(Json(trace_id)) + ",\"request_id\":" + to_text(Json(request_id)) + "}}";
}

}  // namespace nexus::rails
