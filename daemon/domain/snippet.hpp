// The part of a text that shows best why it was found: plain text on one line, found words between marks where wanted.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "store/card_search.hpp"

namespace nexus::domain {

struct SnippetStyle {
  std::size_t bytes_max = 240;  // of the text, before marks and ellipses
  bool marks = true;            // **found**; asterisks of the text itself are left out, so that marks are no other's
};

/// The stretch with most of the phrases in it, cut between words, `…` where something was cut off; the beginning of the
/// text where nothing of them is in its first 64 KiB. `text` must be valid UTF-8.
std::string snippet(std::string_view text, const std::vector<store::SearchPhrase>& phrases, SnippetStyle style = {});

}  // namespace nexus::domain
