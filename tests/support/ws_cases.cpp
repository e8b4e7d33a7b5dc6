#include "tests/support/ws_cases.hpp"

#include "daemon/limits.hpp"
#include "daemon/rails/limits.hpp"
#include "tests/support/ws_wire.hpp"

namespace nexus::test {
namespace {

using Cases = std::vector<WsCase>;
using Writes = std::vector<std::string>;
constexpr auto kText = Opcode::text;
constexpr FrameShape kFragment{.fin = false};

/// A message that is answered, of so many bytes.
std::string asking(std::size_t size) {
  std::string text = R"({"type":"ping"})";
  return text.append(size > text.size() ? size - text.size() : 0, ' ');
}

/// A message of one string, which is refused by name as long as it is well-formed UTF-8.
std::string saying(std::string_view text) { return "{\"type\":\"" + std::string(text) + "\"}"; }

Writes in_pieces(const std::string& bytes, std::size_t size) {
  Writes out;
  for (std::size_t at = 0; at < bytes.size(); at += size) out.push_back(bytes.substr(at, size));
  return out;
}

/// One message in frames of so many bytes.
std::string fragments(const std::string& message, std::size_t size, std::string_view between = {}) {
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += size) {
    const bool last = at + size >= message.size();
    out += ws_frame(at == 0 ? kText : Opcode::continuation, message.substr(at, size), {.fin = last});
    if (!last) out += between;
  }
  return out;
}

std::string text_frame(const std::string& message) { return ws_frame(kText, message); }

// ---- 1 framing ------------------------------------------------------------------------------------------------------

void add_framing(Cases& cases) {
  for (const std::size_t size : {15, 16, 125, 126, 127, 128, 1000, 4096, 65535, 65536})
    cases.push_back({"1.1 text of " + std::to_string(size), {text_frame(asking(size))}, "pong open"});
  cases.push_back({"1.1 text of 0", {text_frame("")}, "close(1007)"});
  for (const std::size_t piece : {1, 7, 997, 1460, 32768})
    cases.push_back({"1.1 text of 65536 written in pieces of " + std::to_string(piece),
                     in_pieces(text_frame(asking(piece == 1 ? 300 : 65536)), piece), "pong open"});
  for (const std::size_t size : {0, 1, 125, 126, 127, 128, 65535, 65536})
    cases.push_back({"1.2 binary of " + std::to_string(size),
                     {ws_frame(Opcode::binary, std::string(size, '\xFE'))},
                     "close(1003)"});
  cases.push_back({"1.2 binary in two frames",
                   {ws_frame(Opcode::binary, "\xFE\xFE", kFragment) + ws_frame(Opcode::continuation, "\xFE")},
                   "close(1003)"});
  cases.push_back(
      {"1.3 length in 8 bytes where 2 would do", {ws_frame(kText, asking(200), {.length_bytes = 8})}, "close(1002)"});
  cases.push_back({"1.3 length in 2 bytes where none would do",
                   {ws_frame(kText, asking(100), {.length_bytes = 2})},
                   "close(1002)"});
  cases.push_back({"1.3 length in 8 bytes where none would do",
                   {ws_frame(kText, asking(100), {.length_bytes = 8})},
                   "close(1002)"});
  for (const auto opcode : {Opcode::text, Opcode::ping, Opcode::pong, Opcode::close})
    cases.push_back({"1.4 an unmasked frame of opcode " + std::to_string(static_cast<int>(opcode)),
                     {ws_frame(opcode, opcode == kText ? asking(15) : std::string(), {.masked = false})},
                     "close(1002)"});
  cases.push_back({"1.5 many messages in one write",
                   {text_frame(asking(15)) + text_frame(asking(200)) + text_frame(asking(15))},
                   "pong pong pong open"});
}

// ---- 2 pings and pongs ----------------------------------------------------------------------------------------------

void add_pings(Cases& cases) {
  const std::string odd = std::string("\x00\xFF\xFE\xFD\x0A\r\n", 7);
  const std::string full(125, '\xFE');
  cases.push_back({"2.1 an empty ping", {ws_frame(Opcode::ping, "")}, "PONG() open"});
  cases.push_back({"2.2 a ping of text", {ws_frame(Opcode::ping, "Hello")}, "PONG(Hello) open"});
  cases.push_back({"2.3 a ping of bytes", {ws_frame(Opcode::ping, odd)}, "PONG(" + odd + ") open"});
  cases.push_back({"2.4 a ping of 125", {ws_frame(Opcode::ping, full)}, "PONG(" + full + ") open"});
  cases.push_back({"2.5 a ping of 126", {ws_frame(Opcode::ping, full + "x")}, "close(1002)"});
  cases.push_back({"2.5 a pong of 126", {ws_frame(Opcode::pong, full + "x")}, "close(1002)"});
  cases.push_back({"2.5 a ping whose short length is written long",
                   {ws_frame(Opcode::ping, "x", {.length_bytes = 2})},
                   "close(1002)"});
  cases.push_back({"2.6 a ping byte by byte", in_pieces(ws_frame(Opcode::ping, full), 1), "PONG(" + full + ") open"});
  cases.push_back({"2.7 a pong nobody asked for", {ws_frame(Opcode::pong, "")}, "open"});
  cases.push_back({"2.8 a pong with a payload", {ws_frame(Opcode::pong, "unasked")}, "open"});
  cases.push_back({"2.9 a pong, then a ping",
                   {ws_frame(Opcode::pong, "unasked") + ws_frame(Opcode::ping, "asked")},
                   "PONG(asked) open"});
  std::string pings, pongs;
  for (int i = 0; i < 10; ++i) {
    pings += ws_frame(Opcode::ping, "p" + std::to_string(i));
    pongs += "PONG(p" + std::to_string(i) + ") ";
  }
  cases.push_back({"2.10 ten pings in one write", {pings}, pongs + "open"});
  cases.push_back({"2.11 ten pings byte by byte", in_pieces(pings, 1), pongs + "open"});
}

// ---- 3 reserved bits ------------------------------------------------------------------------------------------------

void add_reserved_bits(Cases& cases) {
  for (int bits = 1; bits <= 7; ++bits) {
    const FrameShape shape{.reserved = bits};
    const std::string name = "3." + std::to_string(bits) + " reserved bits " + std::to_string(bits);
    cases.push_back({name + " in a text", {ws_frame(kText, asking(15), shape)}, "close(1002)"});
    cases.push_back(
        {name + " after a message", {text_frame(asking(15)) + ws_frame(kText, asking(15), shape)}, "pong close(1002)"});
    cases.push_back({name + " in a ping", {ws_frame(Opcode::ping, "x", shape)}, "close(1002)"});
    cases.push_back({name + " in a close", {ws_frame(Opcode::close, close_payload(1000), shape)}, "close(1002)"});
    cases.push_back({name + " in a continuation",
                     {ws_frame(kText, "{", kFragment) + ws_frame(Opcode::continuation, "}", shape)},
                     "close(1002)"});
  }
}

// ---- 4 opcodes ------------------------------------------------------------------------------------------------------

void add_opcodes(Cases& cases) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    const std::string name = "4 reserved opcode " + std::to_string(opcode);
    cases.push_back({name, {ws_frame(opcode, "")}, "close(1002)"});
    cases.push_back({name + " with a payload", {ws_frame(opcode, "reserved")}, "close(1002)"});
    cases.push_back({name + " after a message", {text_frame(asking(15)) + ws_frame(opcode, "")}, "pong close(1002)"});
  }
}

