// File names that were made to climb, to confuse or to break something, and what each is stored as: on either store,
// through every way in.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nexus::test {

inline std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

struct HostileName {
  std::string sent;
  std::string stored;
};

inline const std::vector<HostileName> kHostileNames = {
    {"plain.txt", "plain.txt"},
    {"..", "upload.bin"},
    {".", "upload.bin"},
    {"....", "upload.bin"},
    {"/", "upload.bin"},
    {"a/", "upload.bin"},
    {"../../../etc/passwd", "passwd"},
    {"/etc/passwd", "passwd"},
    {"a/../../b.txt", "b.txt"},
    {"..\\..\\windows\\system.ini", "system.ini"},
    {"C:\\Users\\a\\report.docx", "report.docx"},
    {"C:report.docx", "C_report.docx"},
    {"\\\\server\\share\\file", "file"},
    {"file.txt:stream", "file.txt_stream"},
    {"%2e%2e%2fetc%2fpasswd", "%2e%2e%2fetc%2fpasswd"},
    {"..%2f..%2froot.token", "%2f..%2froot.token"},
    {"%00.txt", "%00.txt"},
    {"a\r\nX-Injected: b", "a__X-Injected_ b"},
    {"a\tb\x1B[31m\x7F", "a_b_[31m_"},
    {"a\xC2\x85"
     "b",
     "a_b"},
    {"a?b*c|d<e>f\"g", "a_b_c_d_e_f_g"},
    {".htaccess", "htaccess"},
    {".meta.plain.txt", "meta.plain.txt"},
    {"-rf", "-rf"},
    {"$(id) `id` ;id", "$(id) `id` ;id"},
    {"'; DROP TABLE raw_assets;--", "'; DROP TABLE raw_assets;--"},
    {"e\xCC\x81.txt", "\xC3\xA9.txt"},               // composed
    {"\xE2\x80\xAEtxt.exe", "\xE2\x80\xAEtxt.exe"},  // right to left: no control character
    {"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D.txt", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D.txt"},
    {"\xF0\x9F\x93\x84.pdf", "\xF0\x9F\x93\x84.pdf"},
    {std::string(1024, 'x'), std::string(180, 'x')},
    {std::string(300, 'x') + ".tar.gz", std::string(177, 'x') + ".gz"},
    {repeated("\xC3\xA9", 200) + ".txt", repeated("\xC3\xA9", 88) + ".txt"},  // cut between two code points
};

}  // namespace nexus::test
