// Filenames: what strangers call their files, and what we store them as.
#include <random>

#include "daemon/base/text.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

struct Row {
  std::string original;
  std::string safe;
};

TEST_CASE("filenames become safe as the contract says") {
  const std::vector<Row> rows = {
      {"report.pdf", "report.pdf"},
      {"/etc/passwd", "passwd"},
      {"..\\..\\windows\\win.ini", "win.ini"},
      {"C:\\Users\\me\\Ünï.txt", "Ünï.txt"},
      {"C:autoexec.bat", "C_autoexec.bat"},
      {"a/b\\c", "c"},
      {"..", "upload.bin"},
      {".", "upload.bin"},
      {"...", "upload.bin"},
      {"", "upload.bin"},
      {"dir/", "upload.bin"},
      {"dir\\", "upload.bin"},
      {"../..", "upload.bin"},
      {".bashrc", "bashrc"},
      {"..hidden..txt", "hidden..txt"},
      {"%2e%2e%2fpasswd", "%2e%2e%2fpasswd"},  // not decoded: it is a name like any other
      {"a:b*c?d\"e<f>g|h", "a_b_c_d_e_f_g_h"},
      {"tab\tnew\nline\r\x7F.txt", "tab_new_line__.txt"},
      {"c1\xC2\x80\xC2\x9F.txt", "c1__.txt"},
      {"nbsp\xC2\xA0.txt", "nbsp\xC2\xA0.txt"},
      {"e\xCC\x81.txt", "\xC3\xA9.txt"},  // NFC
      {"\xE2\x84\xAA.txt", "K.txt"},      // the Kelvin sign is K
      {" spaces stay ", " spaces stay "},
      {"\xFF\xFE", "upload.bin"},
      {repeated("a", 300), repeated("a", 180)},
      {repeated("a", 300) + ".jpeg", repeated("a", 175) + ".jpeg"},
      {repeated("a", 300) + "." + repeated("b", 15), repeated("a", 164) + "." + repeated("b", 15)},
      {repeated("a", 300) + "." + repeated("b", 16), repeated("a", 180)},
      {repeated("\xC3\xA9", 100), repeated("\xC3\xA9", 90)},
      {"a" + repeated("\xC3\xA9", 100), "a" + repeated("\xC3\xA9", 89)},
      {repeated("\xF0\x9F\x98\x80", 60) + ".png", repeated("\xF0\x9F\x98\x80", 44) + ".png"},
  };
  for (const Row& row : rows) {
    INFO(row.original);
    CHECK(safe_filename(row.original) == row.safe);
  }
}

TEST_CASE("a filename is refused with its reason") {
  CHECK(filename_fault("") == "must not be empty");
  CHECK(filename_fault(std::string_view("a\0b", 3)) == "must not contain NUL");
  CHECK(filename_fault("\xC3") == "must be valid UTF-8");
  CHECK(filename_fault(std::string(1024, 'a')) == std::nullopt);
  CHECK(filename_fault(std::string(1025, 'a')) == "must have at most 1024 bytes");
  CHECK(filename_fault("..") == std::nullopt);
}

/// Names made to hurt: separators, dots, combining marks, right-to-left text, escapes, long runs.
std::string hostile(std::mt19937& random) {
  static const std::vector<std::string> pieces = {"a",
                                                  "Z",
                                                  ".",
                                                  "..",
                                                  "/",
                                                  "\\",
                                                  "%2e",
                                                  "%2f",
                                                  ":",
                                                  "<",
                                                  ">",
                                                  "=",
                                                  "\xCC\xB8",
                                                  "e",
                                                  "\xCC\x81",
                                                  "\xCC\xA3",
                                                  "\xD7\xA9",
                                                  "\xD8\xA7",
                                                  "\xE2\x80\xAE",
                                                  "\xE2\x80\x8F",
                                                  "\xC2\x85",
                                                  "\x01",
                                                  "\x7F",
                                                  "\xF0\x9F\x98\x80",
                                                  "\xEA\xB0\x80",
                                                  "\xE1\x84\x80",
                                                  "\xE1\x85\xA1",
                                                  "\xE1\x86\xA8",
                                                  "\xEF\xAC\x9D",
                                                  "\xCD\xBE",
                                                  "\xE0\xBD\xB1\xE0\xBD\xB2",
                                                  " ",
                                                  ".txt",
                                                  "\xE2\x84\xAB",
                                                  "\xC3\xA5",
                                                  "upload.bin",
                                                  "_",
                                                  "\xFF",
                                                  std::string(1, '\0')};
  std::string name;
  const std::size_t count = random() % 8 == 0 ? random() % 1000 : random() % 24;
  for (std::size_t i = 0; i < count; ++i) name += pieces[random() % pieces.size()];
  return name;
}

