// One open stream, whatever its transport: what it is owed next, and whether it must end now, and why. First what was
// missed, read from the store in bounded pieces through short snapshots; then `resume_cursor`, then the presence of its
// own user, then what comes live. A transport only moves frames:
//
//   stream->begin(beat, cut);
//   loop: frames = stream->take();       write them, each with its ending
//         if (auto close = stream->close()) { say it; break; }
//         if (stream->beat_is_due()) write a comment, or a ping
//         if nothing was written: stream->wait(ready), and sleep until `ready` was called
//   and let go of it: its last owner ends the subscription and tells the others that the user left.
//
// Threads: begin, take, wait and finish on the connection's strand; `ready` and `cut` are called from any thread.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/guard/caller.hpp"
#include "daemon/http/stream_handle.hpp"
#include "daemon/rails/close_reason.hpp"
#include "daemon/rails/source.hpp"
#include "daemon/rails/subscriber.hpp"

namespace nexus::http {
struct Route;
}

namespace nexus::rails {

class Rails;

class Stream final : public http::Stream {
 public:
  /// Made by Rails::open alone, which counted it.
  Stream(Rails& rails, const http::Route& route, Caller caller, std::unique_ptr<Source> source, Start start);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// The connection is this stream's from now on. `cut` ends the connection; `beat` is how long it may be silent.
  void begin(std::chrono::seconds beat, std::function<void()> cut);
  /// What goes out next, in order, about 256 KiB at most; nothing: there is nothing now. Reads the store while it
  /// catches up, and may throw store::Error: then the connection is cut, and the client comes back.
  std::vector<FramePtr> take();
  /// Set once the stream must end: nothing but this is to be sent any more.
  std::optional<Close> close() const;
  /// The stream is over: to be called before its client is told, who may open the next one at once.
  void give_place_back();
  /// See Subscriber::wait.
  void wait(std::function<void()> ready) { subscriber_->wait(std::move(ready)); }
  void stop_waiting() { subscriber_->stop_waiting(); }
  /// The transport itself wants the stream to be looked at: the client is gone, a frame came.
  void wake() { subscriber_->wake(); }
  /// Something was written: the silence begins anew.
  void wrote(std::size_t events);
  bool beat_is_due() const;

  /// Ends the JSON of each open frame with the ids of this delivery.
  const std::string& ending() const { return ending_; }
  const Caller& caller() const { return caller_; }
  const http::Route& route() const { return route_; }
  Rails& rails() { return rails_; }
  /// The thread, for a chat stream. Throws std::logic_error for the tails of events and audit rows.
  const ThreadAddress& address() const;
  /// To all streams of the thread, this one's included; never replayed.
  void gesture(Json data);
  /// To this stream alone, ahead of the events that wait, and bounded as they are: a frame that is no event.
  void reply(std::string json);
  /// To this stream alone: one `presence_state` for each user who has streams in the thread, for the first 200 of them.
  void tell_presence();
  /// Ends it from within: too many frames.
  void end(End reason) { subscriber_->end(reason); }

 private:
  friend class Rails;
  enum class Phase { replay, live };

  void reply(const FramePtr& frame);
  std::vector<FramePtr> take_events();
  std::vector<FramePtr> replay();
  void step_over_pruned(const Span& span);
  void subscribe();
  void unsubscribe();
  FramePtr presence(std::string_view status, const std::string& user_id) const;
  void tick(std::chrono::steady_clock::time_point now);

  Rails& rails_;
  const http::Route& route_;
  const Caller caller_;
  const std::unique_ptr<Source> source_;
  const SubscriberPtr subscriber_ = std::make_shared<Subscriber>();
  Subscriber replies_;  // to what the client said; from the strand, and from the writer the refusal of a gesture
  const std::string ending_;
  std::optional<Gap> gap_;
  std::int64_t after_ = 0;  // durable events up to this seq were taken
  Phase phase_ = Phase::replay;
  bool has_place_ = true;  // of those that its user may have
  bool subscribed_ = false;
  bool present_ = false;
  std::atomic<std::int64_t> last_write_{0};  // of the steady clock, in milliseconds
  std::atomic<std::int64_t> beat_{0};        // in milliseconds; 0: not begun
  std::mutex cut_mutex_;
  std::function<void()> cut_;
  std::optional<std::chrono::steady_clock::time_point> ended_at_;  // of tick alone
};

}  // namespace nexus::rails
