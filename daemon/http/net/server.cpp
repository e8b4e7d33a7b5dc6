#include "daemon/http/net/server.hpp"

#include <csignal>
#include <latch>
#include <list>

#include "daemon/base/insist.hpp"
#include "daemon/base/patient_thread.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/http/net/session.hpp"
#include "daemon/log.hpp"

namespace nexus::http::net {
namespace {

using asio::awaitable;
using boost::system::error_code;
using std::chrono::milliseconds;
using Work = std::function<awaitable<void>()>;

/// What may wait in the line of a tenant.
constexpr QueueLoad kWaitingMax{.entries = limits::waiting_tasks_per_tenant_max,
                                .weight = limits::waiting_bytes_per_tenant_max};

/// Runs work that nobody waits for. Its exceptions would end the timer, so they are only logged.
void run_guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log::error("work in the background failed", {{"cause", error.what()}});
  }
}

/// What a handler throws, mostly for want of memory, ends that handler alone.
void run_until_stopped(asio::io_context& io) {
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& error) {
      log::error("work on a connection failed", {{"cause", error.what()}});
    }
  }
}

auto runner_on(asio::thread_pool& pool) {
  return [&pool](FairExecutor::Task work) { asio::post(pool, std::move(work)); };
}

/// Prepares the threads of a pool that has no work yet. Each task waits for the others, so no thread runs two of them.
void prepare_threads(asio::thread_pool& pool, const std::string& name, unsigned count) {
  const auto all_prepared = std::make_shared<std::latch>(count);
  for (unsigned i = 0; i < count; ++i)
    asio::post(pool, [all_prepared, own = name + "-" + std::to_string(i)] {
      name_thread(own);
      thread_is_patient = true;
      make_thread_give_way();
      all_prepared->arrive_and_wait();
    });
}

}  // namespace

struct Server::State {
  explicit State(const ServerOptions& options_)
      : options(options_),
        places(options_.connections_max),
        io(static_cast<int>(options_.threads)),
        long_reads(runner_on(blocking_pool), {options_.long_reads, kWaitingMax}),
        background(runner_on(blocking_pool), {options_.background, {.entries = 1}}),
        storage(runner_on(storage_pool), {options_.storage_threads, kWaitingMax}),
        blocking_pool(options_.long_reads + options_.background),
        storage_pool(options_.storage_threads),
        signals(io) {
    prepare_threads(blocking_pool, options.name + "compute", options.long_reads + options.background);
    prepare_threads(storage_pool, options.name + "storage", options.storage_threads);
  }

  ~State() {
    draining = true;
    places.clear();  // sockets end before `io`
  }

  /// Runs `work` until the server drains. A failed allocation may end a coroutine, even from outside: it begins again.
  void run_for_good(const asio::any_io_executor& executor, const Work& work) {
    insist([&] { asio::co_spawn(executor, keep(executor, work), asio::detached); });
  }

  awaitable<void> keep(asio::any_io_executor executor, Work work) {
    const auto again = [&](void*) {
      if (!draining) run_for_good(executor, work);
    };
    const std::unique_ptr<State, decltype(again)> at_its_end(this, again);
    co_await work();
  }

  awaitable<void> accept(tcp::acceptor& acceptor) {
    while (!draining) {
      auto [error, socket] = co_await acceptor.async_accept(asio::make_strand(io), kAwait);
      if (draining) co_return;
      if (error) {
        // Most likely no descriptors are left: wait for free ones instead of spinning.
        asio::steady_timer pause(io, milliseconds(100));
        co_await pause.async_wait(kAwait);
        continue;
      }
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      socket.non_blocking(true, ignored);
      auto connection = std::make_shared<Connection>(std::move(socket));
      const bool entered = places.enter(connection);
      if (!entered) continue;  // the socket closes itself
      try {
        asio::co_spawn(connection->socket.get_executor(), run_session(connection, *context), asio::detached);
      } catch (const std::bad_alloc&) {
        places.leave(connection);
      }
    }
  }

  awaitable<void> repeat(milliseconds period, std::function<void()> task) {
    asio::steady_timer timer(io);
    while (!draining) {
      timer.expires_after(period);
      co_await timer.async_wait(kAwait);
      run_guarded(task);
    }
  }

  awaitable<void> watch_signals() {
    const auto [error, number] = co_await signals.async_wait(kAwait);
    if (error) co_return;
    log::info("stopping", {{"signal", number}});
    begin_drain();
    const auto [again, second] = co_await signals.async_wait(kAwait);
    // Everything acknowledged is synced: ending now loses only answers that are being sent.
    if (!again) std::_Exit(128 + second);
  }

  void begin_drain() {
    if (draining.exchange(true)) return;
    run_guarded(drain_task);  // first: it may tell others that nobody listens any more
    for (auto& acceptor : acceptors)
      asio::post(acceptor.get_executor(), [&acceptor] {
        error_code ignored;
        acceptor.close(ignored);
      });
    asio::co_spawn(io, drain(), asio::detached);
  }

