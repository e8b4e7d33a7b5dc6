#include "daemon/base/etag.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

template <class Equals>
bool any_tag(std::string_view header, Equals equals) {
  if (trim_ascii(header) == "*") return true;
  return std::ranges::any_of(split(header, ','), [&](std::string_view tag) { return equals(trim_ascii(tag)); });
}

}  // namespace

bool if_none_match_names(std::string_view header, std::string_view etag) {
  return any_tag(header, [&](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag == etag;
  });
}

bool if_match_names(std::string_view header, std::string_view etag) {
  return any_tag(header, [&](std::string_view tag) { return tag == etag; });
}

}  // namespace nexus
