// Reads canonical JSON (RFC 8785 narrowed to integers) without making values of it: is a text canonical, byte for byte,
// and what does an audit row's body say? A verifier never writes a body again to compare, it judges the bytes it has.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace nexus::audit {

/// The length of the canonical value at the front of `text`; 0 when there is none.
std::size_t canonical_length(std::string_view text);

/// What a body says. The texts are slices of it, without their quotes; escapes stand as they are.
struct BodyFacts {
  std::string_view tenant, env, at, action, result, details_sha256, trace_id;
  std::string_view actor_id, subject_type, subject_id;  // subject_id is empty for null
  std::int64_t seq = 0;
};

/// Nothing unless the whole text is canonical and has exactly the keys of the contract.
std::optional<BodyFacts> read_body(std::string_view body);

}  // namespace nexus::audit
