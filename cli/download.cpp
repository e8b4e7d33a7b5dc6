#include "cli/download.hpp"

#include "cli/curl.hpp"
#include "cli/failure.hpp"
#include "cli/progress.hpp"
#include "cli/transfer.hpp"

namespace nexus::cli {
namespace {

std::string text_or_empty(const Json& json, const char* key) {
  const Json* found = at_path(json, key);
  return found && found->is_string() ? found->get<std::string>() : std::string();
}

// The name that the server keeps is somebody's text: only its last component, and never a hidden file.
std::string safe_local_name(const Json& record, const std::string& id) {
  std::string name = text_or_empty(record, "filename");
  if (name.empty()) name = text_or_empty(record, "key");
  name = std::filesystem::path(name).filename().string();
  while (name.starts_with('.')) name.erase(0, 1);
  return name.empty() ? id : name;
}

int print_download_curl(Session& session, const std::string& file, const std::string& path) {
  // Two steps, so that curl does not carry the token to the presigned address.
  session.print("curl -sS -o " + shell_quote(file) + " \"$(curl -sS -o /dev/null -w '%{redirect_url}' " +
                "-H \"Authorization: Bearer $NEXUS_TOKEN\" -H " + shell_quote("X-Tenant-Id: " + session.tenant()) +
                " -H " + shell_quote("X-Env: " + session.env()) + " " +
                shell_quote(session.settings().server.value + path) + ")\"\n");
  return 0;
}

}  // namespace

std::vector<Parameter> download_parameters(std::vector<Parameter> more) {
  std::vector<Parameter> all = {option("-O,--output-file", "FILE", "write here; - is standard output (its own name)"),
                                flag("--force", "replace FILE if it exists")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

int download(Session& session, const Values& values, const Downloadable& what) {
  const auto chosen = values.find("--output-file");
  const std::string content = what.path + "/download";
  if (session.settings().print_curl) return print_download_curl(session, chosen.value_or(what.id), content);

  const Json record = session.call({.path = what.path}).json;
  const std::string path = chosen.value_or(safe_local_name(record, what.id));
  const Json* size = at_path(record, "size_bytes");
  IncomingFile file(path, values.given("--force"));
  {
    Progress bar(path, size && size->is_number_unsigned() ? size->get<std::uint64_t>() : 0,
                 session.progress_wanted() && path != "-");
    fetch(session, content, [&](std::string_view bytes) {
      file.write(bytes);
      bar.at(file.size());
    });
  }
  const std::string expected = text_or_empty(record, "sha256");
  const std::string digest = file.finish_digest();
  if (!expected.empty() && expected != digest)
    throw Failure(Exit::negative, "the content does not have the registered digest; nothing was kept",
                  "download it again");
  file.keep();
  if (path == "-") return 0;
  const Json result = {{what.id_name, what.id},
                       {"file", path},
                       {"size_bytes", file.size()},
                       {"sha256", digest},
                       {"sha256_checked", !expected.empty()}};
  session.print_record(result, {"file", {"file", "size_bytes", "sha256", "sha256_checked"}});
  return 0;
}

}  // namespace nexus::cli
