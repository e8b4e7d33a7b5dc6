#include "daemon/audit/pii.hpp"

#include <algorithm>

#include "daemon/base/clock.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus::audit {
namespace {

/// In the order of the flags.
constexpr std::pair<Pii, std::string_view> kKinds[] = {{Pii::email, "email"},
                                                       {Pii::phone, "phone"},
                                                       {Pii::payment_card, "payment_card"},
                                                       {Pii::ip_address, "ip_address"},
                                                       {Pii::postal_code, "postal_code"},
                                                       {Pii::unscanned, "unscanned"}};

/// Member names under which our own code writes ids, times and digests. Sorted.
constexpr std::array<std::string_view, 40> kOurNames = {
    "agent_id",     "app_id",      "artifact_id", "asset_id",    "atom_id",       "canvas_id", "card_id",
    "created_at",   "decision_id", "etag",        "event_id",    "expires_at",    "hash",      "item_id",
    "licence_id",   "lock_id",     "message_id",  "occurred_at", "pack_id",       "prev_hash", "question_id",
    "raw_asset_id", "request_id",  "run_id",      "session_id",  "sha256",        "step_id",   "subject_id",
    "surface_id",   "target_id",   "tenant_id",   "thread_id",   "three_wise_id", "token_id",  "trace_id",
    "updated_at",   "usage_id",    "user_id",     "version_id",  "window_start"};
static_assert(std::ranges::is_sorted(kOurNames));

/// Member names that announce a phone number.
constexpr std::array<std::string_view, 6> kPhoneNames = {"fax",   "mobile",       "msisdn",
                                                         "phone", "phone_number", "telephone"};

/// MD5, SHA-1, SHA-256, SHA-384 or SHA-512 in lower-case hex.
bool is_digest(std::string_view text) {
  constexpr std::array<std::size_t, 5> lengths = {32, 40, 64, 96, 128};
  return std::ranges::find(lengths, text.size()) != lengths.end() &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool has_id_shape(std::string_view text) {
  return !text.empty() && text.size() <= limits::client_id_chars_max && is_alnum(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == ':'; });
}

bool is_our_id(std::string_view key, std::string_view text) {
  return std::ranges::binary_search(kOurNames, key) && has_id_shape(text);
}

bool is_ours(std::string_view text) {
  return is_uuid(text) || is_digest(text) ||
         (text.size() >= 20 && text.size() <= 35 && text[4] == '-' && parse_rfc3339(text));
}

/// Whether the text has only digits and usual separators, and as many digits as a phone number.
bool is_phone_like(std::string_view text) {
  const auto digits = std::ranges::count_if(text, is_digit);
  return text.size() <= 40 && digits >= 7 && digits <= 15 && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || std::string_view("+-./() ").find(c) != std::string_view::npos;
         });
}

std::string mark_of(Pii kind) { return "[REDACTED:" + std::string(to_string(kind)) + "]"; }

std::string masked(std::string_view text, const std::vector<PiiSpan>& spans) {
  std::string out;
  std::size_t at = 0;
  for (const PiiSpan& span : spans) {
    out.append(text, at, span.begin - at).append(mark_of(span.kind));
    at = span.end;
  }
  return out.append(text, at);
}

}  // namespace

std::string_view to_string(Pii kind) {
  return std::ranges::find(kKinds, kind, &std::pair<Pii, std::string_view>::first)->second;
}

PiiText look_over(std::string_view text) {
  if (is_ours(text)) return {};
  PiiText out{text.size(), 0};
  if (text.size() > limits::pii_scan_bytes_max) return out;
  for (const PiiSpan& span : find_pii(text)) out.kinds |= static_cast<unsigned>(span.kind);
  return out;
}

void PiiScan::add(const PiiText& text) {
  if (text.bytes > left_) return note(Pii::unscanned);
  left_ -= text.bytes;
  kinds_ |= text.kinds;
}

Json PiiScan::flags() const {
  Json out = Json::array();
  for (const auto& [kind, name] : kKinds)
    if ((kinds_ & static_cast<unsigned>(kind)) != 0) out.push_back(name);
  return out;
}

void PiiScan::mask(Json& value, Names names) { value.is_object() ? mask_object(value, names) : mask_value(value, {}); }

void PiiScan::mask_value(Json& value, std::string_view key) {
  if (value.is_string()) return mask_text(value, key);
  if (value.is_number_integer()) return mask_number(value, key);
  if (value.is_object()) return mask_object(value, Names::clients);
  if (value.is_array())
    for (Json& item : value) mask_value(item, key);
}

/// Member names are user text too. A number distinguishes two names that are masked to the same text.
void PiiScan::mask_object(Json& object, Names names) {
  std::vector<std::string> personal;
  for (auto& [name, value] : object.items()) {
    const bool typed =
        names == Names::ours && value.is_string() && is_our_id(name, value.get_ref<const std::string&>());
    if (!typed) mask_value(value, name);
    Json text = name;
    mask_text(text, {});
    if (text.get_ref<const std::string&>() != name) personal.push_back(name);
  }
  int number = 1;
  for (const std::string& name : personal) {
    Json value = std::move(object[name]);
    object.erase(name);
    Json text = name;
    mask_text(text, {});
    std::string free = text.get<std::string>();
    while (object.contains(free)) free = text.get<std::string>() + "#" + std::to_string(++number);
    object[free] = std::move(value);
  }
}

void PiiScan::mask_text(Json& value, std::string_view key) {
  const auto& text = value.get_ref<const std::string&>();
  if (is_ours(text)) return;
  if (text.size() > left_) return hide(value, Pii::unscanned);
  left_ -= text.size();
  if (std::ranges::find(kPhoneNames, key) != kPhoneNames.end() && is_phone_like(text)) return hide(value, Pii::phone);
  const auto spans = find_pii(text);
  if (spans.empty()) return;
  for (const PiiSpan& span : spans) note(span.kind);
  value = masked(text, spans);
}

void PiiScan::hide(Json& value, Pii kind) {
  note(kind);
  value = mark_of(kind);
}

void PiiScan::mask_number(Json& value, std::string_view key) {
  constexpr std::uint64_t shortest_phone = 1'000'000, shortest_card = 1'000'000'000'000;
  if (!value.is_number_unsigned()) return;
  const auto number = value.get<std::uint64_t>();
  if (number < shortest_phone) return;
  const std::string digits = std::to_string(number);
  std::optional<Pii> kind;
  if (std::ranges::find(kPhoneNames, key) != kPhoneNames.end() && digits.size() <= 15) kind = Pii::phone;
  if (number >= shortest_card && is_payment_card(digits)) kind = Pii::payment_card;
  if (kind) hide(value, *kind);
}

}  // namespace nexus::audit
