// Converts between bytes and plain values: finds the end of a request head, parses it, and writes a response's head.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"
#include "daemon/http/response.hpp"

namespace nexus::http::net {

/// Whether `bytes` hold the beginning of a head. Drops one line end before the request line (RFC 9112 section 2.2: some
/// clients send it behind a body), and says so in `dropped`, which is false for a new head. The gate refuses a second
/// one. A line end begins nothing: whoever sends it and nothing more is as idle as before.
bool begins_head(std::string& bytes, bool& dropped);

/// The length of the head at the front of `bytes`, its empty line included; nothing while it is incomplete. A head that
/// ends with bare line feeds, and the beginning of TLS, count as complete, so that the gate refuses them at once and
/// not after the deadline.
std::optional<std::size_t> head_length(std::string_view bytes);

/// Parses a head that passed the gate, with Beast's parser. Nothing when the parser disagrees with the gate.
std::optional<RequestHead> parse_head(std::string_view bytes);

/// Status line and fields up to the empty line.
std::string head_text(const Response& response, bool keep_alive);

/// The line before a chunk of `bytes` bytes.
std::string chunk_head(std::size_t bytes);

}  // namespace nexus::http::net
