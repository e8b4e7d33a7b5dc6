// Personal data in what events say: found, named and masked, before anything is written. Knows email addresses, phone
// numbers, payment cards (with their check digit), public IP addresses and postal codes in a country's full form.
//
// What is ours is typed, never guessed at: a UUID, an RFC 3339 time and a digest are passed over wherever they stand,
// an id of ours under its own name. Other numbers of JSON are quantities: only a payment card is looked for in them.
// Bounded: time is linear in the text (RE2, and no pattern without a greatest length), and of one event no more than
// pii_scan_bytes_max is looked at; a text beyond that is not kept, since nobody knows what is in it.
//
// Thread-safe. What becomes of the finding (flags, training) is daemon/audit/events's.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
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

/// What is personal in one text, in order, without overlap.
std::vector<PiiSpan> find_pii(std::string_view text);
/// Whether the digits of `number` (others are looked over) are those of a payment card: brand, length and Luhn.
bool is_payment_card(std::string_view number);

/// One pass over everything that one event says.
class PiiScan {
 public:
  /// Masks texts, member names and numbers in place, at every depth.
  void mask(Json& value) { mask_value(value, {}); }
  bool found() const { return kinds_ != 0; }
  /// `["email","phone"]`, in the order of Pii.
  Json flags() const;

 private:
  void mask_value(Json& value, std::string_view key);
  void mask_object(Json& object);
  void mask_text(Json& value, std::string_view key);
  void mask_number(Json& value, std::string_view key);
  void note(Pii kind) { kinds_ |= static_cast<unsigned>(kind); }

  std::size_t left_ = limits::pii_scan_bytes_max;
  unsigned kinds_ = 0;
};

}  // namespace nexus::audit
