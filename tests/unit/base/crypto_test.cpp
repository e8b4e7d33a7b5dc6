// Digests and MACs against published vectors, and that the contexts kept for each thread carry nothing from one call to
// the next.
#include "daemon/base/crypto.hpp"

#include <set>
#include <thread>

#include "daemon/base/bytes.hpp"
#include "tests/catch.hpp"

using namespace nexus;

namespace {

// RFC 4231, test cases 1, 2 and 6.
const std::string kLongKey(131, '\xAA');
struct Vector {
  std::string key, data, mac;
};
const Vector kVectors[] = {
    {std::string(20, '\x0B'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {kLongKey, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};
const std::string kEmptyKeyMac = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";  // of ""

void check_all() {
  for (const Vector& vector : kVectors) {
    CHECK(hex(hmac_sha256(vector.key, vector.data)) == vector.mac);
    CHECK(hex(hmac_sha256({}, {})) == kEmptyKeyMac);
  }
}

}  // namespace

TEST_CASE("HMAC-SHA-256 meets RFC 4231 and forgets its last key") { check_all(); }

TEST_CASE("a thread of its own gets the same MACs") {
  std::string mac;
  std::thread([&] { mac = hex(hmac_sha256(kVectors[1].key, kVectors[1].data)); }).join();
  CHECK(mac == kVectors[1].mac);
}

TEST_CASE("a digest does not depend on the one before it") {
  const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  CHECK(sha256_hex({}) == empty);
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex({}) == empty);
  Sha256 running;
  running.update("a");
  CHECK(sha256_hex({}) == empty);
  running.update("bc");
  CHECK(hex(running.finish()) == sha256_hex("abc"));
}

TEST_CASE("randomness is never given out twice") {
  std::set<std::string> drawn;
  const auto draw = [&](std::size_t count) {
    std::string bytes(count, '\0');
    draw_random(bytes.data(), bytes.size());
    return drawn.insert(bytes).second;
  };
  for (int i = 0; i < 2000; ++i) CHECK(draw(16 + static_cast<std::size_t>(i) % 9));  // across many fillings
  bool is_new = false;
  std::thread([&] { is_new = draw(16); }).join();
  CHECK(is_new);
}
