// The log: one line an occurrence on stderr, as text or as JSON. Values are escaped, so that nothing a stranger sent
// can forge a line; secrets and uploaded content never come here. What must not be lost belongs in the audit log
// instead.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace nexus::log {

enum class Level { debug, info, warn, error };

/// A name and a text, or a number, which is a number in JSON too. The name must outlive the field.
struct Field {
  Field(std::string_view key_, std::string text) : key(key_), value(std::move(text)) {}
  Field(std::string_view key_, std::integral auto number) : key(key_), value(static_cast<std::int64_t>(number)) {}

  std::string_view key;
  std::variant<std::string, std::int64_t> value;
};

/// Before the first line, and again at any time; `json` chooses JSON lines. Threads: any.
void configure(bool json, Level level);
bool enabled(Level level);
/// A line that cannot be written at once is left out; a later one tells how many were. Threads: any. Does not wait.
void write(Level level, std::string_view message, std::span<const Field> fields) noexcept;
inline void write(Level level, std::string_view message, std::initializer_list<Field> fields = {}) noexcept {
  write(level, message, std::span(fields.begin(), fields.size()));
}

inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::info, message, fields);
}
inline void warn(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::warn, message, fields);
}
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::error, message, fields);
}

}  // namespace nexus::log
