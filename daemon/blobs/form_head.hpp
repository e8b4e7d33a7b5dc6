// The head of one part of a multipart form: its name, and its file name and content type if present. Internal to the
// form parser.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nexus::blobs::detail {

struct PartHead {
  std::string name;
  std::optional<std::string> file_name;
  std::optional<std::string> content_type;  // as sent
};

/// `head` is all header lines, without the empty line that ends them. Throws blob.form_invalid.
PartHead parse_part_head(std::string_view head);

/// One `name=value` or `name="value"` after a `;`, taken off the front of `text`; nothing when malformed.
struct Parameter {
  std::string_view name;
  std::string value;
};
std::optional<Parameter> take_parameter(std::string_view& text);

}  // namespace nexus::blobs::detail
