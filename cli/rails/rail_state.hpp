// The decisions of a rail's client: where to go on from, and what to do when a stream ended. Has no socket, clock or
// random source of its own, so tests step it by hand. rail_client.* moves the bytes; rail_tail.* and chat_join.* print.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "cli/engine/client.hpp"
#include "cli/engine/failure.hpp"

namespace nexus::cli {

/// How a stream ended.
struct RailEnd {
  enum class Kind {
    dropped,      // no connection, or it broke or fell silent
    refused,      // an HTTP answer other than the stream
    closed,       // the daemon said why: a WebSocket close code, or the same number in an `event: close`
    finished,     // the client had enough
    interrupted,  // a signal
  };
  Kind kind = Kind::dropped;
  int code = 0;  // closed: the close code; interrupted: the signal
  std::string why = {};
  std::string remedy = {};  // dropped: a line to try, or empty
  Response response = {};   // refused: the answer
};

/// What a close code means, for people.
std::string why_closed(const RailEnd& end);

/// What to do then.
struct RailNext {
  bool again = false;
  std::chrono::milliseconds wait{0};  // before it
  Exit exit = Exit::done;             // when not again
};

class RailState {
 public:
  /// `from`: a cursor, `earliest`, or nothing for live events only. `chance` returns a number in [0, 1).
  RailState(std::optional<std::string> from, std::function<double()> chance);

  /// Where the next connection begins: a cursor for Last-Event-ID, or `earliest`, or nothing.
  const std::optional<std::string>& position() const { return position_; }
  bool from_earliest() const { return position_ == "earliest"; }
  /// The last cursor that was seen, if any: a later run can go on there.
  std::optional<std::string> seen() const { return seen_ ? position_ : std::nullopt; }

  void opened();
  void saw(const std::string& cursor);
  void retry(std::chrono::milliseconds pause) { retry_ = pause; }
  /// Before a stream was ever open, every error is final: a misspelt thread must not be tried for ever.
  RailNext ended(const RailEnd& end);

 private:
  RailNext again(std::chrono::milliseconds least = {});

  std::optional<std::string> position_;
  std::function<double()> chance_;
  std::chrono::milliseconds retry_{1000};
  bool seen_ = false;
  bool ever_open_ = false;
  int failures_ = 0;  // since a stream was last open
};

}  // namespace nexus::cli
