// The head of an HTTP request, after the head gate let it pass. Plain data: no socket, no body.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexus {

struct RequestHead {
  std::string method;
  std::string target;                                       // as sent: path and query
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, in order of arrival
  std::uint64_t content_length = 0;
  bool has_body = false;  // a Content-Length above 0
  bool keep_alive = true;
  bool takes_chunks = true;  // HTTP/1.1
  bool expects_continue = false;

  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  /// Without the question mark.
  std::string_view query() const {
    const std::size_t at = target.find('?');
    return at == std::string::npos ? std::string_view{} : std::string_view(target).substr(at + 1);
  }
  /// The value of a field by its lower-case name; nullptr when absent.
  const std::string* find(std::string_view name) const {
    for (const auto& [key, value] : fields)
      if (key == name) return &value;
    return nullptr;
  }
};

}  // namespace nexus
