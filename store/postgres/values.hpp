// Values of PostgreSQL's binary format as the store reads them. A value of another type than asked for is a fault of
// the program, not converted: a text that is read as a number would hide a wrong column.
#pragma once
#include <cstdint>
#include <string_view>

#include "store/postgres/parameters.hpp"

namespace nexus::store {

/// int8, int4, int2, bool (0 or 1) and a numeric without a fraction, which a sum of int8 is. Throws std::logic_error
/// for another type, Error for a numeric that is no int64.
std::int64_t read_integer(type::Number type, std::string_view bytes);
/// float8, float4, numeric, and what read_integer takes. Throws std::logic_error for another type.
double read_real(type::Number type, std::string_view bytes);
/// Text of any kind, json, and bytes as they are. Throws std::logic_error for another type.
std::string_view read_text(type::Number type, std::string_view bytes);

}  // namespace nexus::store
