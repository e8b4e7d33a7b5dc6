#include "daemon/rails/presence.hpp"

#include "daemon/base/json.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/rails/limits.hpp"

namespace nexus::rails {
namespace {

constexpr std::chrono::seconds kAliveEvery{3}, kSilentMax{10}, kAskEvery{1};
constexpr std::size_t kPartUsers = 200;   // of a whole; ids of at most 64 bytes
constexpr std::size_t kOthersMax = 1000;  // daemons

Json json_of(const ThreadAddress& at) { return Json::array({at.tenant.str(), to_string(at.env), at.thread.str()}); }

/// Throws std::exception for what no daemon says.
ThreadAddress address_of(const Json& json) {
  auto tenant = TenantId::parse(json.at(0).get<std::string>());
  const auto env = parse_env(json.at(1).get<std::string>());
  auto thread = ThreadId::parse(json.at(2).get<std::string>());
  if (!tenant || !env || !thread) throw std::invalid_argument("no address of a thread");
  return {std::move(*tenant), *env, std::move(*thread)};
}

FramePtr frame_of(EventType type, const Json& words) {
  return make_frame(to_string(type), {}, words.at("json").get<std::string>(), 0, true);
}

/// For a stream whose own frame did not come.
FramePtr frame_about(const ThreadAddress& at, const Presence::User& user, std::string_view status) {
  return StreamEvent(EventType::presence_state, at, Cause(uuid_v4(), uuid_v4()), {user.id, user.type},
                     make_object({{"status", status}, {"user_id", user.id}}))
      .frame();
}

}  // namespace

Presence::Presence(Hub& hub, store::Bell* bell, std::function<Clock::time_point()> now)
    : hub_(hub), bell_(bell), now_(std::move(now)), self_(uuid_v4()), said_at_(now_() - kAliveEvery) {}

Presence::~Presence() { say(make_object({{"is", "bye"}})); }

// ---- this daemon ---------------------------------------------------------------------------------------------------

void Presence::say(Json words, store::Bell::Weight weight) {
  if (bell_ == nullptr) return;
  words["from"] = self_;
  bell_->say(to_text(words), weight);
}

void Presence::say_change(std::string_view is, const ThreadAddress& at, const User& user, const Frame& frame) {
  say(make_object({{"is", is},
                   {"n", ++told_},
                   {"at", json_of(at)},
                   {"user", user.id},
                   {"type", user.type},
                   {"json", frame.json()}}));
}

void Presence::arrive(const ThreadAddress& at, const User& user, const FramePtr& frame, const Subscriber* except) {
  const std::string topic = thread_topic(at);
  const std::lock_guard lock(mutex_);
  hub_.arrive(topic, user.id, frame, except);
  const auto own = own_.try_emplace({topic, user.id}, Entry{at, user}, 0).first;
  if (++own->second.second > 1) return;
  say_change("online", at, user, *frame);
}

void Presence::leave(const ThreadAddress& at, const User& user, const FramePtr& frame) {
  const std::string topic = thread_topic(at);
  const std::lock_guard lock(mutex_);
  hub_.leave(topic, user.id, frame);
  const auto own = own_.find({topic, user.id});
  if (own == own_.end() || --own->second.second > 0) return;
  own_.erase(own);
  say_change("offline", at, user, *frame);
}

/// By whole seconds: simple, and no tenant gains more than one second's allowance by it.
bool Presence::may_tell_gesture(const TenantId& tenant, std::size_t bytes) {
  const auto now = now_();
  if (now - gestures_since_ >= std::chrono::seconds(1)) {
    gestures_since_ = now;
    gesture_bytes_.clear();
  }
  std::size_t& told = gesture_bytes_[tenant.str()];
  if (told + bytes > limits::gesture_bytes_told_max) return false;
  told += bytes;
  return true;
}

void Presence::gesture(const ThreadAddress& at, const FramePtr& frame) {
  hub_.publish(thread_topic(at), frame);
  const std::lock_guard lock(mutex_);
  if (others_.empty()) return;  // nobody listens
  if (!may_tell_gesture(at.tenant, frame->json().size())) return;
  say(make_object({{"is", "gesture"}, {"at", json_of(at)}, {"json", frame->json()}}), store::Bell::Weight::light);
}

void Presence::say_whole() {
  std::int64_t part = 0;
  Json streams = Json::array();
  std::size_t users = 0;
  const auto send = [&](bool last) {
    say(make_object({{"is", "whole"},
                     {"n", told_},
                     {"part", part++},
                     {"last", last},
                     {"streams", std::exchange(streams, Json::array())}}));
    users = 0;
  };
  const std::string* topic = nullptr;
  for (const auto& [key, own] : own_) {
    if (users == kPartUsers) {
      send(false);
      topic = nullptr;
    }
    if (topic == nullptr || *topic != key.first)
      streams.push_back(make_object({{"at", json_of(own.first.at)}, {"users", Json::array()}}));
    topic = &key.first;
    streams.back()["users"].push_back(Json::array({own.first.user.id, own.first.user.type}));
    ++users;
  }
  send(true);
}

void Presence::tick() {
  if (bell_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  const auto now = now_();
  if (now - said_at_ >= kAliveEvery) {
    said_at_ = now;
    say(make_object({{"is", "alive"}, {"n", told_}}));
  }
  for (auto& [id, other] : others_)
    if (now - other.heard_at >= kSilentMax) forget(other);
  std::erase_if(others_, [&](const auto& entry) { return now - entry.second.heard_at >= kSilentMax; });
}

// ---- other daemons -------------------------------------------------------------------------------------------------

void Presence::hear(std::string_view words) {
  const Json json = parse_or_discard(words);
  if (!json.is_object()) return;
  try {
    const std::lock_guard lock(mutex_);
    take(json);
  } catch (const std::bad_alloc&) {
    // The next number shows that something is missing.
  } catch (const std::exception&) {
    // Of another version.
  }
}

void Presence::take(const Json& words) {
  const auto is = words.at("is").get<std::string>(), from = words.at("from").get<std::string>();
  if (from == self_) return;
  if (is == "gesture") {
    hub_.publish(thread_topic(address_of(words.at("at"))), frame_of(EventType::gesture, words));
    return;
  }
  if (is == "bye") {
    if (const auto found = others_.find(from); found != others_.end()) {
      forget(found->second);
      others_.erase(found);
    }
    return;
  }
  if (others_.size() >= kOthersMax && !others_.contains(from)) return;
  Other& other = others_[from];
  other.heard_at = now_();
  if (is == "online" || is == "offline") hear_change(from, other, words, is == "online");
  if (is == "alive") require_number(from, other, words.at("n").get<std::int64_t>());
  if (is == "whole") hear_whole(other, words);
  if (is == "ask" && words.at("of").get<std::string>() == self_) say_whole();
}

/// Asks for the whole unless everything up to this number is known.
void Presence::require_number(const std::string& from, Other& other, std::int64_t told) {
  if (other.told == told) return;
  other.told = -1;
  const auto now = now_();
  if (other.asked_at != Clock::time_point() && now - other.asked_at < kAskEvery) return;
  other.asked_at = now;
  say(make_object({{"is", "ask"}, {"of", from}}));
}

void Presence::hear_change(const std::string& from, Other& other, const Json& words, bool online) {
  const auto number = words.at("n").get<std::int64_t>();
  if (other.told < 0 || other.told + 1 != number) return require_number(from, other, number);
  other.told = number;
  const ThreadAddress at = address_of(words.at("at"));
  const User user{words.at("user").get<std::string>(), words.at("type").get<std::string>()};
  const std::string topic = thread_topic(at);
  const FramePtr frame = frame_of(EventType::presence_state, words);
  if (online && other.streams.emplace(Key{topic, user.id}, Entry{at, user}).second)
    hub_.arrive(topic, user.id, frame, nullptr);
  if (!online && other.streams.erase({topic, user.id}) > 0) hub_.leave(topic, user.id, frame);
}

void Presence::hear_whole(Other& other, const Json& words) {
  const auto part = words.at("part").get<std::int64_t>();
  if (part == 0) other.whole.clear();
  if (part != 0 && part != other.parts) return;  // the one before was lost
  other.parts = part + 1;
  for (const Json& stream : words.at("streams")) {
    const ThreadAddress at = address_of(stream.at("at"));
    for (const Json& user : stream.at("users"))
      other.whole.insert_or_assign({thread_topic(at), user.at(0).get<std::string>()},
                                   Entry{at, {user.at(0).get<std::string>(), user.at(1).get<std::string>()}});
  }
  if (!words.at("last").get<bool>()) return;
  put_streams(other, std::exchange(other.whole, {}));
  other.told = words.at("n").get<std::int64_t>();
}

void Presence::put_streams(Other& other, Streams streams) {
  for (const auto& [key, entry] : other.streams)
    if (!streams.contains(key)) hub_.leave(key.first, key.second, frame_about(entry.at, entry.user, "offline"));
  for (const auto& [key, entry] : streams)
    if (!other.streams.contains(key))
      hub_.arrive(key.first, key.second, frame_about(entry.at, entry.user, "online"), nullptr);
  other.streams = std::move(streams);
}

}  // namespace nexus::rails
