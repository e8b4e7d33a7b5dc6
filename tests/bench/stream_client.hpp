// Many streams read by one thread: raw sockets and epoll, so that the client costs as little as it can beside the
// daemon that is measured. Knows as much of SSE and WebSocket as it takes to find the messages in them.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::bench {

/// One stream: what it asks, and what it has seen.
struct ClientStream {
  std::string request;  // to be sent once it is connected
  bool websocket = false;
  int socket = -1;
  std::string unread;       // bytes of a line or frame that is not whole yet
  bool open = false;        // the answer's head was a good one
  bool current = false;     // resume_cursor was seen: nothing that was missed is outstanding
  std::int64_t newest = 0;  // number of the last message seen
  std::string cursor;       // of the last durable event
};

class StreamClient {
 public:
  /// Called for each message that came: `m NUMBER MICROS` is its text.
  using Take = std::function<void(ClientStream& stream, std::int64_t number, std::int64_t micros)>;

  StreamClient(int port, std::vector<ClientStream>& streams, Take take);
  ~StreamClient();

  /// Connects all of them, a few hundred at once, and reads until `done` says so or the time is over; answers whether
  /// it did.
  bool run(std::int64_t until_micros, const std::function<bool()>& done);
  void close_all();

 private:
  void start(std::size_t index);
  bool read(ClientStream& stream);
  void take_lines(ClientStream& stream);
  void take_frames(ClientStream& stream);
  void take_event(ClientStream& stream, std::string_view text);
  void drop(ClientStream& stream);

  int port_;
  std::vector<ClientStream>& streams_;
  Take take_;
  int epoll_ = -1;
  std::size_t next_ = 0;     // to be started
  std::size_t waiting_ = 0;  // started, not open yet
};

/// Microseconds of the steady clock, the same in every thread of this process.
std::int64_t steady_micros();

}  // namespace nexus::bench
