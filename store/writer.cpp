#include "store/writer.hpp"

#include <future>
#include <memory>
#include <stdexcept>

namespace nexus::store {

Result Writer::run(Unit unit, Realms realms, std::size_t bytes) {
  if (is_own_thread()) throw std::logic_error("Writer::run on the writer's own thread");
  auto promise = std::make_shared<std::promise<Result>>();
  auto future = promise->get_future();
  if (!submit(Work{.unit = std::move(unit),
                   .done = [promise](const Result& result) { promise->set_value(result); },
                   .realms = std::move(realms),
                   .bytes = bytes})) {
    return {Outcome::not_applied, Failure::busy,
            std::make_exception_ptr(std::runtime_error("the writer's queue is full or closed"))};
  }
  return future.get();
}

void Writer::apply(Unit unit) {
  const Result result = run(std::move(unit));
  if (result.outcome != Outcome::applied) std::rethrow_exception(result.error);
}

}  // namespace nexus::store