// ---- 5 fragmentation ------------------------------------------------------------------------------------------------

void add_fragmentation(Cases& cases) {
  const std::string message = asking(15), ping = ws_frame(Opcode::ping, "mid");
  const std::string first = ws_frame(kText, "{\"type\":", kFragment);
  const std::string last = ws_frame(Opcode::continuation, "\"ping\"}");
  cases.push_back({"5.1 a ping in two frames",
                   {ws_frame(Opcode::ping, "a", kFragment) + ws_frame(Opcode::continuation, "b")},
                   "close(1002)"});
  cases.push_back({"5.2 a pong in two frames",
                   {ws_frame(Opcode::pong, "a", kFragment) + ws_frame(Opcode::continuation, "b")},
                   "close(1002)"});
  cases.push_back({"5.2 a close in two frames",
                   {ws_frame(Opcode::close, "\x03", kFragment) + ws_frame(Opcode::continuation, "\xE8")},
                   "close(1002)"});
  cases.push_back({"5.3 a text in two frames, one write", {first + last}, "pong open"});
  cases.push_back({"5.4 a text in two frames, two writes", {first, last}, "pong open"});
  cases.push_back({"5.5 a text in two frames, byte by byte", in_pieces(first + last, 1), "pong open"});
  cases.push_back({"5.6 a ping between two frames, one write", {first + ping + last}, "PONG(mid) pong open"});
  cases.push_back({"5.7 a ping between two frames, three writes", {first, ping, last}, "PONG(mid) pong open"});
  cases.push_back(
      {"5.8 a ping between two frames, byte by byte", in_pieces(first + ping + last, 1), "PONG(mid) pong open"});
  for (const bool fin : {true, false}) {
    const std::string end = fin ? "final" : "unfinished";
    const std::string stray = ws_frame(Opcode::continuation, "non-continuation payload", {.fin = fin});
    cases.push_back({"5.9 a " + end + " continuation of nothing", {stray + text_frame(message)}, "close(1002)"});
    cases.push_back({"5.11 a " + end + " continuation of nothing, byte by byte",
                     in_pieces(stray + text_frame(message), 1), "close(1002)"});
    cases.push_back(
        {"5.15 a " + end + " continuation behind a whole message", {first + last + stray}, "pong close(1002)"});
    cases.push_back({"5.16 a " + end + " continuation of nothing, empty",
                     {ws_frame(Opcode::continuation, "", {.fin = fin})},
                     "close(1002)"});
  }
  cases.push_back({"5.18 a text within a text", {first + ws_frame(kText, "fragment2")}, "close(1002)"});
  cases.push_back({"5.18 an unfinished text within a text", {first + first}, "close(1002)"});
  cases.push_back({"5.18 a binary within a text", {first + ws_frame(Opcode::binary, "x")}, "close(1002)"});
  cases.push_back({"5.19 five frames with pings between them",
                   {fragments(message, 3, ping)},
                   "PONG(mid) PONG(mid) PONG(mid) PONG(mid) pong open"});
  cases.push_back({"5.20 the same, byte by byte", in_pieces(fragments(message, 3, ping), 1),
                   "PONG(mid) PONG(mid) PONG(mid) PONG(mid) pong open"});
  cases.push_back({"5.21 a pong between two frames", {first + ws_frame(Opcode::pong, "x") + last}, "pong open"});
  cases.push_back({"5.22 a message of 300 frames of a byte", {fragments(asking(300), 1)}, "pong open"});
  cases.push_back({"5.23 empty frames within a message",
                   {ws_frame(kText, "", kFragment) + ws_frame(Opcode::continuation, "", kFragment) +
                    ws_frame(Opcode::continuation, message, kFragment) + ws_frame(Opcode::continuation, "")},
                   "pong open"});
  cases.push_back(
      {"5.24 a close within a message", {first + ws_frame(Opcode::close, close_payload(1000))}, "close(1000)"});
}

