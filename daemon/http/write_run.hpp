// One write between parse and answer. The I/O thread, the pools that may block and the writer use it one after another.
// writes.cpp runs it, forms.cpp makes those of forms, and idempotency.cpp answers repeats.
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
  bool takes_reserve = false;                 // it stops things: on a full disk the reserve is freed for it
  std::optional<std::string> reference = {};  // what the body of a stored answer must still be rendered from
  bool changed = false;                       // the unit applied the write: no refusal, no replay
  std::function<void()> undo = {};            // removes what the write has stored already; may block
  std::function<void(store::Database&)> after_commit = {};

  /// Releases the key before the client can see the answer.
  void answer(Response answered) {
    held.reset();
    done(std::move(answered));
  }
};
using WriteRunPtr = std::shared_ptr<WriteRun>;

}  // namespace nexus::http
