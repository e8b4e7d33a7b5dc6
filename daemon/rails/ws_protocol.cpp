#include "daemon/rails/ws_protocol.hpp"

#include <algorithm>

#include "daemon/model/fields.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/rails/limits.hpp"

namespace nexus::rails {
namespace {

constexpr std::uint16_t kInvalidPayload = 1007;

/// 1-255 visible characters, like an Idempotency-Key. Empty when the ref is missing or cannot be repeated in a reply.
std::string ref_of(const Json& frame) {
  const auto found = frame.find("ref");
  if (found == frame.end() || !found->is_string()) return {};
  const auto& ref = found->get_ref<const std::string&>();
  const bool visible = std::ranges::all_of(ref, [](char c) { return c > 0x20 && c < 0x7F; });
  return visible && ref.size() <= limits::idempotency_key_chars_max ? ref : std::string();
}

/// Its other fields are checked as those of the POST.
Say say_of(Json frame, const std::string& ref, model::Faults& faults) {
  if (ref.empty() && frame.contains("ref") && !frame["ref"].is_null())
    faults.add("/ref", "must be 1 to 255 visible characters");
  frame.erase("type");
  frame.erase("ref");
  return {ref, to_text(frame)};
}

Gesture gesture_of(model::Fields& fields) {
  auto data = fields.optional_object("data", limits::metadata_bytes_max);
  if (!data && !fields.sent("data")) fields.fault("data", "is required");
  return {std::move(data).value_or(Json())};
}

ClientFrame judge_object(const Json& frame, const std::string& ref) {
  model::Faults faults;
  model::refuse_nul(frame, "", faults);
  faults.raise();
  model::Fields fields(frame, "", faults);
  const std::string type = fields.text("type", {.min = 1, .max = 64});
  ClientFrame out = Ping{};
  if (type == "message") {
    out = say_of(frame, ref, faults);
    faults.raise();
    return out;
  }
  if (type == "gesture") {
    out = gesture_of(fields);
  } else if (type == "presence_ping") {
    out = PresencePing{};
  } else if (type != "ping") {
    if (!type.empty()) fields.fault("type", "must be ping, message, gesture or presence_ping");
    faults.raise();
  }
  fields.finish();
  faults.raise();
  return out;
}

Json ref_json(std::string_view ref) { return ref.empty() ? Json() : Json(ref); }

Json with_receipt(Json frame, const std::optional<AuditReceipt>& receipt) {
  if (receipt) frame.update({{"audit_seq", receipt->seq}, {"audit_hash", receipt->hash}});
  return frame;
}

}  // namespace

ClientFrame judge_frame(std::string_view text) {
  Json frame;
  try {
    frame = parse_json(text);
  } catch (const JsonError&) {
    return Breach{kInvalidPayload, "a frame is not JSON"};
  }
  if (!frame.is_object())
    return Objection{{}, Problem(problems::validation_failed, "a frame is a JSON object with a type")};
  const std::string ref = ref_of(frame);
  try {
    return judge_object(frame, ref);
  } catch (const Problem& problem) {
    return Objection{ref, problem};
  }
}

std::string pong_frame() { return R"({"type":"pong"})"; }

std::string ack_frame(std::string_view ref, const Json& message, const std::optional<AuditReceipt>& receipt) {
  Json frame = {{"type", "ack"},
                {"ref", ref_json(ref)},
                {"event_id", message.value("event_id", Json())},
                {"cursor", message.value("cursor", Json())}};
  return to_text(with_receipt(std::move(frame), receipt));
}

std::string error_frame(std::string_view ref, Json problem, const std::optional<AuditReceipt>& receipt) {
  Json frame = {{"type", "error"}, {"ref", ref_json(ref)}, {"problem", std::move(problem)}};
  return to_text(with_receipt(std::move(frame), receipt));
}

bool FrameMeter::count(SteadyTime now) {
  static_assert(std::chrono::seconds(kSeconds) == limits::ws_flood_window);
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::int64_t passed = std::clamp<std::int64_t>(second - second_, 0, kSeconds);
  for (std::int64_t i = 0; i < passed; ++i) counts_[static_cast<std::size_t>(second - i) % kSeconds] = 0;
  second_ = second;
  ++counts_[static_cast<std::size_t>(second) % kSeconds];
  std::uint64_t sum = 0;
  for (const auto frames : counts_) sum += frames;
  return sum > limits::ws_frames_per_second_max * kSeconds;
}

Heartbeat::Step Heartbeat::step(SteadyTime now) {
  if (!answered_ && now >= last_ping_ + limits::ws_pong_deadline) return Step::gone;
  if (now < last_ping_ + limits::ws_ping_interval) return Step::wait;
  last_ping_ = now;
  answered_ = false;
  return Step::ping;
}

SteadyTime Heartbeat::next() const {
  return last_ping_ + (answered_ ? std::chrono::seconds(limits::ws_ping_interval) : limits::ws_pong_deadline);
}

}  // namespace nexus::rails
