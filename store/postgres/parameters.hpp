// The arguments of a statement as PostgreSQL takes them: binary, and owned, so that a statement may wait to be sent.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "store/query.hpp"

namespace nexus::store {

/// The numbers (Oid) by which PostgreSQL names its own types. They never change.
namespace type {
using Number = unsigned int;
inline constexpr Number unknown = 0;  // the server infers it
inline constexpr Number boolean = 16, bytes = 17, one_character = 18, name = 19, int8 = 20, int2 = 21, int4 = 23,
                        text = 25, json = 114, float4 = 700, float8 = 701, padded_text = 1042, varying_text = 1043,
                        numeric = 1700, nothing = 2278;
}  // namespace type

class Parameters {
 public:
  /// Throws std::logic_error for what PostgreSQL cannot take: a Pointer, and a text with U+0000 or of 1 GiB.
  explicit Parameters(std::span<const Argument> arguments);

  std::size_t size() const { return slots_.size(); }
  /// int8, float8 or text; unknown for NULL.
  type::Number type(std::size_t index) const { return slots_[index].type; }
  /// Null for NULL. Valid while this object stays where it is.
  const char* value(std::size_t index) const {
    return slots_[index].type == type::unknown ? nullptr : bytes_.data() + slots_[index].offset;
  }
  int length(std::size_t index) const { return slots_[index].length; }
  /// The bytes; empty for NULL.
  std::string_view text(std::size_t index) const {
    return std::string_view(bytes_).substr(slots_[index].offset, static_cast<std::size_t>(slots_[index].length));
  }
  bool has(std::string_view text) const;
  bool operator==(const Parameters&) const = default;

 private:
  struct Slot {
    type::Number type = type::unknown;
    int length = 0;
    std::size_t offset = 0;
    bool operator==(const Slot&) const = default;
  };
  void add(type::Number type, std::string_view bytes);

  std::string bytes_;
  std::vector<Slot> slots_;
};

}  // namespace nexus::store
