#include "daemon/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"

namespace nexus::log {
namespace {

bool as_json = false;

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("nexusd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(Level level) {
  constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(level)];
}

/// `key=value`, the value quoted as a JSON text unless it is a number or a plain word.
void append_text(std::string& line, const Field& field) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+{}";
  line.append(" ").append(field.key).append("=");
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line += std::to_string(*number);
    return;
  }
  const std::string& text = std::get<std::string>(field.value);
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos)
    line += text;
  else
    line += to_text(text);
}

Json json_of(const Field& field) {
  return std::visit([](const auto& value) { return Json(value); }, field.value);
}

}  // namespace

void configure(bool json, Level level) {
  as_json = json;
  logger().set_level(level_of(level));
}

bool enabled(Level level) { return logger().should_log(level_of(level)); }

void write(Level level, std::string_view message, std::span<const Field> fields) noexcept try {
  if (!enabled(level)) return;
  std::string line;
  if (as_json) {
    Json object = {{"time", to_rfc3339(now_micros())}, {"level", name_of(level)}, {"message", message}};
    for (const Field& field : fields) object[std::string(field.key)] = json_of(field);
    line = to_text(object);
  } else {
    line = to_rfc3339(now_micros());
    line.append(" ").append(name_of(level)).append(" ").append(message);
    for (const Field& field : fields) append_text(line, field);
  }
  logger().log(level_of(level), "{}", line);
} catch (const std::exception&) {
  // Memory is short, or the other end of standard error has gone: the daemon goes on without the line.
}

}  // namespace nexus::log