  awaitable<void> drain() {
    const auto until = Clock::now() + options.shutdown_grace;
    asio::steady_timer timer(io);
    while (places.taken() > 0 && Clock::now() < until) {
      places.for_each([](Connection& connection) {
        if (connection.idle) connection.cut();
      });
      timer.expires_after(milliseconds(20));
      co_await timer.async_wait(kAwait);
    }
    places.for_each([](Connection& connection) { connection.cut(); });
    // Sessions that were cut end by themselves. A session that waits for the writer is abandoned with the threads.
    timer.expires_after(milliseconds(200));
    if (places.taken() > 0) co_await timer.async_wait(kAwait);
    io.stop();
  }

  void sweep() {
    const auto now = Clock::now();
    places.for_each([now](Connection& connection) {
      if (connection.expired(now)) connection.interrupt();
    });
    if (const std::size_t count = places.take_put_out(); count > 0)
      log::warn("all connections are taken: idle ones that never authenticated were closed", {{"count", count}});
  }

  ServerOptions options;
  // Sessions that are abandoned with `io` still use these.
  std::atomic<bool> draining{false};
  Places places;
  HeldBytes bodies{limits::bodies_bytes_max}, answers{limits::answers_bytes_max};
  std::unique_ptr<SessionContext> context;
  asio::io_context io;
  FairExecutor long_reads, background, storage;
  asio::thread_pool blocking_pool, storage_pool;  // behind the lanes, which must outlive them
  asio::signal_set signals;
  std::list<tcp::acceptor> acceptors;  // each on a strand of its own: accepting and closing never overlap
  std::vector<std::pair<milliseconds, std::function<void()>>> tasks;
  StreamRunner* runner = nullptr;
  std::function<void()> drain_task = [] {};
};

Server::Server(const ServerOptions& options) : state_(std::make_unique<State>(options)) {}
Server::~Server() {
  state_->blocking_pool.join();
  state_->storage_pool.join();
}

std::vector<Endpoint> Server::listen(const std::vector<Endpoint>& endpoints) {
  std::vector<Endpoint> bound;
  for (const auto& endpoint : endpoints) {
    try {
      const tcp::endpoint address(asio::ip::make_address(endpoint.host), endpoint.port);
      tcp::acceptor& acceptor = state_->acceptors.emplace_back(asio::make_strand(state_->io), address.protocol());
      acceptor.set_option(asio::socket_base::reuse_address(true));
      if (address.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true));
      acceptor.bind(address);
      acceptor.listen(1024);
      bound.push_back({endpoint.host, acceptor.local_endpoint().port()});
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error("cannot listen on " + endpoint.host + " port " + std::to_string(endpoint.port) + ": " +
                               error.code().message() + "; choose another --listen address");
    }
  }
  return bound;
}

Endpoint Server::adopt(int listening_socket) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  ::getsockname(listening_socket, reinterpret_cast<sockaddr*>(&bound), &length);
  const tcp protocol = bound.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
  try {
    tcp::acceptor& acceptor = state_->acceptors.emplace_back(asio::make_strand(state_->io));
    acceptor.assign(protocol, listening_socket);
    const tcp::endpoint address = acceptor.local_endpoint();
    return {address.address().to_string(), address.port()};
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot take over socket " + std::to_string(listening_socket) + ": " +
                             error.code().message());
  }
}

FairExecutor& Server::long_reads() { return state_->long_reads; }
FairExecutor& Server::background() { return state_->background; }
FairExecutor& Server::storage() { return state_->storage; }

void Server::every(milliseconds period, std::function<void()> task) {
  state_->tasks.emplace_back(period, std::move(task));
}

void Server::run_soon(std::function<void()> task) { asio::post(state_->io, std::move(task)); }

void Server::run_streams(StreamRunner& runner) { state_->runner = &runner; }

void Server::on_drain(std::function<void()> task) { state_->drain_task = std::move(task); }

void Server::serve(Dispatcher& dispatcher, const std::function<void()>& ready) {
  State& state = *state_;
  state.context = std::make_unique<SessionContext>(SessionContext{
      dispatcher, state.storage, state.draining, state.places, state.bodies, state.answers, state.runner});
  for (const int number : {SIGINT, SIGTERM}) state.signals.add(number);
  asio::co_spawn(state.io, state.watch_signals(), asio::detached);
  ready();  // its output is there before the first answer
  for (auto& acceptor : state.acceptors)
    state.run_for_good(acceptor.get_executor(), [&] { return state.accept(acceptor); });
  every(std::chrono::seconds(1), [&] {
    state.sweep();
    Metrics& metrics = dispatcher.answers().metrics();
    metrics.set_connections(static_cast<double>(state.places.taken()));
    metrics.set_held_bytes(static_cast<double>(state.bodies.all()), static_cast<double>(state.answers.all()));
  });
  for (const auto& [period, task] : state.tasks)
    state.run_for_good(state.io.get_executor(), [&, period, task] { return state.repeat(period, task); });
  std::vector<std::thread> threads;
  // The calling thread only waits: the first thread of a process has its name, by which operators find it.
  for (unsigned i = 0; i < state.options.threads; ++i)
    threads.emplace_back([&state, i] {
      name_thread(state.options.name + "io-" + std::to_string(i));
      run_until_stopped(state.io);
    });
  for (auto& thread : threads) thread.join();
}

void Server::stop(milliseconds grace) {
  asio::post(state_->io, [this, grace] {
    state_->options.shutdown_grace = std::min(state_->options.shutdown_grace, grace);
    state_->begin_drain();
  });
}

}  // namespace nexus::http::net