TEST_CASE("safe filenames stay safe, and a second time changes nothing") {
  std::mt19937 random(20261123);
  const auto tenant = *TenantId::parse("t_a");
  for (int i = 0; i < 20'000; ++i) {
    const std::string original = hostile(random);
    INFO(i << ' ' << original);
    const std::string safe = safe_filename(original);
    REQUIRE(safe == safe_filename(safe));
    REQUIRE_FALSE(safe.empty());
    REQUIRE(safe.size() <= 180);
    REQUIRE(is_utf8(safe));
    REQUIRE(to_nfc(safe) == safe);
    REQUIRE(safe.find_first_of(std::string_view("/\\:*?\"<>|\0\n\x01\x7F", 13)) == std::string::npos);
    REQUIRE(safe[0] != '.');
    const std::string key = "tenants/t_a/dev/raw/o/" + safe;
    REQUIRE(StorageKey::parse(key));
    if (!filename_fault(original)) REQUIRE(StorageKey::make(tenant, Env::dev, Plane::raw, "o", original).str() == key);
  }
}

TEST_CASE("four kilobytes of name are cut, not choked on") {
  for (const auto piece : {"a", "\xCC\x81", "\xD7\xA9", "%2e", "../", "\xF0\x9F\x98\x80"}) {
    const std::string safe = safe_filename(repeated(piece, 4096 / std::string_view(piece).size()));
    CHECK(safe.size() <= 180);
    CHECK(safe_filename(safe) == safe);
  }
}

TEST_CASE("a download is always an attachment") {
  CHECK(content_disposition("a b\"\r\n.html") ==
        "attachment; filename=\"a b___.html\"; filename*=UTF-8''a%20b___.html");
  CHECK(content_disposition("Grüße.txt") ==
        "attachment; filename=\"Grusse.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt");
}

TEST_CASE("a reader that knows ASCII alone gets a name to read", "[filename]") {
  const auto plain_of = [](std::string_view name) {
    const std::string whole = content_disposition(name);
    const std::size_t begin = whole.find('"') + 1;
    return whole.substr(begin, whole.find('"', begin) - begin);
  };
  CHECK(plain_of("Łódź Smørrebrød – naïve.txt") == "Lodz Smorrebrod - naive.txt");
  CHECK(plain_of("ﬁle：Ⅳ.txt") == "file_IV.txt");
  CHECK(plain_of("日本語 report.pdf") == "_ report.pdf");
  CHECK(plain_of("„a“.txt") == "_a_.txt");
  CHECK(plain_of("．curlrc") == "curlrc");          // no spelling hides a file,
  CHECK(plain_of("‥") == "upload.bin");             // or leads out of the directory,
  CHECK(plain_of("\u0301\u0301") == "upload.bin");  // or says nothing
  for (const std::string& name : {std::string("ü"), std::string("\"\\\r\n"), std::string("😀")})
    for (const char c : plain_of(name)) CHECK((c >= ' ' && c < 0x7F && c != '"' && c != '\\'));
}

TEST_CASE("content types are type/subtype in visible ASCII") {
  for (const auto type : {"text/plain", "text/plain; charset=utf-8", "application/vnd.x+json", "a/b;c=\"d e\""})
    CHECK_FALSE(content_type_fault(type));
  for (const auto type : {"", "text", "/", "text/", "/plain", "text/plain\r\nX: y", "text /plain", "text/ plain",
                          " text/plain", "text/plain ", "t\xC3\xA9xt/plain", "a/b/c"}) {
    INFO(type);
    CHECK(content_type_fault(type));
  }
  CHECK_FALSE(content_type_fault("a/" + std::string(253, 'b')));
  CHECK(content_type_fault("a/" + std::string(254, 'b')));
}

}  // namespace
}  // namespace nexus::blobs
