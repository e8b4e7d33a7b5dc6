#include "tests/support/ws_wire.hpp"

#include <strings.h>

#include <algorithm>

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::chrono::milliseconds time_left(Clock::time_point deadline) {
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()));
}

}  // namespace

std::string ws_frame(int opcode, std::string_view payload, FrameShape shape) {
  const std::uint64_t length = shape.claimed != 0 ? shape.claimed : payload.size();
  int extended = shape.length_bytes;
  if (extended == 0) extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const int seven = extended == 0 ? static_cast<int>(length) : extended == 2 ? 126 : 127;
  std::string out;
  out += static_cast<char>((shape.fin ? 0x80 : 0) | shape.reserved << 4 | opcode);
  out += static_cast<char>((shape.masked ? 0x80 : 0) | seven);
  out += big_endian(length, extended);
  if (!shape.masked) return out.append(payload);
  constexpr std::string_view key = "\x37\xfa\x21\x3d";
  out.append(key);
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ key[i % 4]);
  return out;
}

std::string close_payload(int code, std::string_view reason) {
  return big_endian(static_cast<std::uint64_t>(code), 2).append(reason);
}

int WsFrame::close_code() const {
  return payload.size() < 2 ? 1005 : static_cast<int>(from_big_endian(payload.substr(0, 2)));
}

std::string ws_handshake(const std::string& target, const Headers& headers) {
  Headers fields = {{"Host", "localhost"},
                    {"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"Sec-WebSocket-Version", "13"}};
  for (const auto& field : headers)
    std::erase_if(fields, [&](const auto& own) { return ::strcasecmp(own.first.c_str(), field.first.c_str()) == 0; });
  std::string head = "GET " + target + " HTTP/1.1\r\n";
  for (const auto& group : {fields, headers})
    for (const auto& [name, value] : group)
      if (!value.empty()) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

WsWire::WsWire(int port, const std::string& target, const Headers& headers, std::string_view bytes_behind)
    : wire_(std::make_unique<Wire>(port)) {
  wire_->send(ws_handshake(target, headers).append(bytes_behind));
  opened_ = wire_->answer();
}

std::optional<WsFrame> WsWire::next(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  const std::string start = wire_->take(2, within);
  if (start.size() < 2) return std::nullopt;
  WsFrame frame;
  frame.opcode = static_cast<Opcode>(start[0] & 0x0F);
  const int seven = start[1] & 0x7F;
  std::uint64_t length = static_cast<std::uint64_t>(seven);
  if (seven >= 126) length = from_big_endian(wire_->take(seven == 126 ? 2 : 8, time_left(deadline)));
  frame.plain = (start[0] & 0xF0) == 0x80 && (start[1] & 0x80) == 0 && (seven != 126 || length >= 126) &&
                (seven != 127 || length >= 65536);
  frame.payload = wire_->take(length, time_left(deadline));
  if (frame.payload.size() < length) return std::nullopt;
  return frame;
}

Json WsWire::await(const std::set<std::string>& types, std::chrono::milliseconds within) {
  const auto wanted = [&](const Json& message) { return types.contains(message.value("type", "")); };
  if (const auto found = std::ranges::find_if(passed_over_, wanted); found != passed_over_.end()) {
    Json message = std::move(*found);
    passed_over_.erase(found);
    return message;
  }
  const auto deadline = Clock::now() + within;
  while (const auto frame = next(time_left(deadline))) {
    if (frame->opcode == Opcode::close) return nullptr;
    if (frame->opcode != Opcode::text) continue;
    Json message = parse_own_json(frame->payload);
    if (wanted(message)) return message;
    passed_over_.push_back(std::move(message));
  }
  return nullptr;
}

int WsWire::await_close(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (const auto frame = next(time_left(deadline))) {
    if (frame->opcode != Opcode::close) continue;
    send(ws_frame(Opcode::close, frame->payload));
    return frame->close_code();
  }
  return 0;
}

}  // namespace nexus::test
