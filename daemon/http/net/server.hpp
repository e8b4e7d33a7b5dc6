// The listener and its threads. It accepts connections, runs a session on each, sweeps deadlines and ticks. It stops in
// two steps: first it takes no new connections and lets current requests finish, within the grace; then it cuts the
// rest. This header is free of Asio.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/http/dispatcher.hpp"

namespace nexus::http::net {

class StreamRunner;

struct Endpoint {
  std::string host;  // an address, without brackets
  std::uint16_t port = 0;
};

struct ServerOptions {
  std::size_t connections_max = limits::connections_max;
  std::chrono::milliseconds shutdown_grace = limits::shutdown_grace_default;
  unsigned threads = 2;
  unsigned long_reads = 2;       // at once; the rest of the store's readers is left to other requests
  unsigned background = 2;       // tasks of the daemon's own at once
  unsigned storage_threads = 4;  // for waiting on stored objects
  std::string name = {};         // before the names of its threads
};

class Server {
 public:
  explicit Server(const ServerOptions& options);
  ~Server();

  /// Binds and listens. Returns the addresses as bound (port 0 becomes a real one). Throws std::runtime_error with one
  /// line for the operator.
  std::vector<Endpoint> listen(const std::vector<Endpoint>& endpoints);
  /// Takes over a TCP socket that listens already, and returns its address. Throws std::runtime_error as listen() does.
  Endpoint adopt(int listening_socket);
  /// For the dispatcher's options, and for what the daemon does to stored objects by itself, in line "".
  FairExecutor& long_reads();
  FairExecutor& storage();
  /// For what the daemon does by itself otherwise. Each kind of task has a line of its own: one runs, one waits, and
  /// another is not taken. So no kind holds all threads, and a periodic task never piles up.
  FairExecutor& background();
  /// Serves until SIGTERM, SIGINT or stop(); a second signal ends the process at once. `ready` is called once, just
  /// before the first request is taken. All connections have ended when this returns.
  void serve(Dispatcher& dispatcher, const std::function<void()>& ready);
  /// Sets the runner of connections that became streams. It must outlive the server. Call before serve(). Without a
  /// runner no stream opens.
  void run_streams(StreamRunner& runner);
  /// Adds a task that runs when the server begins to stop, before it waits for connections to end. Call before serve().
  void on_drain(std::function<void()> task);
  /// Ends serve(). Current requests may finish within `grace`. From any thread.
  void stop(std::chrono::milliseconds grace);
  /// Runs `task` once, soon, on an I/O thread while serving; else it is dropped when the server ends. From any thread.
  void run_soon(std::function<void()> task);
  /// Runs `task` every `period` on an I/O thread while serving. Call before serve().
  void every(std::chrono::milliseconds period, std::function<void()> task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nexus::http::net
