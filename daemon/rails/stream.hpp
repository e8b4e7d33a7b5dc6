// One open stream, on any transport. It knows its next frames, and whether and why it must end now. It first delivers
// what the client missed, read from the store in bounded pieces through short snapshots. Then come `resume_cursor`, the
// presence of its own user, and live events. A transport only moves frames:
//
//   stream->begin(beat, cut);
//   loop: frames = stream->take();       write them, each with its ending
//         if (auto close = stream->close()) { say it; break; }
//         if (stream->beat_is_due()) write a comment, or a ping
//         if nothing was written: stream->wait(ready), and sleep until `ready` was called
//   then release it: its last owner ends the subscription and announces that the user left.
//
// Threads: begin, take and wait run on the connection's strand; `ready` and `cut` are called from any thread.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/guard/caller.hpp"
#include "daemon/http/response.hpp"
#include "daemon/rails/close_reason.hpp"
#include "daemon/rails/presence.hpp"
#include "daemon/rails/sources.hpp"
#include "daemon/rails/subscriber.hpp"

namespace nexus::http {
struct Route;
}

namespace nexus::rails {

class Rails;

class Stream final : public http::Stream {
 public:
  /// Only Rails::open makes streams; it has counted this one.
  Stream(Rails& rails, const http::Route& route, Caller caller, std::unique_ptr<Source> source, Start start);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Gives the connection to this stream. `cut` ends the connection; `beat` is how long it may be silent.
  void begin(std::chrono::seconds beat, std::function<void()> cut);
  /// Returns the next frames in order, about 256 KiB at most, or none if none are ready. Reads the store while the
  /// stream catches up, and may then throw store::Error: the connection must be cut, and the client reconnects.
  std::vector<FramePtr> take();
  /// Set once the stream must end: only this close may still be sent.
  std::optional<Close> close() const;
  /// Releases the stream's place in the limits. Call it before the client learns of the end, because the client may
  /// open the next stream at once.
  void give_place_back();
  /// See Subscriber::wait.
  void wait(std::function<void()> ready) { subscriber_->wait(std::move(ready)); }
  void stop_waiting() { subscriber_->stop_waiting(); }
  /// For the transport: wakes the stream's loop when the client is gone or a frame came.
  void wake() { subscriber_->wake(); }
  /// Notes a write, which restarts the time of silence.
  void wrote(std::size_t events);
  bool beat_is_due() const;

  /// Ends the JSON of each open frame with the ids of this delivery.
  const std::string& ending() const { return ending_; }
  const Caller& caller() const { return caller_; }
  const http::Route& route() const { return route_; }
  Rails& rails() { return rails_; }
  /// The thread of a chat stream. Throws std::logic_error for streams of events and audit rows.
  const ThreadAddress& address() const;
  /// Sends to all streams of the thread, including this one. Never replayed.
  void gesture(Json data);
  /// Sends a frame that is no event to this stream alone, ahead of the waiting events and within the same bounds.
  void reply(std::string json);
  /// Sends to this stream alone one `presence_state` for each of the first 200 users who have streams in the thread.
  void tell_presence();
  /// Ends the stream from its own side, because of too many frames.
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
  Subscriber replies_;  // to the client's frames; pushed from the strand, and from the writer for a refused gesture
  const std::string ending_;
  std::optional<Gap> gap_;
  std::int64_t after_ = 0;  // durable events up to this seq were delivered
  Phase phase_ = Phase::replay;
  bool has_place_ = true;  // counts against its user's limit
  bool subscribed_ = false;
  bool present_ = false;
  std::atomic<std::int64_t> last_write_{0};  // of the steady clock, in milliseconds
  std::atomic<std::int64_t> beat_{0};        // in milliseconds; 0: not begun
  std::mutex cut_mutex_;
  std::function<void()> cut_;
  std::optional<std::chrono::steady_clock::time_point> ended_at_;  // used by tick alone
};

}  // namespace nexus::rails
