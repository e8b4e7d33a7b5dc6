// The parts of a text that best show why it was found: plain text on one line, with found words marked on request.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "store/card_search.hpp"

namespace nexus::domain {

struct SnippetStyle {
  std::size_t bytes_max = 240;  // of the text, without marks and ellipses
  bool marks = true;            // **found**; the text's own asterisks are left out, so that every mark is ours
};

/// The stretch with most of the phrases, cut between words, with `…` where text was cut off. Where one stretch does not
/// show all that was found, up to three short ones that stand far apart. Without a phrase in the first 64 KiB, the
/// beginning of the text. `text` must be valid UTF-8.
std::string snippet(std::string_view text, const std::vector<store::SearchPhrase>& phrases, SnippetStyle style = {});

}  // namespace nexus::domain
