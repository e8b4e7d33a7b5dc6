// Waiting in a coroutine for the one answer that a callback brings.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "daemon/http/dispatcher.hpp"

namespace nexus::http::net {

/// Begins the work; `done` is called once, on whichever thread finished it.
using Start = std::function<void(const Done& done)>;

/// The answer, back on `executor`. One that comes before we would have to wait (most reads) costs no switch.
boost::asio::awaitable<Response> answer_of(const Start& start, boost::asio::any_io_executor executor);

}  // namespace nexus::http::net
