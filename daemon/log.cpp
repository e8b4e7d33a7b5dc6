#include "daemon/log.hpp"

#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <memory>
#include <mutex>

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"

namespace nexus::log {
namespace {

std::atomic<bool> as_json = false;

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

std::string line_of(Level level, std::string_view message, std::span<const Field> fields) {
  if (as_json) {
    Json object = {{"time", to_rfc3339(now_micros())}, {"level", name_of(level)}, {"message", message}};
    for (const Field& field : fields) object[std::string(field.key)] = json_of(field);
    return to_text(object);
  }
  std::string line = to_rfc3339(now_micros());
  line.append(" ").append(name_of(level)).append(" ").append(message);
  for (const Field& field : fields) append_text(line, field);
  return line;
}

/// Writes to standard error without waiting for whoever reads it: a pipe that nobody reads, or a terminal that was
/// stopped, would hold up every thread that has something to tell. A line that finds no room is left out. The next that
/// finds some tells how many were.
class StandardError : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!tell_lost() || !send({line.data(), line.size()})) ++lost_;
  }
  void flush_() override {}

 private:
  bool tell_lost() {
    if (lost_ == 0) return true;
    const Field count[] = {{"count", lost_}};
    const std::string told = line_of(Level::warn, "lines of the log were lost: nobody read standard error", count);
    if (!send(told + "\n")) return false;
    lost_ = 0;
    return true;
  }

  /// False when nothing, or not all, was taken. What poll(2) calls writable takes PIPE_BUF bytes without waiting.
  bool send(std::string_view bytes) {
    constexpr int patience_ms = 20;  // of a line that has begun
    if (is_cut_ && !write_some("\n", 0)) return false;
    is_cut_ = false;
    for (std::size_t sent = 0; sent < bytes.size();) {
      const std::size_t count = write_some(bytes.substr(sent, PIPE_BUF), sent == 0 ? 0 : patience_ms);
      if (count == 0) {
        is_cut_ = sent > 0;
        return false;
      }
      sent += count;
    }
    return true;
  }

  /// How many bytes were taken; 0 where there was no room in that time, or the other end has gone.
  static std::size_t write_some(std::string_view bytes, int within_ms) {
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, within_ms) <= 0) return 0;
    const ssize_t count = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  std::uint64_t lost_ = 0;
  bool is_cut_ = false;  // the last line has no end
};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("nexusd", std::make_shared<StandardError>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

}  // namespace

void configure(bool json, Level level) {
  as_json = json;
  logger().set_level(level_of(level));
}

bool enabled(Level level) { return logger().should_log(level_of(level)); }

void write(Level level, std::string_view message, std::span<const Field> fields) noexcept try {
  if (!enabled(level)) return;
  logger().log(level_of(level), "{}", line_of(level, message, fields));
} catch (const std::exception&) {
  // Memory is short: the daemon goes on without the line.
}

}  // namespace nexus::log
