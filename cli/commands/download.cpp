#include "cli/commands/download.hpp"

#include "cli/engine/progress.hpp"
#include "cli/engine/transfer.hpp"
#include "daemon/base/shell.hpp"

namespace nexus::cli {
namespace {

// The name on the server is a client's text: take its last component only, and never a hidden file.
std::string safe_local_name(const Json& record, const std::string& id) {
  std::string name = find_text(record, "filename").value_or("");
  if (name.empty()) name = find_text(record, "key").value_or("");
  name = std::filesystem::path(name).filename().string();
  while (name.starts_with('.')) name.erase(0, 1);
  return name.empty() ? id : name;
}

/// The words before `curl`, so that no file is replaced unasked.
std::string guard_of(const Values& values, const std::optional<std::string>& file) {
  return file && *file != "-" && !values.given("--force") ? "test ! -f " + shell_quote(*file) + " && " : std::string();
}

/// Where curl writes the content: into the file, or under the name that the store sends.
std::string place_of(const Values& values, const std::optional<std::string>& file) {
  if (!file) return values.given("--force") ? " -OJ --clobber" : " -OJ --no-clobber";
  return *file == "-" ? std::string() : " -o " + shell_quote(*file);
}

/// Two steps, so that curl does not carry the token to the presigned address.
int print_curl_download(Session& session, const Values& values, const std::string& path) {
  const auto file = values.find("--output-file");
  const std::string guard = guard_of(values, file), place = place_of(values, file);
  const std::string where = session.curl_text({.path = path, .curl_options = "-f -o /dev/null -w '%{redirect_url}'"});
  session.print(guard + "curl -sSf" + curl_reach(reach_of(session.settings())) + place + " \"$(" + where + ")\"\n");
  session.note("curl does not compare the digest");
  return 0;
}

}  // namespace

std::vector<Parameter> download_parameters(std::vector<Parameter> more) {
  std::vector<Parameter> all = {option("-O,--output-file", "FILE",
                                       "write here; - is standard output (its own name). Links are followed; a device "
                                       "or a pipe is written to as it is, and only a regular file is ever replaced."),
                                flag("--force", "replace FILE if it exists")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

int print_curl_fetch(Session& session, const Values& values, const std::string& path, const std::string& name) {
  const std::optional<std::string> file = values.find("--output-file").value_or(name);
  const std::string guard = guard_of(values, file);
  session.print(guard + session.curl_text({.path = path, .curl_options = "-f" + place_of(values, file)}) + "\n");
  return 0;
}

Target take_target(Session& session, const Values& values) {
  Target target{values.find("--output-file")};
  target.streams = target.chosen == "-" || target.chosen == "/dev/stdout";
  if (target.streams) session.require_no_form();
  target.replaces = !target.streams && values.given("--force");
  return target;
}

int keep_content(Session& session, const Target& target, const Content& content) {
  const std::string path = target.chosen.value_or(safe_local_name(content.record, content.id));
  const Json& size = value_at(content.record, "size_bytes");
  IncomingFile file(path, target.replaces);
  {
    Progress bar(path, size.is_number_unsigned() ? size.get<std::uint64_t>() : 0,
                 session.progress_wanted() && !file.direct());
    content.read([&](std::string_view bytes) {
      file.write(bytes);
      bar.at(file.size());
    });
  }
  const std::string expected = find_text(content.record, "sha256").value_or("");
  const std::string digest = file.finish_digest();
  if (!expected.empty() && expected != digest)
    throw Failure(Exit::negative, std::string("the content does not have the registered digest; ") +
                                      (file.direct() ? "what was written is not to be trusted" : "nothing was kept"));
  file.keep();
  if (target.streams) return 0;
  const Json result = {{content.field, content.id},
                       {"file", path},
                       {"size_bytes", file.size()},
                       {"sha256", digest},
                       {"sha256_checked", !expected.empty()}};
  session.print_record(result, {"file", {"file", "size_bytes", "sha256", "sha256_checked"}});
  return 0;
}

Handler downloads(std::string pattern, std::string parameter, std::string field) {
  return [=](Session& session, const Values& values) {
    const std::string record_path = path_of(pattern, session, values), id = values.text(parameter);
    const std::string path = record_path + "/download";
    if (session.prints_curl()) return print_curl_download(session, values, path);
    const Target target = take_target(session, values);
    const Json record = session.call({.path = record_path}).json;
    return keep_content(session, target, {field, id, record, [&](const auto& sink) { fetch(session, path, sink); }});
  };
}

}  // namespace nexus::cli
