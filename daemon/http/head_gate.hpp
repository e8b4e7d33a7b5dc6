// The gate before the parser. It judges the raw bytes of a request head strictly, because the parser behind it is too
// lenient: it takes an unknown Transfer-Encoding as an empty body and reads the body as the next request, it hides
// folded fields, and it accepts several Host or Content-Length. The first match wins. After any refusal the connection
// is closed, since the start of the next request is no longer certain.
//
// Sources: RFC 9112 sections 2-6 (framing), RFC 9110 section 5 (fields), RFC 9113 section 8.2 for the spirit.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/problem.hpp"

namespace nexus::http {

struct HeadRefusal {
  Code code;
  std::string detail;
};

/// The first byte of a client that begins TLS. No head of HTTP begins with it.
inline constexpr char kTlsHello = 0x16;

/// `raw` is the head up to and including its empty line. Returns nothing when it may pass. Pure, bounded, never throws.
std::optional<HeadRefusal> judge_head(std::string_view raw);

}  // namespace nexus::http
