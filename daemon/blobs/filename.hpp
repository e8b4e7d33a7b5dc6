// Turns a client's filename into the name under which the file is stored. Pure functions. The original is kept
// elsewhere, as metadata. Implements the contract's "Storage keys", filenames.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::blobs {

inline constexpr std::size_t kFilenameBytesMax = 1024;     // of a client's filename
inline constexpr std::size_t kSafeFilenameBytesMax = 180;  // of the stored name
inline constexpr std::size_t kExtensionBytesMax = 16;      // including its dot

/// Returns why a client's filename is refused (422), for people to read, or nothing when it is acceptable.
std::optional<std::string> filename_fault(std::string_view original);

/// The last path component (`/` and `\` both separate), NFC, control characters and `: * ? " < > |` replaced by `_`,
/// leading dots removed, cut to 180 bytes before the extension, `upload.bin` if nothing is left.
/// Idempotent. Text that is not UTF-8 also becomes `upload.bin`.
std::string safe_filename(std::string_view original);

/// `attachment; filename="…"; filename*=UTF-8''…` (RFC 6266, RFC 8187) for the safe form of `filename`. The first is
/// its spelling in ASCII, for readers that know no `filename*`, such as curl. Browsers never render an attachment in
/// place.
std::string content_disposition(std::string_view filename);

/// Returns why a client's content type is refused (422). Accepts `type/subtype` with optional parameters in visible
/// ASCII of at most 255 bytes, which needs no escaping in a header or a policy.
std::optional<std::string> content_type_fault(std::string_view content_type);

}  // namespace nexus::blobs
