// UTF-8 text: validity, length in code points, ASCII case folding, trimming and splitting.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// Well-formed UTF-8 (no overlong form, no surrogate, nothing above U+10FFFF).
bool is_utf8(std::string_view text);
/// Code points of valid UTF-8.
std::size_t code_points(std::string_view text);
/// Unicode NFC by utf8proc; the text must be valid UTF-8.
std::string to_nfc(std::string_view text);

/// Without case and in one spelling (NFC of Unicode's case folding): two texts that a reader takes for the same are
/// equal. The text must be valid UTF-8.
std::string fold_case(std::string_view text);

/// What a name that a gate or a filter compares may be written as: `name` holds no white space; `any_case` neither, and
/// its case is folded away; a `label` (a tag) may hold spaces and what joins the signs of a script or an emoji.
enum class NameForm { name, any_case, label };

/// The one form in which such a name is compared, made at the edge on both sides: NFKC, without white space around it.
/// Nothing where the text is no plain name: empty, or with white space, control or invisible characters inside. A
/// normal form is its own normal form. The text must be valid UTF-8.
std::optional<std::string> normal_name(std::string_view text, NameForm form = NameForm::name);

std::string lower_ascii(std::string_view text);
bool iequals_ascii(std::string_view a, std::string_view b);
std::string_view trim_ascii(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace nexus
