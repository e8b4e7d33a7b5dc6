#include "daemon/http/net/sender.hpp"

#include <unistd.h>

#include <algorithm>

#include "daemon/base/problem.hpp"
#include "daemon/http/net/session.hpp"
#include "daemon/http/net/wire.hpp"

namespace nexus::http::net {
namespace {

using asio::awaitable;

constexpr std::size_t kFilePieceBytes = 256 * 1024;
constexpr std::size_t kStreamPieceBytes = 1024 * 1024;  // about a page of an export

}  // namespace

std::size_t bytes_held(const Response& response) {
  if (response.file) return static_cast<std::size_t>(std::min<std::uint64_t>(response.file->length, kFilePieceBytes));
  return response.stream ? kStreamPieceBytes : response.body.size();
}

awaitable<void> Sender::send(Response& response, bool keep_alive, bool head_only, const std::string& line,
                             HeldBytes::Part& held) {
  const std::string head = head_text(response, keep_alive);
  const auto body = head_only || response.file ? asio::const_buffer() : asio::buffer(response.body);
  co_await channel_.write(asio::buffer(head), body, held);
  if (response.stream && !head_only) co_await send_stream(response, line, held);
  if (response.file && !head_only) co_await send_file(*response.file, line, held);
  std::exchange(response, {});
  held.release();
}

awaitable<void> Sender::send_file(FileBody& file, const std::string& line, HeldBytes::Part& held) {
  std::string piece;
  while (file.length > 0) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(file.length, kFilePieceBytes));
    ssize_t got = 0;
    const FairExecutor::Task read = [&] {
      piece.resize(want);
      got = ::pread(file.fd.get(), piece.data(), want, static_cast<off_t>(file.offset));
    };
    co_await run_on(storage_, line, read, channel_.executor());
    if (got <= 0) throw Gone{};  // shorter than announced: the connection must be cut
    co_await channel_.write(asio::buffer(piece.data(), static_cast<std::size_t>(got)), {}, held);
    file.offset += static_cast<std::uint64_t>(got);
    file.length -= static_cast<std::uint64_t>(got);
  }
}

awaitable<void> Sender::send_stream(Response& response, const std::string& line, HeldBytes::Part& held) {
  std::string piece, size;
  bool more = true;
  const FairExecutor::Task pull = [&] { more = response.stream(piece); };
  while (more) {
    piece.clear();
    try {
      co_await run_on(storage_, line, pull, channel_.executor());
    } catch (const Problem&) {  // reported where it was thrown: the connection must be cut
      throw Gone{};
    }
    if (piece.empty()) continue;
    if (response.chunked) {
      size = chunk_head(piece.size());
      piece += "\r\n";
    }
    co_await channel_.write(asio::buffer(size), asio::buffer(piece), held);
  }
  static constexpr std::string_view last = "0\r\n\r\n";
  if (response.chunked) co_await channel_.write(asio::buffer(last), {}, held);
}

}  // namespace nexus::http::net