// ---- 6 UTF-8 --------------------------------------------------------------------------------------------------------

using Named = std::vector<std::pair<const char*, std::string>>;

const Named& valid_texts() {
  static const Named all = {
      {"6.2 five accented letters", "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!"},
      {"6.5 kosme", "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5"},
      {"6.6 the first of two bytes", "\xC2\x80"},
      {"6.6 the last of two bytes", "\xDF\xBF"},
      {"6.7 the first of three bytes", "\xE0\xA0\x80"},
      {"6.7 the last of three bytes", "\xEF\xBF\xBF"},
      {"6.8 the first of four bytes", "\xF0\x90\x80\x80"},
      {"6.9 the last of four bytes", "\xF4\x8F\xBF\xBF"},
      {"6.10 U+D7FF, below the surrogates", "\xED\x9F\xBF"},
      {"6.10 U+E000, above the surrogates", "\xEE\x80\x80"},
      {"6.11 U+FFFD", "\xEF\xBF\xBD"},
      {"6.22 U+FFFE, no character", "\xEF\xBF\xBE"},
      {"6.22 U+1FFFE, no character", "\xF0\x9F\xBF\xBE"},
      {"6.22 U+10FFFE, no character", "\xF4\x8F\xBF\xBE"},
      {"6.23 U+FDD0, no character", "\xEF\xB7\x90"},
      {"6.23 a flag of two code points", "\xF0\x9F\x87\xAA\xF0\x9F\x87\xBA"},
  };
  return all;
}

