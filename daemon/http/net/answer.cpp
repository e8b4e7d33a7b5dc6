// How a coroutine waits for an answer that a callback delivers, and for work on a lane.
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <mutex>
#include <optional>

#include "daemon/base/hand_over.hpp"
#include "daemon/http/net/session.hpp"

namespace nexus::http::net {
namespace {

/// Posts the task, by one wake-up of the sockets' threads for all that this thread answers in one go.
void post_with_others(const asio::any_io_executor& executor, const HandOver::Task& task) {
  HandOver::pass(
      &asio::query(executor, asio::execution::context), [executor, task] { asio::post(executor, task); },
      [executor](std::vector<HandOver::Task> tasks) {
        if (tasks.size() == 1) return tasks.front()();
        asio::post(executor, [tasks = std::move(tasks)] {
          for (const auto& each : tasks) each();
        });
      });
}

}  // namespace

asio::awaitable<Response> answer_of(const Start& start, asio::any_io_executor executor) {
  struct Slot {
    std::mutex mutex;
    std::optional<Response> response;
    std::function<void()> wake;
  };
  const auto slot = std::make_shared<Slot>();
  start([slot](Response response) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(slot->mutex);
      slot->response = std::move(response);
      wake = std::move(slot->wake);
    }
    if (wake) wake();
  });
  {
    const std::lock_guard lock(slot->mutex);
    if (slot->response) co_return std::move(*slot->response);
  }
  auto wait = [slot, executor](auto handler) {
    const auto held = std::make_shared<decltype(handler)>(std::move(handler));
    auto wake = [held, executor] { post_with_others(executor, [held] { std::move (*held)(); }); };
    std::unique_lock lock(slot->mutex);
    if (!slot->response) {
      slot->wake = std::move(wake);
      return;
    }
    lock.unlock();
    wake();
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(wait), asio::use_awaitable);
  const std::lock_guard lock(slot->mutex);
  co_return std::move(*slot->response);
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
