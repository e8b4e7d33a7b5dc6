// One libcurl handle, prepared for nexusctl. Only this part includes <curl/curl.h>; client.cpp (requests and answers)
// and rails/curl_stream.cpp (a bare connection for streams) use it. Decides who is trusted, which proxy is used and how
// a failure is described. Blocking calls; one thread.
#pragma once
#include <curl/curl.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "cli/engine/client.hpp"

namespace nexus::cli {

class HttpHandle {
 public:
  /// Throws std::runtime_error when libcurl cannot be set up.
  HttpHandle();

  CURL* get() const { return handle_.get(); }

  /// Throws std::logic_error for an option that this libcurl does not know.
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK)
      throw std::logic_error("libcurl does not take option " + std::to_string(option));
  }

  /// Forgets all options of the previous exchange (its connections stay) and points to `exchange.url`: only HTTP/1.1,
  /// certificates verified, no redirect, no decoding. `left` bounds the whole exchange; zero means no bound.
  void aim(const Exchange& exchange, std::chrono::milliseconds left);

  /// The error to throw when libcurl gave up with `code`. `sent`: the server may have seen the request.
  TransportError failure(CURLcode code, const Exchange& exchange, bool sent) const;

 private:
  struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<CURL, Cleanup> handle_;
  std::array<char, CURL_ERROR_SIZE> detail_{};  // libcurl's own words for the last failure
};

}  // namespace nexus::cli
