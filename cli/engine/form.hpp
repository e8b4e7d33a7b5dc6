// A multipart/form-data body with one file. It is made in memory, except the file, which streams from the disk.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/engine/client.hpp"
#include "cli/engine/local_file.hpp"
#include "cli/engine/progress.hpp"

namespace nexus::cli {

using FormFields = std::vector<std::pair<std::string, std::string>>;

struct FormText {
  std::string boundary;
  std::string before;  // the fields and the head of the file's part
  std::string after;
};

FormText form_text(const FormFields& fields, const LocalFile& file, const std::string& content_type,
                   const std::string& boundary);

/// All three must outlive the source.
BodySource form_source(const FormText& form, const LocalFile& file, Progress& bar);

}  // namespace nexus::cli
