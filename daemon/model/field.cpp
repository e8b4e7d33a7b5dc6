#include "daemon/model/field.hpp"

#include <algorithm>

#include "daemon/base/ids.hpp"

namespace nexus::model {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_action_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && is_lower(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool has_no_comma(std::string_view text) { return text.find(',') == std::string_view::npos; }

bool is_client_id_text(std::string_view text) { return is_client_id(text); }
bool is_surface_or_all(std::string_view text) { return text == "*" || is_client_id(text); }
bool is_action_or_all(std::string_view text) { return text == "*" || is_action_name(text); }

}  // namespace nexus::model
