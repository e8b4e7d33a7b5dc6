// A session: the story of one connection. Read a head under its deadline, let the gate judge its bytes, let the
// dispatcher judge its meaning, read the body, answer, and again until somebody ends it. Requests on one connection are
// answered in order, one at a time.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "daemon/http/dispatcher.hpp"
#include "daemon/http/net/places.hpp"
#include "daemon/http/net/stream_runner.hpp"

namespace nexus::http::net {

/// What all sessions share.
struct SessionContext {
  Dispatcher& dispatcher;
  asio::thread_pool& storage;         // for what waits for stored objects
  const std::atomic<bool>& draining;  // finish the request under way, then close
  Places& places;
  StreamRunner* streams;  // may be null: then no route opens one
};

/// Runs until the connection ends; never throws.
asio::awaitable<void> run_session(std::shared_ptr<Connection> connection, SessionContext& context);

}  // namespace nexus::http::net
