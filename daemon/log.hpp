// The log: one line an occurrence on stderr, as text or as JSON. Values are escaped, so that nothing a stranger sent
// can forge a line; secrets and uploaded content never come here. What must not be lost belongs in the audit log
// instead.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace nexus::log {

enum class Level { debug, info, warn, error };

using Field = std::pair<std::string_view, std::string>;

/// Before the first line; `json` chooses JSON lines.
void configure(bool json, Level level);
bool enabled(Level level);
/// A line that cannot be written is left out.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {}) noexcept;

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
