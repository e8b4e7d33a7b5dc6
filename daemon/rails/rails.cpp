#include "daemon/rails/rails.hpp"

#include "daemon/base/metrics_page.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/log.hpp"
#include "daemon/rails/problems.hpp"
#include "store/admission.hpp"
#include "store/identity.hpp"

namespace nexus::rails {
namespace {

/// What a daemon says that does not lead, when there is something to remove.
constexpr std::string_view kChores = "chores";

std::string epoch_of(store::Database& database) {
  auto lease = database.read();
  return store::find_meta(lease.reader(), "epoch").value_or("00000000");
}

std::size_t index_of(const http::Route& route) {
  return static_cast<std::size_t>(std::get<http::StreamHandler>(route.handler).transport);
}

Problem no_place(Code code, std::string detail) { return Problem(code, std::move(detail)).with_retry_after(5); }

}  // namespace

Rails::Rails(store::Database& database, const RailsOptions& options)
    : database_(database),
      options_(options),
      epoch_(epoch_of(database)),
      presence_(hub_, database.bell()),
      feed_(database, hub_, epoch_) {
  database_.writer().on_commit([this](const std::vector<Place>& places) { feed_.changed(places); });
  store::Bell* const bell = database_.bell();
  if (bell == nullptr) return;
  bell->listen({.changed = [this](const std::vector<Place>& places) { feed_.changed(places); },
                .missed = [this] { feed_.missed(); },
                .said =
                    [this](std::string_view words) {
                      if (words == kChores)
                        chores_ = true;
                      else
                        presence_.hear(words);
                    }});
  watch_ = std::make_unique<Watch>(
      database_, feed_, [this](const Watch::Facts& facts) { take_facts(facts); }, options_.look_every);
}

Rails::~Rails() {
  watch_.reset();
  if (store::Bell* const bell = database_.bell()) bell->listen({});
  database_.writer().on_commit({});
}

/// On the thread of the watch.
void Rails::take_facts(const Watch::Facts& facts) {
  const auto fact = [&](std::string_view key) {
    const auto found = facts.find(std::string(key));
    return found == facts.end() ? std::string() : found->second;
  };
  const std::string mark = fact(store::kRightsMark);
  if (std::exchange(rights_mark_, mark) != mark) permissions_changed();
  if (const std::string epoch = fact("epoch"); !epoch.empty() && epoch_.renew(epoch)) {
    log::warn("the store has another epoch: all streams end, and begin anew where they may", {{"epoch", epoch}});
    feed_.set_back();
    for (const auto& stream : all()) stream->end(End::set_back);
  }
  const std::lock_guard lock(look_mutex_);
  if (on_look_) on_look_(facts);
}

void Rails::tell_chores() {
  if (store::Bell* const bell = database_.bell()) bell->say(std::string(kChores));
}

void Rails::on_look(Watch::Listener listener) {
  const std::lock_guard lock(look_mutex_);
  on_look_ = std::move(listener);
}

void Rails::take_place(const Caller& caller) {
  const std::lock_guard lock(mutex_);
  if (places_ >= options_.streams_max)
    throw no_place(problems::stream_no_place, "the daemon has all the streams open that it may have");
  auto& of_user = per_user_[caller.user_id];
  if (of_user >= options_.streams_per_user)
    throw no_place(problems::rate_limit_exceeded,
                   "this user has all the streams open that a user may have: close some");
  ++of_user;
  ++places_;
}

std::shared_ptr<Stream> Rails::open(const http::Route& route, const Caller& caller, std::unique_ptr<Source> source,
                                    Start start) {
  take_place(caller);
  const std::string epoch = source->epoch;
  auto stream = std::make_shared<Stream>(*this, route, caller, std::move(source), std::move(start));
  {
    const std::lock_guard lock(mutex_);
    streams_.emplace(stream.get(), stream);
  }
  ++counters_[index_of(route)].open;
  if (draining_) stream->end(End::shutdown);
  if (!epoch.empty() && epoch != epoch_.text()) stream->end(End::set_back);
  return stream;
}

void Rails::give_place_back(const Caller& caller) {
  const std::lock_guard lock(mutex_);
  --places_;
  const auto of_user = per_user_.find(caller.user_id);
  if (--of_user->second == 0) per_user_.erase(of_user);
}

void Rails::forget(const Stream& stream) {
  --counters_[index_of(stream.route())].open;
  if (stream.subscriber_->ended() == End::too_slow) ++slow_closes_;
  const std::lock_guard lock(mutex_);
  streams_.erase(&stream);
}

void Rails::delivered(const Stream& stream, std::size_t events) {
  counters_[index_of(stream.route())].events += events;
}

std::vector<std::shared_ptr<Stream>> Rails::all() const {
  std::vector<std::shared_ptr<Stream>> out;
  const std::lock_guard lock(mutex_);
  out.reserve(streams_.size());
  for (const auto& [key, weak] : streams_)
    if (auto stream = weak.lock()) out.push_back(std::move(stream));
  return out;
}

void Rails::judge_by(Judge judge) {
  const std::lock_guard lock(mutex_);
  judge_ = std::move(judge);
}

void Rails::tick() {
  presence_.tick();
  const auto streams = all();
  if (streams.empty()) return;
  const auto steady = std::chrono::steady_clock::now();
  const Micros now = now_micros();
  for (const auto& stream : streams) {
    const Micros expires = stream->caller().scope.expires_at;
    // The leeway for clocks lets a request begin, but does not let a stream go on.
    if (expires != 0 && expires <= now) stream->end(End::token);
    stream->tick(steady);
  }
  if (!changed_.exchange(false)) return;
  try {
    judge(streams);
  } catch (const std::exception& error) {
    changed_ = true;  // again at the next tick
    log::error("open streams could not be judged", {{"cause", error.what()}});
  }
}

/// Streams of one caller on one route are judged once.
void Rails::judge(const std::vector<std::shared_ptr<Stream>>& streams) {
  Judge judge;
  {
    const std::lock_guard lock(mutex_);
    judge = judge_;
  }
  if (!judge) return;
  constexpr std::size_t batch = 2000;  // of one snapshot
  std::unordered_map<std::string, std::optional<Code>> verdicts;
  std::optional<store::Lease> lease;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (i % batch == 0) {
      lease.reset();
      lease.emplace(database_.read());
    }
    const Stream& stream = *streams[i];
    const Caller& caller = stream.caller();
    std::string key = caller.tenant().str() + "\n" + std::string(to_string(caller.env())) + "\n" + caller.user_id +
                      "\n" + caller.token_id + "\n" + stream.route().path;
    const auto [verdict, is_new] = verdicts.try_emplace(std::move(key));
    if (is_new) verdict->second = judge(lease->reader(), stream.route(), caller);
    if (verdict->second) streams[i]->end(end_for(*verdict->second));
  }
}

void Rails::drain() {
  draining_ = true;
  for (const auto& stream : all()) stream->end(End::shutdown);
}

void Rails::abandon() {
  for (const auto& stream : all()) stream->stop_waiting();
}

std::string Rails::metrics_text() const {
  MetricsPage page;
  const auto by_transport = [&](std::uint64_t sse, std::uint64_t websocket) {
    page.sample(static_cast<double>(sse), {{"transport", "sse"}});
    page.sample(static_cast<double>(websocket), {{"transport", "websocket"}});
  };
  page.gauge("nexus_streams_open", "Open streams by transport");
  by_transport(counters_[0].open, counters_[1].open);
  page.gauge("nexus_streams_max", "The most streams that may be open")
      .sample(static_cast<double>(options_.streams_max));
  page.gauge("nexus_streams_per_user_max", "The most streams that one user may have open")
      .sample(static_cast<double>(options_.streams_per_user));
  page.counter("nexus_stream_events_total", "Events written to streams, by transport");
  by_transport(counters_[0].events, counters_[1].events);
  page.counter("nexus_stream_slow_closes_total", "Streams that ended because they were read too slowly")
      .sample(static_cast<double>(slow_closes_));
  return page.text();
}

}  // namespace nexus::rails
