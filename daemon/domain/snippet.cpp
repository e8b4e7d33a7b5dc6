#include "daemon/domain/snippet.hpp"

#include <algorithm>

#include "daemon/base/words.hpp"

namespace nexus::domain {
namespace {

constexpr std::size_t kScannedBytes = 64 * 1024;
constexpr std::size_t kWordsBefore = 6;  // shown before the first found word

/// A word of the text that belongs to an occurrence of a phrase.
struct Found {
  std::size_t word;
  std::size_t phrase;
};

bool occurs_at(const std::vector<Word>& words, std::size_t at, const store::SearchPhrase& phrase) {
  if (at + phrase.words.size() > words.size()) return false;
  for (std::size_t i = 0; i < phrase.words.size(); ++i) {
    const bool last = i + 1 == phrase.words.size();
    const std::string& word = words[at + i].folded;
    if (last && phrase.prefix ? !word.starts_with(phrase.words[i]) : word != phrase.words[i]) return false;
  }
  return true;
}

/// The found words, in the order of the text.
std::vector<Found> find_all(const std::vector<Word>& words, const std::vector<store::SearchPhrase>& phrases) {
  std::vector<Found> found;
  for (std::size_t at = 0; at < words.size(); ++at)
    for (std::size_t p = 0; p < phrases.size(); ++p)
      if (occurs_at(words, at, phrases[p]))
        for (std::size_t i = 0; i < phrases[p].words.size(); ++i) found.push_back({at + i, p});
  std::ranges::stable_sort(found, {}, &Found::word);
  return found;
}

/// The found word that begins the best stretch of `bytes`: most different phrases, then most words, then the first.
std::size_t best_start(const std::vector<Word>& words, const std::vector<Found>& found, std::size_t phrases,
                       std::size_t bytes) {
  std::vector<std::size_t> inside(phrases, 0);
  std::size_t end = 0, kinds = 0, best = 0;
  std::pair<std::size_t, std::size_t> most{0, 0};
  for (std::size_t start = 0; start < found.size(); ++start) {
    for (; end < found.size() && words[found[end].word].end <= words[found[start].word].begin + bytes; ++end)
      if (inside[found[end].phrase]++ == 0) ++kinds;
    if (std::pair(kinds, end - start) > most) {
      most = {kinds, end - start};
      best = found[start].word;
    }
    if (end > start && --inside[found[start].phrase] == 0) --kinds;
    end = std::max(end, start + 1);
  }
  return best;
}

bool is_blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }

/// Appends the text on one line: a run of blanks and control characters becomes one space.
void append_plain(std::string& out, std::string_view text, bool marks) {
  for (const char c : text) {
    if (marks && c == '*') continue;
    if (!is_blank(c))
      out.push_back(c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
}

/// The start of the character at `at`.
std::size_t floor_of_character(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

struct Stretch {
  std::size_t begin, end;
};

/// The stretch from some words before the found one to as much as fits, cut after a word if possible.
Stretch stretch_from(std::string_view text, const std::vector<Word>& words, std::size_t start, std::size_t bytes) {
  std::size_t first = start;
  while (first > 0 && start - first < kWordsBefore && words[start].end - words[first - 1].begin < bytes / 2) --first;
  Stretch out{first == 0 ? 0 : words[first].begin, 0};
  if (words[start].end - out.begin > bytes) out.begin = words[start].begin;
  out.end = std::min(text.size(), out.begin + bytes);
  if (out.end == text.size()) return out;
  const auto behind = std::ranges::partition_point(words, [&](const Word& word) { return word.end <= out.end; });
  const std::size_t last_end = behind == words.begin() ? 0 : std::prev(behind)->end;
  out.end = last_end > out.begin ? last_end : floor_of_character(text, out.end);
  return out;
}

}  // namespace

std::string snippet(std::string_view text, const std::vector<store::SearchPhrase>& phrases, SnippetStyle style) {
  const std::string_view scanned = text.substr(0, floor_of_character(text, std::min(text.size(), kScannedBytes)));
  const std::vector<Word> words = words_of(scanned);
  const std::vector<Found> found = find_all(words, phrases);
  Stretch stretch{0, floor_of_character(text, std::min(text.size(), style.bytes_max))};
  if (!words.empty()) {
    const std::size_t start = found.empty() ? 0 : best_start(words, found, phrases.size(), style.bytes_max);
    stretch = stretch_from(text, words, start, style.bytes_max);
  }
  std::string out;
  std::size_t at = stretch.begin;
  for (const Found& one : found) {
    const Word& word = words[one.word];
    if (!style.marks || word.begin < at || word.end > stretch.end) continue;
    const bool goes_on = at != stretch.begin && word.begin == at;  // of C++, and of scripts without spaces
    if (goes_on) out.resize(out.size() - std::string_view("**").size());
    append_plain(out, text.substr(at, word.begin - at), style.marks);
    out.append(goes_on ? "" : "**").append(text.substr(word.begin, word.end - word.begin)).append("**");
    at = word.end;
  }
  append_plain(out, text.substr(at, stretch.end - at), style.marks);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return (stretch.begin > 0 ? "…" : "") + out + (stretch.end < text.size() ? "…" : "");
}

}  // namespace nexus::domain