const Named& invalid_texts() {
  static const Named all = {
      {"6.3 a byte F4 90, beyond Unicode", "\xCE\xBA\xF4\x90\x80\x80-edited"},
      {"6.3 a surrogate in the middle", "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80-edited"},
      {"6.12 a continuation byte 80", "\x80"},
      {"6.12 a continuation byte BF", "\xBF"},
      {"6.12 seven continuation bytes", "\x80\xBF\x80\xBF\x80\xBF\x80"},
      {"6.13 C0 alone", "\xC0 "},
      {"6.13 E0 alone", "\xE0 "},
      {"6.13 F0 alone", "\xF0 "},
      {"6.13 F8 alone", "\xF8 "},
      {"6.13 FC alone", "\xFC "},
      {"6.14 two bytes, the last missing", "\xC3"},
      {"6.14 three bytes, the last missing", "\xE2\x82"},
      {"6.14 four bytes, the last missing", "\xF0\x9F\x98"},
      {"6.15 all of these behind each other", "\xC3\xE2\x82\xF0\x9F\x98"},
      {"6.16 FE", "\xFE"},
      {"6.16 FF", "\xFF"},
      {"6.16 FE FE FF FF", "\xFE\xFE\xFF\xFF"},
      {"6.17 an overlong slash of two", "\xC0\xAF"},
      {"6.17 an overlong slash of three", "\xE0\x80\xAF"},
      {"6.17 an overlong slash of four", "\xF0\x80\x80\xAF"},
      {"6.17 an overlong slash of five", "\xF8\x80\x80\x80\xAF"},
      {"6.17 an overlong slash of six", "\xFC\x80\x80\x80\x80\xAF"},
      {"6.18 the largest overlong of two", "\xC1\xBF"},
      {"6.18 the largest overlong of three", "\xE0\x9F\xBF"},
      {"6.18 the largest overlong of four", "\xF0\x8F\xBF\xBF"},
      {"6.19 an overlong NUL of two", std::string("\xC0\x80", 2)},
      {"6.19 an overlong NUL of three", std::string("\xE0\x80\x80", 3)},
      {"6.20 U+D800", "\xED\xA0\x80"},
      {"6.20 U+DB7F", "\xED\xAD\xBF"},
      {"6.20 U+DC00", "\xED\xB0\x80"},
      {"6.20 U+DFFF", "\xED\xBF\xBF"},
      {"6.21 a pair of surrogates", "\xED\xA0\x80\xED\xB0\x80"},
      {"6.21 the last pair of surrogates", "\xED\xAF\xBF\xED\xBF\xBF"},
      {"6.22 U+110000", "\xF4\x90\x80\x80"},
      {"6.22 five bytes", "\xF8\x88\x80\x80\x80"},
  };
  return all;
}

