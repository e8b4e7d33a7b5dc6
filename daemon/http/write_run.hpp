// One write between parse and answer. Shared by the I/O thread, the pools that may block and the writer, one after
// another: writes.cpp runs it, forms.cpp brings those whose body is a form, idempotency.cpp answers repeats.
#pragma once
#include "daemon/http/exchange.hpp"
#include "store/idempotency.hpp"

namespace nexus::http {

struct WriteRun {
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
using WriteRunPtr = std::shared_ptr<WriteRun>;

}  // namespace nexus::http
