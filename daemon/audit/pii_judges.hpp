// What a match of a pattern must be to count as personal data: by its neighbours, check digits, address ranges and the
// words around it. A judge may shorten its match. All are linear in the match and a bounded part of the text around it.
#pragma once
#include <string_view>

namespace nexus::audit {

/// A match on its way through a judge, which may shorten it.
struct Found {
  std::string_view text;
  std::size_t begin, end;
  std::string_view str() const { return text.substr(begin, end - begin); }
};

/// A payment card's digits (pii.hpp), in groups where dots part them.
bool judge_card(Found& found);
/// Addresses of IPv4 and IPv6, unless loopback, private or for documentation; no versions of software.
bool judge_v4(Found& found);
bool judge_v6(Found& found);
/// +49 30 1234567, 0049 30 1234567, 030 1234567
bool judge_dialled(Found& found);
/// What stands alone, as no part of a longer word or number.
bool judge_alone(Found& found);
/// Postal codes: British, Canadian and Irish ones in any case; Dutch; Irish; of the United States behind a comma.
bool judge_any_case(Found& found);
bool judge_dutch(Found& found);
bool judge_irish(Found& found);
bool judge_state(Found& found);

}  // namespace nexus::audit
