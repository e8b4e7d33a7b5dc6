// SHA-256, HMAC-SHA-256, randomness and constant-time comparison, all by OpenSSL; no cryptography of our own.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace nexus {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view data);
std::string sha256_hex(std::string_view data);
Digest hmac_sha256(std::string_view key, std::string_view data);

/// A running SHA-256. Movable, not copyable. After `finish` only `begin` may be called, which starts another one.
class Sha256 {
 public:
  Sha256();
  void begin();
  void update(std::string_view data);
  Digest finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// `count` bytes from the system's generator; throws std::runtime_error when it fails.
std::string random_bytes(std::size_t count);

/// The same from a supply of this thread, which is filled 4 KiB at a time: a call of the generator costs more than what
/// it draws. For ids, nonces and marks; keys and tokens are drawn directly, so that none ever waits in memory. A fork
/// would draw the same bytes again: the daemon never forks.
void draw_random(void* out, std::size_t count);

/// Compares length and content, in a time that depends on the lengths alone.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace nexus
