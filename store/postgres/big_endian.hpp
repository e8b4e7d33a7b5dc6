// Numbers in network byte order, as PostgreSQL's protocol has them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace nexus::store {

/// The first `sizeof(Number)` bytes. Throws std::logic_error when there are fewer.
template <class Number>
Number from_big_endian(std::string_view bytes) {
  if (bytes.size() < sizeof(Number)) throw std::logic_error("a value of PostgreSQL is too short");
  std::uint64_t out = 0;
  for (std::size_t index = 0; index < sizeof(Number); ++index)
    out = out << 8 | static_cast<unsigned char>(bytes[index]);
  return static_cast<Number>(out);
}

}  // namespace nexus::store
