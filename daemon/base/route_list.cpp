#include "daemon/base/route_list.hpp"

#include <algorithm>
#include <string>

namespace nexus {
namespace {

std::string upper(std::string word) {
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return word;
}

/// An older daemon says the role alone.
Json role_of(const Json& operation) {
  for (const char* key : {"x-nexus-access", "x-nexus-role"})
    if (const auto said = operation.find(key); said != operation.end()) return *said;
  return nullptr;
}

Json member(const Json& operation, const char* key, const Json& otherwise) {
  const auto found = operation.find(key);
  return found == operation.end() ? otherwise : *found;
}

}  // namespace

std::vector<Json> routes_of(const Json& openapi) {
  std::vector<Json> routes;
  for (const auto& [path, operations] : openapi.at("paths").items())
    for (const auto& [method, operation] : operations.items())
      routes.push_back({{"method", upper(method)},
                        {"path", path},
                        {"role", role_of(operation)},
                        {"action", member(operation, "x-nexus-action", nullptr)},
                        {"surface", member(operation, "x-nexus-surface", nullptr)},
                        {"policy", member(operation, "x-nexus-policy", nullptr)},
                        {"gates", member(operation, "x-nexus-gates", Json::array())},
                        {"limits", member(operation, "x-nexus-limits", Json::object())},
                        {"summary", member(operation, "summary", nullptr)}});
  return routes;
}

}  // namespace nexus
