#include "store/postgres/values.hpp"

#include <bit>

#include "store/error.hpp"
#include "store/postgres/big_endian.hpp"
#include "store/postgres/numeric.hpp"

namespace nexus::store {
namespace {

[[noreturn]] void refuse_type(type::Number type, const char* wanted) {
  throw std::logic_error("a column of PostgreSQL's type " + std::to_string(type) + " is read as " + wanted);
}

}  // namespace

std::int64_t read_integer(type::Number type, std::string_view bytes) {
  switch (type) {
    case type::int8:
      return from_big_endian<std::int64_t>(bytes);
    case type::int4:
      return from_big_endian<std::int32_t>(bytes);
    case type::int2:
      return from_big_endian<std::int16_t>(bytes);
    case type::boolean:
      return from_big_endian<std::uint8_t>(bytes);
    case type::numeric:
      break;
    default:
      refuse_type(type, "an integer");
  }
  if (const auto number = numeric_integer(bytes)) return *number;
  throw Error(Failure::other, "a sum has a fraction, or is too large for an integer");
}

double read_real(type::Number type, std::string_view bytes) {
  if (type == type::float8) return std::bit_cast<double>(from_big_endian<std::uint64_t>(bytes));
  if (type == type::float4) return static_cast<double>(std::bit_cast<float>(from_big_endian<std::uint32_t>(bytes)));
  if (type == type::numeric) return numeric_real(bytes);
  return static_cast<double>(read_integer(type, bytes));
}

std::string_view read_text(type::Number type, std::string_view bytes) {
  switch (type) {
    case type::text:
    case type::varying_text:
    case type::padded_text:
    case type::one_character:
    case type::name:
    case type::json:
    case type::bytes:
    case type::nothing:
      return bytes;
    default:
      refuse_type(type, "text");
  }
}

}  // namespace nexus::store
