#include "store/postgres/parameters.hpp"

#include <array>
#include <bit>

namespace nexus::store {
namespace {

constexpr std::size_t kTextBytesMax = (std::size_t{1} << 30) - 1;

/// Network byte order, as the protocol has it.
std::array<char, 8> big_endian(std::uint64_t number) {
  std::array<char, 8> out{};
  for (std::size_t index = out.size(); index-- > 0; number >>= 8) out[index] = static_cast<char>(number & 0xFF);
  return out;
}

std::string_view view(const std::array<char, 8>& bytes) { return {bytes.data(), bytes.size()}; }

void require_storable(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw std::invalid_argument("a text with U+0000, which PostgreSQL cannot store");
  if (text.size() > kTextBytesMax) throw std::invalid_argument("a text of 1 GiB, which PostgreSQL cannot store");
}

}  // namespace

Parameters::Parameters(std::span<const Argument> arguments) {
  slots_.reserve(arguments.size());
  const auto encode = [this]<class T>(const T& value) {
    if constexpr (std::same_as<T, std::int64_t>) {
      add(type::int8, view(big_endian(static_cast<std::uint64_t>(value))));
    } else if constexpr (std::same_as<T, double>) {
      add(type::float8, view(big_endian(std::bit_cast<std::uint64_t>(value))));
    } else if constexpr (std::same_as<T, std::string_view>) {
      require_storable(value);
      add(type::text, value);
    } else if constexpr (std::same_as<T, Pointer>) {
      throw std::logic_error("a Pointer is an argument for SQLite alone");
    } else {
      slots_.push_back({});
    }
  };
  for (const Argument& argument : arguments) std::visit(encode, argument.value());
}

bool Parameters::has(std::string_view text) const {
  for (std::size_t index = 0; index < slots_.size(); ++index)
    if (this->text(index) == text) return true;
  return false;
}

void Parameters::add(type::Number type, std::string_view bytes) {
  slots_.push_back({type, static_cast<int>(bytes.size()), bytes_.size()});
  bytes_.append(bytes);
}

}  // namespace nexus::store
