#include "daemon/backup/tar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <stdexcept>

namespace nexus::backup {
namespace {

constexpr std::size_t kContentPiece = 256 << 10;
constexpr std::size_t kNameMax = 100;                 // of a plain header
constexpr std::uint64_t kSizeMax = (1ull << 33) - 1;  // 11 octal digits
constexpr std::size_t kExtendedMax = 64 << 10;

// The fields of a header block (POSIX ustar): offset and length.
struct Field {
  std::size_t at, length;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kTime{136, 12},
    kChecksum{148, 8}, kType{156, 1}, kMagic{257, 8};

using Block = std::array<char, kTarBlock>;

void put(Block& block, Field field, std::string_view text) {
  std::ranges::copy(text.substr(0, field.length), block.begin() + static_cast<std::ptrdiff_t>(field.at));
}

/// Octal digits with leading zeros, and a NUL at the end.
void put_number(Block& block, Field field, std::uint64_t number) {
  std::string digits(field.length - 1, '0');
  for (auto at = digits.rbegin(); at != digits.rend() && number > 0; ++at, number >>= 3)
    *at = static_cast<char>('0' + (number & 7));
  put(block, field, digits);
}

/// The sum of all bytes, with spaces in the place of the sum itself.
std::uint64_t checksum(const Block& block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) {
    const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.length;
    sum += own ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

std::string header_block(std::string_view name, std::uint64_t size, Micros modified, char type) {
  Block block{};
  put(block, kName, name);
  put_number(block, kMode, 0600);
  put_number(block, kUid, 0);
  put_number(block, kGid, 0);
  put_number(block, kSize, size);
  put_number(block, kTime, static_cast<std::uint64_t>(std::max<Micros>(modified, 0) / kSecond));
  put(block, kType, {&type, 1});
  put(block, kMagic,
      std::string_view("ustar\0"
                       "00",
                       8));
  put_number(block, {kChecksum.at, 7}, checksum(block));
  put(block, {kChecksum.at + 7, 1}, " ");
  return {block.data(), block.size()};
}

/// A record of an extended header: its own length, a space, `key=value`, a line end.
std::string record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + std::to_string(rest).size();
  length = rest + std::to_string(length).size();
  return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

bool is_zero(std::span<const char> bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

[[noreturn]] void refuse(const std::string& why) { throw std::runtime_error("this is no backup: " + why); }

std::uint64_t number_of(const Block& block, Field field) {
  const char* const begin = block.data() + field.at;
  const char* const end = std::find_if(begin, begin + field.length, [](char c) { return c == '\0' || c == ' '; });
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(begin, end, number, 8);
  if (error != std::errc() || stop != end) refuse("a header of the archive holds no number where one belongs");
  return number;
}

}  // namespace

std::string tar_padding(std::uint64_t size) { return std::string((kTarBlock - size % kTarBlock) % kTarBlock, '\0'); }

std::string tar_end() { return std::string(2 * kTarBlock, '\0'); }

std::string tar_header(std::string_view name, std::uint64_t size, Micros modified) {
  std::string extended;
  if (name.size() > kNameMax) extended += record("path", name);
  if (size > kSizeMax) extended += record("size", std::to_string(size));
  std::string out;
  if (!extended.empty())
    out = header_block("pax_header", extended.size(), modified, 'x') + extended + tar_padding(extended.size());
  return out + header_block(name.substr(0, kNameMax), size > kSizeMax ? 0 : size, modified, '0');
}

void TarReader::fill(char* out, std::size_t size) {
  while (size > 0) {
    const std::size_t got = read_(out, size);
    if (got == 0) throw std::runtime_error("the backup is cut: its archive ends in the middle");
    out += got;
    size -= got;
  }
}

void TarReader::take_extended(std::string_view records) {
  while (!records.empty()) {
    std::size_t length = 0;
    const auto [stop, error] = std::from_chars(records.data(), records.data() + records.size(), length);
    const auto begin = static_cast<std::size_t>(stop - records.data()) + 1;
    if (error != std::errc() || length > records.size() || length < begin + 2) refuse("an extended header is broken");
    const std::string_view pair = records.substr(begin, length - begin - 1);
    const std::size_t equals = std::min(pair.find('='), pair.size() - 1);
    const std::string_view key = pair.substr(0, equals), value = pair.substr(equals + 1);
    if (key == "path") name_ = value;
    std::uint64_t size = 0;
    if (key == "size") {
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), size);
      if (parsed.ec != std::errc()) refuse("an extended header holds no size");
      size_ = size;
    }
    records.remove_prefix(length);
  }
}

/// Behind the first block of zeros stand zeros alone, at least another block.
void TarReader::end() {
  Block block;
  fill(block.data(), kTarBlock);
  for (std::size_t got = kTarBlock; got > 0; got = read_(block.data(), kTarBlock))
    if (!is_zero(std::span(block).first(got))) refuse("something follows the end of the archive");
}

std::optional<TarEntry> TarReader::next() {
  while (!content().empty()) {
  }
  for (;;) {
    Block block;
    fill(block.data(), kTarBlock);
    if (is_zero(block)) {
      end();
      return std::nullopt;
    }
    if (number_of(block, kChecksum) != checksum(block)) refuse("a header of the archive is damaged");
    left_ = number_of(block, kSize);
    padding_ = tar_padding(left_).size();
    const char type = block[kType.at];
    if (type == 'x') {
      take_extended(text(kExtendedMax));
      content();
      continue;
    }
    if (type != '0' && type != '\0') refuse("the archive holds something else than files");
    if (size_) left_ = *size_;
    padding_ = tar_padding(left_).size();
    const std::string plain(block.data(), std::find(block.data(), block.data() + kName.length, '\0'));
    TarEntry entry{name_.value_or(plain), left_};
    name_.reset();
    size_.reset();
    return entry;
  }
}

std::string_view TarReader::content() {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kContentPiece));
  buffer_.resize(std::max(size, kTarBlock));
  if (size == 0) {
    fill(buffer_.data(), static_cast<std::size_t>(std::exchange(padding_, 0)));
    return {};
  }
  fill(buffer_.data(), size);
  left_ -= size;
  return std::string_view(buffer_).substr(0, size);
}

std::string TarReader::text(std::size_t bytes_max) {
  if (left_ > bytes_max) refuse("a part of it is larger than it may be");
  std::string out;
  for (auto piece = content(); !piece.empty(); piece = content()) out += piece;
  return out;
}

}  // namespace nexus::backup
