#include "daemon/rails/stream.hpp"

#include <stdexcept>

#include "daemon/rails/rails.hpp"

namespace nexus::rails {
namespace {

using Steady = std::chrono::steady_clock;

/// Time for a client to read why its stream ends.
constexpr std::chrono::seconds kGoodbye{3};

std::int64_t millis_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now().time_since_epoch()).count();
}

Presence::User user_of(const Caller& caller) { return {caller.user_id, caller.actor_type}; }

}  // namespace

Stream::Stream(Rails& rails, const http::Route& route, Caller caller, std::unique_ptr<Source> source, Start start)
    : rails_(rails),
      route_(route),
      caller_(std::move(caller)),
      source_(std::move(source)),
      ending_(delivery_ending(caller_.trace_id, caller_.request_id)),
      gap_(std::move(start.gap)),
      after_(start.after) {}

Stream::~Stream() {
  if (present_) rails_.presence().leave(address(), user_of(caller_), presence("offline", caller_.user_id));
  unsubscribe();
  give_place_back();
  rails_.forget(*this);
}

void Stream::give_place_back() {
  if (std::exchange(has_place_, false)) rails_.give_place_back(caller_);
}

void Stream::begin(std::chrono::seconds beat, std::function<void()> cut) {
  last_write_ = millis_now();
  beat_ = std::chrono::milliseconds(beat).count();
  const std::lock_guard lock(cut_mutex_);
  cut_ = std::move(cut);
}

std::optional<Close> Stream::close() const {
  const auto end = subscriber_->ended();
  return end ? std::optional(close_of(*end)) : std::nullopt;
}

void Stream::wrote(std::size_t events) {
  last_write_ = millis_now();
  if (events > 0) rails_.delivered(*this, events);
}

bool Stream::beat_is_due() const { return beat_ > 0 && millis_now() - last_write_ >= beat_; }

const ThreadAddress& Stream::address() const {
  if (!source_->address) throw std::logic_error("a stream without a thread was asked for one");
  return *source_->address;
}

FramePtr Stream::presence(std::string_view status, const std::string& user_id) const {
  return StreamEvent(EventType::presence_state, address(), caller_,
                     make_object({{"status", status}, {"user_id", user_id}}))
      .frame();
}

void Stream::gesture(Json data) {
  rails_.presence().gesture(address(), StreamEvent(EventType::gesture, address(), caller_, std::move(data)).frame());
}

void Stream::reply(const FramePtr& frame) {
  replies_.push(frame);
  if (replies_.ended()) return end(End::too_slow);
  wake();
}

void Stream::reply(std::string json) { reply(make_frame("reply", {}, std::move(json), 0, false)); }

void Stream::tell_presence() {
  constexpr std::size_t most = limits::list_limit_max;
  auto users = rails_.hub().present(source_->topic);
  if (users.size() > most) users.resize(most);
  for (const std::string& user : users) reply(presence("online", user));
}

std::vector<FramePtr> Stream::take() {
  std::vector<FramePtr> frames = replies_.take();
  return frames.empty() ? take_events() : frames;
}

std::vector<FramePtr> Stream::take_events() {
  if (phase_ != Phase::live) return replay();
  std::vector<FramePtr> frames = subscriber_->take();
  std::erase_if(frames, [this](const FramePtr& frame) {
    if (frame->seq == 0) return false;
    if (frame->seq <= after_) return true;  // it was replayed
    after_ = frame->seq;
    return false;
  });
  return frames;
}

/// Reads the next page of missed events. The last page is read after the subscription, so that no event is lost between
/// replay and live. Events that come twice are dropped by their seq.
std::vector<FramePtr> Stream::replay() {
  std::vector<FramePtr> frames;
  Page page;
  while (true) {
    {
      auto lease = rails_.database().read();
      step_over_pruned(source_->span(lease.reader()));
      page = source_->read(lease.reader(), after_);
    }
    if (gap_) frames.push_back(source_->gap(*std::exchange(gap_, std::nullopt), caller_));
    after_ = page.through;
    frames.insert(frames.end(), page.frames.begin(), page.frames.end());
    if (!page.whole) {
      // Far from the head again: live events must not pile up meanwhile.
      unsubscribe();
      if (!frames.empty()) return frames;
      continue;
    }
    if (subscribed_) break;
    subscribe();
  }
  rails_.feed().start(source_->place, source_->sequence, after_);
  frames.push_back(source_->resume_cursor(after_, caller_));
  if (source_->address) {
    const FramePtr online = presence("online", caller_.user_id);
    frames.push_back(online);
    present_ = true;
    rails_.presence().arrive(*source_->address, user_of(caller_), online, subscriber_.get());
  }
  phase_ = Phase::live;
  return frames;
}

/// Reports a gap once, whether the events were gone at the start, were pruned since, or both.
void Stream::step_over_pruned(const Span& span) {
  auto gap = overtaken(after_, span);
  if (!gap) return;
  after_ = span.pruned_to;
  if (gap_)
    gap_->to = std::move(gap->to);
  else
    gap_ = std::move(gap);
}

void Stream::subscribe() {
  rails_.feed().listen(source_->place, source_->sequence);
  rails_.hub().subscribe(source_->topic, subscriber_);
  subscribed_ = true;
}

void Stream::unsubscribe() {
  if (!std::exchange(subscribed_, false)) return;
  rails_.hub().unsubscribe(source_->topic, subscriber_);
  rails_.feed().forget(source_->place, source_->sequence);
  subscriber_->take();
}

void Stream::tick(Steady::time_point now) {
  if (beat_is_due()) wake();
  if (!subscriber_->ended()) return;
  if (!ended_at_) ended_at_ = now;
  if (now - *ended_at_ < kGoodbye) return;
  const std::lock_guard lock(cut_mutex_);
  if (cut_) cut_();
}

}  // namespace nexus::rails
