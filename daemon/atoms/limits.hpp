// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t atom_source_bytes_max = 64 * MiB;     ///< an asset that atoms are made of: 422
inline constexpr std::size_t atoms_of_one_operation_max = 10'000;  ///< atoms that one operation makes: 422
inline constexpr std::size_t atom_chars_max = 100'000;             ///< max_chars of text_split: 422
inline constexpr std::size_t atom_chars_default = 4000;            ///< max_chars when it is not sent
inline constexpr std::size_t atom_inline_bytes_max = 16 * KiB;     ///< a larger atom is stored as an object of its own

}  // namespace nexus::limits
