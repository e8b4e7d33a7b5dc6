// A server may refuse an upload before it has read it all, and then close: a client that only writes sees a broken pipe
// and loses the reason. This looks, between two pieces of a body, whether the answer is already there, and takes it.
// Plain sockets only: under TLS the bytes are not ours to read, and the broken pipe stands.
#pragma once
#include <optional>

#include "cli/engine/client.hpp"

namespace nexus::cli {

/// The whole answer when one waits on `socket` (up to 2 s for its end, 64 KiB at most); nothing when none waits.
std::optional<Response> take_early_answer(int socket);

/// Parses a complete HTTP/1.1 answer; nothing while it is incomplete or not HTTP.
std::optional<Response> parse_answer(std::string_view bytes, bool ended);

}  // namespace nexus::cli
