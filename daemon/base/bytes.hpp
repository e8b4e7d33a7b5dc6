// Text forms of bytes: lower-case hex, base64 (RFC 4648 section 4) and base64url without padding (section 5).
// Decoders are strict: a stray character, wrong padding or a non-zero spare bit yields nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexus {

std::string hex(std::span<const std::uint8_t> bytes);
std::string hex(std::string_view bytes);
std::optional<std::string> unhex(std::string_view text);  // accepts lower case only

std::string base64(std::string_view bytes);
std::optional<std::string> unbase64(std::string_view text);
std::string base64url(std::string_view bytes);
std::optional<std::string> unbase64url(std::string_view text);

/// The bytes of a digest as a string_view, for the encoders above.
inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Percent-decoding (RFC 3986). Nothing on a bad escape or on an encoded NUL. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);
/// Encodes all but unreserved characters (A-Z a-z 0-9 - . _ ~); `keep_slash` leaves '/' (SigV4's canonical URI).
std::string percent_encode(std::string_view text, bool keep_slash = false);

}  // namespace nexus
