// Lets a coroutine wait for the one answer that a callback delivers.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "daemon/http/dispatcher.hpp"

namespace nexus::http::net {

/// Begins the work; `done` is called once, on whichever thread finished it.
using Start = std::function<void(const Done& done)>;

/// Waits for the answer and continues on `executor`. An answer that comes at once (most reads) costs no switch of
/// threads.
boost::asio::awaitable<Response> answer_of(const Start& start, boost::asio::any_io_executor executor);

}  // namespace nexus::http::net
