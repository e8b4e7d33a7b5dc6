// How a coroutine waits for an answer that a callback delivers, and for work on a lane.
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <mutex>
#include <new>
#include <optional>

#include "daemon/base/hand_over.hpp"
#include "daemon/base/insist.hpp"
#include "daemon/http/net/session.hpp"

namespace nexus::http::net {
namespace {

/// Posts the task, by one wake-up of the sockets' threads for all that this thread answers in one go.
void post_with_others(const asio::any_io_executor& executor, const HandOver::Task& task) {
  const auto post_one = [executor, task] { insist([&] { asio::post(executor, task); }); };
  const auto post_all = [executor](std::vector<HandOver::Task> tasks) {
    if (tasks.size() == 1) return tasks.front()();
    std::shared_ptr<std::vector<HandOver::Task>> all;
    insist([&] { all = std::make_shared<std::vector<HandOver::Task>>(); });
    all->swap(tasks);
    const auto run_all = [all] {
      for (const auto& each : *all) each();
    };
    insist([&] { asio::post(executor, run_all); });
  };
  HandOver::pass(&asio::query(executor, asio::execution::context), post_one, post_all);
}

/// Where the answer is put, and who waits for it.
struct Slot {
  std::mutex mutex;
  bool settled = false;
  std::optional<Response> response;  // nothing although settled: it was lost
  std::function<void()> wake;

  void settle(std::optional<Response> answer) {
    std::function<void()> waiting;
    {
      const std::lock_guard lock(mutex);
      if (std::exchange(settled, true)) return;
      response = std::move(answer);
      waiting = std::move(wake);
    }
    if (waiting) insist(waiting);
  }

  bool is_settled() {
    const std::lock_guard lock(mutex);
    return settled;
  }

  Response take() {
    const std::lock_guard lock(mutex);
    if (!response) throw std::bad_alloc();
    return std::move(*response);
  }
};

/// The other end of a slot. Whoever should answer may fail for want of memory and drop it unused: then nothing else
/// would ever wake the session.
struct Promise {
  explicit Promise(std::shared_ptr<Slot> slot_) : slot(std::move(slot_)) {}
  ~Promise() { slot->settle(std::nullopt); }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;

  std::shared_ptr<Slot> slot;
};

}  // namespace

asio::awaitable<Response> answer_of(const Start& start, asio::any_io_executor executor) {
  const auto slot = std::make_shared<Slot>();
  start([promise = std::make_shared<Promise>(slot)](Response response) { promise->slot->settle(std::move(response)); });
  if (slot->is_settled()) co_return slot->take();
  auto wait = [slot, executor](auto handler) {
    const auto held = std::make_shared<decltype(handler)>(std::move(handler));
    auto wake = [held, executor] { post_with_others(executor, [held] { std::move (*held)(); }); };
    std::unique_lock lock(slot->mutex);
    if (!slot->settled) {
      slot->wake = std::move(wake);
      return;
    }
    lock.unlock();
    insist(wake);
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(wait), asio::use_awaitable);
  co_return slot->take();
}

asio::awaitable<void> use_ticket(Dispatcher& dispatcher, const ExchangePtr& exchange, Connection& connection) {
  connection.never_expire();
  const Start start = [&](const Done& done) { dispatcher.admission().use_ticket(exchange, done); };
  co_await answer_of(start, connection.socket.get_executor());
}

asio::awaitable<void> run_on(FairExecutor& lane, const std::string& line, const FairExecutor::Task& work,
                             asio::any_io_executor executor) {
  std::exception_ptr failed;
  const Start start = [&](const Done& done) {
    lane.run(line, [&work, &failed, done] {
      try {
        work();
      } catch (...) {
        failed = std::current_exception();
      }
      done({});
    });
  };
  co_await answer_of(start, executor);
  if (failed) std::rethrow_exception(failed);
}

}  // namespace nexus::http::net
