#include "daemon/rails/sse_bytes.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"

namespace nexus::rails {

std::string sse_retry() {
  const std::string bytes = random_bytes(2);
  const int drawn = static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1]);
  return "retry: " + std::to_string(1000 + drawn % 2001) + "\n";
}

std::string sse_close(const Close& close) {
  const Json data = make_object({{"code", close.code}, {"reason", close.reason}});
  return sse_retry() + "event: close\ndata: " + to_text(data) + std::string(kSseEnd);
}

}  // namespace nexus::rails
