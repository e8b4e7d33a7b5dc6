#include "cli/rails/outbox.hpp"

#include <algorithm>
#include <charconv>

namespace nexus::cli {

std::int64_t sequence_of(const std::string& cursor) {
  const auto point = cursor.find('.');
  std::int64_t value = 0;
  if (point != std::string::npos) std::from_chars(cursor.data() + point + 1, cursor.data() + cursor.size(), value);
  return value;
}

std::string Outbox::say(const std::string& text) {
  Message message{new_ref_(), {}};
  message.frame = to_text({{"type", "message"}, {"ref", message.ref}, {"text", text}});
  return waiting_.emplace_back(std::move(message)).frame;
}

std::vector<std::string> Outbox::unanswered() const {
  std::vector<std::string> frames;
  for (const Message& message : waiting_) frames.push_back(message.frame);
  return frames;
}

bool Outbox::take(const Json& frame) {
  const auto ref = frame.find("ref");
  if (ref == frame.end() || !ref->is_string()) return false;
  const auto found = std::ranges::find(waiting_, ref->get_ref<const std::string&>(), &Message::ref);
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  return true;
}

void Outbox::acknowledged(const Json& frame) {
  if (!take(frame)) return;
  const auto cursor = frame.find("cursor");
  if (cursor != frame.end() && cursor->is_string()) acknowledged_ = std::max(acknowledged_, sequence_of(*cursor));
}

void Outbox::refused(const Json& frame) { take(frame); }

void Outbox::saw(const std::string& cursor) { seen_ = std::max(seen_, sequence_of(cursor)); }

}  // namespace nexus::cli
