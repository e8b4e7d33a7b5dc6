#include "daemon/domain/snippet.hpp"

#include <algorithm>

#include "daemon/base/words.hpp"

namespace nexus::domain {
namespace {

constexpr std::size_t kScannedBytes = 64 * 1024;
constexpr std::size_t kWordsBefore = 6;  // shown before the first found word
constexpr std::size_t kStretchesMax = 3;
constexpr std::size_t kStretchAtLeast = 24;  // bytes; a shorter one shows nothing around its word

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
  std::vector<std::size_t> ends(phrases.size(), 0);  // of the last occurrence: those that overlap share words
  for (std::size_t at = 0; at < words.size(); ++at)
    for (std::size_t p = 0; p < phrases.size(); ++p) {
      if (!occurs_at(words, at, phrases[p])) continue;
      for (std::size_t word = std::max(at, ends[p]); word < at + phrases[p].words.size(); ++word)
        found.push_back({word, p});
      ends[p] = at + phrases[p].words.size();
    }
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
Stretch stretch_from(std::string_view text, const std::vector<Word>& words, std::size_t start, std::size_t bytes,
                     std::size_t words_before = kWordsBefore) {
  std::size_t first = start;
  while (first > 0 && start - first < words_before && words[start].end - words[first - 1].begin < bytes / 2) --first;
  Stretch out{first == 0 ? 0 : words[first].begin, 0};
  if (words[start].end - out.begin > bytes) out.begin = words[start].begin;
  out.end = std::min(text.size(), out.begin + bytes);
  if (out.end == text.size()) return out;
  const auto behind = std::ranges::partition_point(words, [&](const Word& word) { return word.end <= out.end; });
  const std::size_t last_end = behind == words.begin() ? 0 : std::prev(behind)->end;
  out.end = last_end > out.begin ? last_end : floor_of_character(text, out.end);
  return out;
}

/// Takes out the words of every phrase of which the stretch shows something.
void drop_shown(std::vector<Found>& found, const std::vector<Word>& words, const Stretch& stretch) {
  std::vector<std::size_t> shown;  // phrases, each once
  const auto is_shown = [&](const Found& one) { return std::ranges::find(shown, one.phrase) != shown.end(); };
  for (const Found& one : found) {
    const bool inside = words[one.word].begin >= stretch.begin && words[one.word].end <= stretch.end;
    if (inside && !is_shown(one)) shown.push_back(one.phrase);
  }
  std::erase_if(found, is_shown);
}

/// Stretches that meet become one.
std::vector<Stretch> joined(std::vector<Stretch> stretches) {
  std::ranges::sort(stretches, {}, &Stretch::begin);
  std::vector<Stretch> out;
  for (const Stretch& one : stretches)
    if (!out.empty() && one.begin <= out.back().end + 1)
      out.back().end = std::max(out.back().end, one.end);
    else
      out.push_back(one);
  return out;
}

/// As few stretches as show something of every phrase, together of at most `bytes`: one, with words before it if there
/// is room, or several short ones.
std::vector<Stretch> best_stretches(std::string_view text, const std::vector<Word>& words,
                                    const std::vector<Found>& found, std::size_t phrases, std::size_t bytes) {
  const std::size_t start = found.empty() ? 0 : best_start(words, found, phrases, bytes);
  const Stretch best = stretch_from(text, words, start, bytes);
  for (const std::size_t before : {kWordsBefore, std::size_t{0}}) {
    const Stretch one = stretch_from(text, words, start, bytes, before);
    auto left = found;
    drop_shown(left, words, one);
    if (left.empty()) return {one};
  }
  std::vector<Stretch> out = {best};
  for (std::size_t count = 2; count <= kStretchesMax && bytes / count >= kStretchAtLeast; ++count) {
    auto left = found;
    out.clear();
    while (out.size() < count && !left.empty()) {
      out.push_back(stretch_from(text, words, best_start(words, left, phrases, bytes / count), bytes / count));
      drop_shown(left, words, out.back());
    }
    if (left.empty()) break;
  }
  return joined(std::move(out));
}

/// The text of a stretch, its found words marked on request.
std::string shown(std::string_view text, const std::vector<Word>& words, const std::vector<Found>& found,
                  const Stretch& stretch, bool marks) {
  std::string out;
  std::size_t at = stretch.begin;
  for (const Found& one : found) {
    const Word& word = words[one.word];
    if (!marks || word.begin < at || word.end > stretch.end) continue;
    const bool goes_on = at != stretch.begin && word.begin == at;  // of C++, and of scripts without spaces
    if (goes_on) out.resize(out.size() - std::string_view("**").size());
    append_plain(out, text.substr(at, word.begin - at), marks);
    out.append(goes_on ? "" : "**").append(text.substr(word.begin, word.end - word.begin)).append("**");
    at = word.end;
  }
  append_plain(out, text.substr(at, stretch.end - at), marks);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::string snippet(std::string_view text, const std::vector<store::SearchPhrase>& phrases, SnippetStyle style) {
  const std::string_view scanned = text.substr(0, floor_of_character(text, std::min(text.size(), kScannedBytes)));
  const std::vector<Word> words = words_of(scanned);
  const std::vector<Found> found = find_all(words, phrases);
  std::vector<Stretch> stretches = {Stretch{0, floor_of_character(text, std::min(text.size(), style.bytes_max))}};
  if (!words.empty()) stretches = best_stretches(text, words, found, phrases.size(), style.bytes_max);
  std::string out = stretches.front().begin > 0 ? "…" : "";
  for (const Stretch& stretch : stretches) {
    if (&stretch != &stretches.front()) out += " … ";
    out += shown(text, words, found, stretch, style.marks);
  }
  return out + (stretches.back().end < text.size() ? "…" : "");
}

}  // namespace nexus::domain
