// One write between parse and answer. Internal to the dispatcher: write_path.cpp runs it, form_path.cpp brings those
// whose body is a form. Shared by the I/O thread, the blocking pool and the writer, one after another.
#pragma once
#include "daemon/http/dispatcher.hpp"
#include "store/idempotency.hpp"

namespace nexus::http {

inline const Micros kAnswerLifetime = std::chrono::microseconds(limits::idempotency_lifetime).count();

struct Dispatcher::WriteRun {
  ExchangePtr exchange;
  Write write;
  Done done;
  std::optional<store::IdempotencyScope> idempotency = {};
  std::string body_sha256 = {};
  std::shared_ptr<void> held = {};            // the idempotency key among those in flight, if any
  Response response = {};                     // set by the unit, sent only once it is committed
  bool takes_reserve = false;                 // it stops things: on a full disk the reserve is given up for it
  std::optional<std::string> reference = {};  // what the body of a stored answer is still to be made of
  bool changed = false;                       // the unit applied the write: it was no refusal and no replay
  std::function<void()> undo = {};            // of what the write has in storage already; may block
  std::function<void(store::Database&)> after_commit = {};

  /// The key is free before the client knows of the answer.
  void answer(Response answered) {
    held.reset();
    done(std::move(answered));
  }
};

}  // namespace nexus::http
