#include "cli/rails/outbox.hpp"

#include <algorithm>
#include <charconv>

#include "cli/engine/output.hpp"

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

void Outbox::answered(const Json& frame) {
  const auto found = std::ranges::find(waiting_, find_text(frame, "ref").value_or(""), &Message::ref);
  if (found == waiting_.end()) return;
  waiting_.erase(found);
  // An `error` has no cursor.
  acknowledged_ = std::max(acknowledged_, sequence_of(find_text(frame, "cursor").value_or("")));
}

void Outbox::saw(const std::string& cursor) { seen_ = std::max(seen_, sequence_of(cursor)); }

}  // namespace nexus::cli