void add_utf8(Cases& cases) {
  const std::string refused = "error(validation.failed) open";
  for (const auto& [name, text] : valid_texts()) {
    cases.push_back({name, {text_frame(saying(text))}, refused});
    cases.push_back({std::string(name) + ", in frames of a byte", {fragments(saying(text), 1)}, refused});
    cases.push_back({std::string(name) + ", byte by byte", in_pieces(text_frame(saying(text)), 1), refused});
  }
  for (const auto& [name, text] : invalid_texts()) {
    cases.push_back({name, {text_frame(saying(text))}, "close(1007)"});
    cases.push_back({std::string(name) + ", in frames of a byte", {fragments(saying(text), 1)}, "close(1007)"});
  }
  const std::string half = "{\"type\":\"\xCE\xBA\xF4\x90";
  cases.push_back({"6.4 the wrong byte in an unfinished message ends it at once",
                   {ws_frame(kText, half, kFragment)},
                   "close(1007)"});
  cases.push_back({"6.4 the wrong byte in an unfinished frame ends it at once",
                   {ws_frame(kText, half, {.claimed = 60'000})},
                   "close(1007)"});
  cases.push_back({"6.4 a character cut off by the end of the message",
                   {ws_frame(kText, "\xCE", kFragment) + ws_frame(Opcode::continuation, "")},
                   "close(1007)"});
  cases.push_back({"6.1 three empty frames",
                   {ws_frame(kText, "", kFragment) + ws_frame(Opcode::continuation, "", kFragment) +
                    ws_frame(Opcode::continuation, "")},
                   "close(1007)"});
}

// ---- 7 close --------------------------------------------------------------------------------------------------------

void add_closes(Cases& cases) {
  const std::string close = ws_frame(Opcode::close, close_payload(1000));
  cases.push_back({"7.1.1 a message, then a close", {text_frame(asking(15)) + close}, "pong close(1000)"});
  cases.push_back({"7.1.2 two closes", {close + close}, "close(1000)"});
  cases.push_back({"7.1.3 a ping behind a close", {close + ws_frame(Opcode::ping, "x")}, "close(1000)"});
  cases.push_back({"7.1.4 a text behind a close", {close + text_frame(asking(15))}, "close(1000)"});
  cases.push_back({"7.1.5 a continuation behind a close",
                   {ws_frame(kText, "{", kFragment) + close + ws_frame(Opcode::continuation, "}")},
                   "close(1000)"});
  cases.push_back({"7.1.6 64 KiB, then a close, then a ping",
                   {text_frame(asking(65536)) + close + ws_frame(Opcode::ping, "x")},
                   "pong close(1000)"});
  cases.push_back({"7.3.1 a close without payload", {ws_frame(Opcode::close, "")}, "close(1000)"});
  cases.push_back({"7.3.2 a close of one byte", {ws_frame(Opcode::close, "\x03")}, "close(1002)"});
  cases.push_back(
      {"7.3.4 a close with a reason", {ws_frame(Opcode::close, close_payload(1000, "bye"))}, "close(1000)"});
  cases.push_back({"7.3.5 a close with a reason of 123",
                   {ws_frame(Opcode::close, close_payload(1000, std::string(123, '*')))},
                   "close(1000)"});
  cases.push_back({"7.3.6 a close with a reason of 124",
                   {ws_frame(Opcode::close, close_payload(1000, std::string(124, '*')))},
                   "close(1002)"});
  cases.push_back({"7.3.7 a close byte by byte", in_pieces(close, 1), "close(1000)"});
  cases.push_back({"7.5.1 a close whose reason is not UTF-8",
                   {ws_frame(Opcode::close, close_payload(1000, "\xCE\xBA\xED\xA0\x80"))},
                   "close(1002)"});
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999})
    cases.push_back({"7.7 a close with the code " + std::to_string(code),
                     {ws_frame(Opcode::close, close_payload(code))},
                     "close(" + std::to_string(code) + ")"});
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999})
    cases.push_back({"7.9 a close with the code " + std::to_string(code),
                     {ws_frame(Opcode::close, close_payload(code))},
                     "close(1002)"});
}

// ---- 9 limits -------------------------------------------------------------------------------------------------------

void add_limits(Cases& cases) {
  const std::size_t most = limits::ws_frame_bytes_max;
  cases.push_back({"9.1 a message as large as may be", {text_frame(asking(most))}, "pong open"});
  cases.push_back({"9.1 a message of a byte more", {text_frame(asking(most + 1))}, "close(1009)"});
  cases.push_back({"9.2 a message as large as may be, in frames", {fragments(asking(most), 1000)}, "pong open"});
  cases.push_back({"9.2 a message of a byte more, in frames", {fragments(asking(most + 1), 1000)}, "close(1009)"});
  cases.push_back({"9.3 the head of a frame of 1 TiB",
                   {ws_frame(kText, "{", {.length_bytes = 8, .claimed = std::uint64_t{1} << 40})},
                   "close(1009)"});
  cases.push_back({"9.3 the head of a frame of 64 KiB and a byte",
                   {ws_frame(kText, "{", {.length_bytes = 8, .claimed = most + 1})},
                   "close(1009)"});
  cases.push_back({"9.3 a length beyond 63 bits",
                   {ws_frame(kText, "{", {.length_bytes = 8, .claimed = std::uint64_t{1} << 63})},
                   "close(1009)"});
  cases.push_back({"9.4 a hundred messages in one write",
                   {[] {
                     std::string all;
                     for (int i = 0; i < 100; ++i) all += text_frame(asking(15));
                     return all;
                   }()},
                   [] {
                     std::string all;
                     for (int i = 0; i < 100; ++i) all += "pong ";
                     return all + "open";
                   }()});
}

}  // namespace

std::vector<WsCase> ws_cases() {
  Cases cases;
  add_framing(cases);
  add_pings(cases);
  add_reserved_bits(cases);
  add_opcodes(cases);
  add_fragmentation(cases);
  add_utf8(cases);
  add_closes(cases);
  add_limits(cases);
  return cases;
}

}  // namespace nexus::test
