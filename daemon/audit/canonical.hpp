// Reads canonical JSON (RFC 8785 narrowed to integers) without building values: checks that a text is canonical byte
// for byte, and finds the fields of an audit row's body. A verifier never rewrites a body to compare; it checks the
// bytes it has.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace nexus::audit {

/// Returns the length of the canonical value at the front of `text`, or 0 when there is none.
std::size_t canonical_length(std::string_view text);

/// The fields of a body. The texts are slices of the body without quotes; escapes are not decoded.
struct BodyFacts {
  std::string_view tenant, env, at, action, result, details_sha256, trace_id;
  std::string_view actor_id, subject_type, subject_id;  // subject_id is empty for null
  std::int64_t seq = 0;
};

/// Returns nothing unless the whole text is canonical and has exactly the keys of the contract.
std::optional<BodyFacts> read_body(std::string_view body);

}  // namespace nexus::audit
