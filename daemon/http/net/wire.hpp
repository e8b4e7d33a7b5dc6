// Between bytes and plain values: where a request head ends, the parsed head, and the text of a response's head.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"
#include "daemon/http/response.hpp"

namespace nexus::http::net {

/// The length of the head at the front of `bytes`, its empty line included; nothing while it is not whole. A head that
/// ends with bare line feeds also ends here, so that the gate refuses it at once instead of a deadline later.
std::optional<std::size_t> head_length(std::string_view bytes);

/// Parses a head that passed the gate, with Beast's parser. Nothing when the parser disagrees with the gate.
std::optional<RequestHead> parse_head(std::string_view bytes);

/// Status line and fields up to the empty line. `head_only` is for HEAD: the length is told, the body stays.
std::string head_text(const Response& response, bool keep_alive);

/// The line before a chunk of so many bytes.
std::string chunk_head(std::size_t bytes);

}  // namespace nexus::http::net
