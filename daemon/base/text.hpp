// UTF-8 text: validity, length in code points, ASCII case folding, trimming and splitting.
#pragma once
#include <concepts>
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

/// The forms of names that a gate or a filter compares. `name` contains no white space. `any_case` is like `name` with
/// case folded. A `label` (a tag) may contain spaces and the joiners of scripts and emoji.
enum class NameForm { name, any_case, label };

/// Returns the normal form in which such names are compared: NFKC without surrounding white space. Both sides are
/// normalised when they enter the daemon. Returns nothing if the text is empty, or has white space, control or
/// invisible characters inside. Idempotent. The text must be valid UTF-8.
std::optional<std::string> normal_name(std::string_view text, NameForm form = NameForm::name);

/// Letters and digits of ASCII.
bool is_alphanumeric(char c);
/// Whether the text is not empty and holds nothing but these and `others`.
bool is_alphanumeric(std::string_view text, std::string_view others);
std::string lower_ascii(std::string_view text);
bool iequals_ascii(std::string_view a, std::string_view b);
std::string_view trim_ascii(std::string_view text);
/// The first control byte of ASCII (below 0x20, or 0x7F) from `at` on; the size of the text when there is none.
std::size_t find_control(std::string_view text, std::size_t at = 0);
std::vector<std::string_view> split(std::string_view text, char separator);
/// A temporary text would end before its pieces are read.
template <std::same_as<std::string> Text>
std::vector<std::string_view> split(Text&& text, char separator) = delete;

}  // namespace nexus
