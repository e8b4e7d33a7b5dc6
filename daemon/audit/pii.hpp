// Finds, names and masks personal data in events before they are written. Knows email addresses, phone numbers, payment
// cards (with their check digit), public IP addresses and postal codes in a country's full form.
//
// Texts are read as people read them: percent-encoding and full-width forms are decoded first. Our own data is
// recognised by its form: UUIDs, RFC 3339 times and digests are skipped everywhere, our ids under their own names,
// where we gave the names: a client may call anything `user_id`. Other JSON numbers are quantities, in which only
// payment cards are searched. Time is linear in the text: RE2, and every pattern has a maximum length. At most
// pii_scan_bytes_max of one event are scanned. Text beyond that is not kept, because its content is unknown.
//
// Thread-safe. daemon/audit/events uses the findings (flags, training).
#pragma once
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/limits.hpp"

namespace nexus::audit {

enum class Pii : unsigned {
  email = 1,
  phone = 2,
  payment_card = 4,
  ip_address = 8,
  postal_code = 16,
  unscanned = 32,  // beyond the bound
};

/// The name as in `pii_flags` and in `[REDACTED:name]`.
std::string_view to_string(Pii kind);

struct PiiSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  Pii kind = Pii::email;
};

/// Of ASCII, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Returns the personal data in one text, in order and without overlap.
std::vector<PiiSpan> find_pii(std::string_view text);
/// Whether the digits of `number` are those of a payment card: brand, length and Luhn. Other characters are ignored.
bool is_payment_card(std::string_view number);

/// One text, looked over by itself. A scan of the whole event takes it as its last part.
struct PiiText {
  std::size_t bytes = 0;  // of the bound; 0 for our own data
  unsigned kinds = 0;     // of Pii
};
/// Looks at no text that is larger than the bound of one event.
PiiText look_over(std::string_view text);

/// Who chose the member names of an object. Names below its own members are always the client's.
enum class Names { ours, clients };

/// One pass over the content of one event. It may be done in steps, and a step be a copy of the one before.
class PiiScan {
 public:
  /// Masks texts, member names and numbers in place, at every depth.
  void mask(Json& value, Names names = Names::ours);
  /// The same for a text that the event does not hold.
  void add(const PiiText& text);
  bool found() const { return kinds_ != 0; }
  /// `["email","phone"]`, in the order of Pii.
  Json flags() const;

 private:
  void mask_value(Json& value, std::string_view key);
  void mask_object(Json& object, Names names);
  void mask_text(Json& value, std::string_view key);
  void mask_number(Json& value, std::string_view key);
  void hide(Json& value, Pii kind);
  void note(Pii kind) { kinds_ |= static_cast<unsigned>(kind); }

  std::size_t left_ = limits::pii_scan_bytes_max;
  unsigned kinds_ = 0;
};

}  // namespace nexus::audit
