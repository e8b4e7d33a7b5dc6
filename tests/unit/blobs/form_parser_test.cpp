// The form parser, stepped by hand: whole, byte by byte, cut in two at every point, and broken at every point.
#include <random>
#include <tuple>

#include "daemon/blobs/form_parser.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/verify.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::Refusal;
using testing::refusal_of;

/// All that a parse tells, so that two can be compared.
struct Story {
  Fields fields;
  std::string file;
  std::string file_name;
  std::size_t fields_at_file = 0;
  int files = 0;
  std::string refusal;
  bool operator==(const Story&) const = default;
};

Story tell(const std::vector<std::string_view>& chunks, std::string_view boundary = "B") {
  Story story;
  FormParser* self = nullptr;
  FormParser parser(boundary, {[&] { ++story.files, story.fields_at_file = self->fields().size(); },
                               [&](std::string_view bytes) { story.file += bytes; }});
  self = &parser;
  story.refusal = refusal_of([&] {
                    for (const auto chunk : chunks) parser.feed(chunk);
                    parser.finish();
                  }).detail;
  story.fields = parser.fields();
  story.file_name = parser.file_name();
  CHECK((parser.state() == FormParser::State::done) == story.refusal.empty());
  return story;
}

std::string part(const std::string& disposition, const std::string& body) {
  return "--B\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + body + "\r\n";
}

std::string field(const std::string& name, const std::string& body) { return part("name=\"" + name + "\"", body); }

const std::string kFile =
    "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\x \\\"1\\\".bin\"\r\n"
    "Content-Type: application/octet-stream\r\n\r\n";

TEST_CASE("parts after the file are read when the form is read so, and there is one file") {
  const auto read = [](std::string_view text) {
    FormParser parser("B", {}, AfterFile::read);
    std::string refusal = refusal_of([&] {
                            for (const char byte : text) parser.feed({&byte, 1});
                            parser.finish();
                          }).detail;
    return std::tuple(parser.fields(), parser.file_type().value_or("none"), std::move(refusal));
  };
  const std::string file = part("name=\"file\"; filename=\"a\"", "x");
  CHECK(read(field("a", "1") + kFile + "x\r\n" + field("b", "2") + "--B--") ==
        std::tuple(Fields{{"a", "1"}, {"b", "2"}}, "application/octet-stream", ""));
  CHECK(std::get<1>(read(file + "--B--")) == "none");
  CHECK(std::get<2>(read(file + file + "--B--")) == "The form has two parts named file.");
  const std::string doubled =
      "--B\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: a/b\r\n"
      "content-type: a/b\r\n\r\nx\r\n--B--";
  CHECK(std::get<2>(read(doubled)) == "A part has two Content-Types.");
  CHECK(std::get<2>(read(file + field("b", std::string(20 * 1024, 'x')) + "--B--")) ==
        "What follows the file exceeds 20 KB.");
}

TEST_CASE("fields, file, and fields after it") {
  const std::string content = "line\r\n--A\r\n--\r\n\r--B\r\n-B\n--B\r";
  const Story story =
      tell({field("key", "v1") + field("key", "") + field("a\\\"b", "two\r\nlines") + kFile + content + "\r\n" +
            field("late", "ignored") + part("name=\"file\"", "second") + "--B--\r\nepilogue --B--"});
  CHECK(story.refusal.empty());
  CHECK(story.fields == Fields{{"key", "v1"}, {"key", ""}, {"a\"b", "two\r\nlines"}});
  CHECK(story.fields_at_file == 3);
  CHECK(story.files == 1);
  CHECK(story.file == content);
  CHECK(story.file_name == "C:\\dir\\x \"1\".bin");
}

std::string tricky_form() {
  const std::string content = "\r\n\r\n--\r\n-\r\n--\r\r\n--A\r\n--b--B-\r\n--";
  return field("key", "value") + field("empty", "") + kFile + content + "\r\n" + field("z", "\r\n-") + "--B--\r\n";
}

TEST_CASE("where the chunks end makes no difference") {
  const std::string form = tricky_form();
  const Story whole = tell({form});
  REQUIRE(whole.refusal.empty());
  REQUIRE(whole.file.ends_with("--b--B-\r\n--"));
  for (std::size_t cut = 0; cut <= form.size(); ++cut) {
    INFO("cut at " << cut);
    REQUIRE(tell({std::string_view(form).substr(0, cut), std::string_view(form).substr(cut)}) == whole);
  }
  std::vector<std::string_view> bytes;
  for (std::size_t at = 0; at < form.size(); ++at) bytes.push_back(std::string_view(form).substr(at, 1));
  CHECK(tell(bytes) == whole);
}

TEST_CASE("three chunks at every pair of points") {
  const std::string form = field("k", "v") + kFile + "ab\r\n--Aa\r\n--B--";
  const Story whole = tell({form});
  REQUIRE(whole.refusal.empty());
  const std::string_view view = form;
  for (std::size_t a = 0; a < form.size(); ++a)
    for (std::size_t b = a; b < form.size(); ++b)
      REQUIRE(tell({view.substr(0, a), view.substr(a, b - a), view.substr(b)}) == whole);
}

TEST_CASE("a form cut anywhere is refused, and the same by bytes as whole") {
  const std::string form = tricky_form();
  const std::size_t end = form.rfind("--B--") + 5;
  for (std::size_t length = 0; length < form.size(); ++length) {
    INFO("first " << length << " bytes");
    const Story story = tell({std::string_view(form).substr(0, length)});
    CHECK(story.refusal == (length < 3     ? "No line of the form is the boundary that its Content-Type names."
                            : length < end ? "The form ended early."
                                           : ""));
  }
}

TEST_CASE("garbage gives the same refusal however it is cut, and never a crash") {
  std::mt19937 random(7);
  static const std::vector<std::string> pieces = {"--B",
                                                  "\r\n",
                                                  "\r",
                                                  "\n",
                                                  "--",
                                                  "-",
                                                  "B",
                                                  ": ",
                                                  "Content-Disposition",
                                                  "form-data; name=\"file\"",
                                                  "form-data; name=a",
                                                  ";",
                                                  "\"",
                                                  "\\",
                                                  "x",
                                                  " "};
  for (int round = 0; round < 20'000; ++round) {
    std::string form = random() % 2 ? tricky_form() : "--B\r\n";
    for (int i = 0; i < 6; ++i) form.insert(random() % (form.size() + 1), pieces[random() % pieces.size()]);
    const Story whole = tell({form});
    const std::size_t cut = random() % form.size();
    const Story halves = tell({std::string_view(form).substr(0, cut), std::string_view(form).substr(cut)});
    INFO(form);
    REQUIRE(halves.refusal == whole.refusal);
    if (whole.refusal.empty()) REQUIRE(halves == whole);
  }
}

struct FormRow {
  std::string form;
  const char* detail;
};

TEST_CASE("each fault has its reason") {
  const std::string end = "x\r\n--B--";
  const std::vector<FormRow> rows = {
      {"", "No line of the form is the boundary that its Content-Type names."},
      {"preamble--B\r\n", "No line of the form is the boundary that its Content-Type names."},
      {"\n--B\r\n", "No line of the form is the boundary that its Content-Type names."},
      {"preamble\r\n--B", "The form ended early."},
      {"--Bx", "A boundary is not followed by the end of its line."},
      {"--B\n", "A boundary is not followed by the end of its line."},
      {"--B --", "A boundary is not followed by the end of its line."},
      {"--B--", "The form has no part named file."},
      {field("key", "v") + "--B--", "The form has no part named file."},
      {kFile + "x\r\n--BB--", "A boundary is not followed by the end of its line."},
      {"--B\r\n\r\nbody\r\n\r\n", "A part's header is folded."},
      {"--B\r\nContent-Type: a/b\r\n\r\n" + end, "A part has no Content-Disposition."},
      {"--B\r\nContent-Disposition form-data\r\n\r\n", "A part's header has no colon."},
      {"--B\r\nContent-Disposition: form-data\r\n\r\n", "A part is not form-data with a name."},
      {"--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n", "A part is not form-data with a name."},
      {"--B\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\n", "A part has no name."},
      {"--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n", "A part has no name."},
      {"--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", "A Content-Disposition is malformed."},
      {"--B\r\nContent-Disposition: form-data; name=\"a\" x\r\n\r\n", "A Content-Disposition is malformed."},
      {"--B\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n", "A Content-Disposition names its part twice."},
      {"--B\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n",
       "A part has two Content-Dispositions."},
      {"--B\r\nContent-Disposition: form-data; name=a\r\n x: y\r\n\r\n", "A part's header is folded."},
      {"--B\r\nContent-Disposition: form-data; name=a\nX: y\r\n\r\n",
       "A part's header holds a stray control character."},
      {"--B\r\nContent-Disposition: form-data; name=file\r\nContent-Transfer-Encoding: base64\r\n\r\n",
       "A part uses a Content-Transfer-Encoding; send it as it is."},
  };
  for (const FormRow& row : rows) {
    INFO(row.form);
    CHECK(tell({row.form}).refusal == row.detail);
  }
}

TEST_CASE("what is allowed beyond the usual") {
  CHECK(tell({"--B \t\r\ncontent-disposition:form-data;name=file;filename=\r\n\r\n\r\n--B--"}).refusal.empty());
  CHECK(tell({part("name=\"FILE\"", "abc") + "--B--"}).file == "abc");
  CHECK(tell({part(";name=\"file\"; ;", "abc") + "--B--"}).file == "abc");
  CHECK(tell({"--B\r\nContent-Disposition: form-data; name=file; x=y\r\nContent-Transfer-Encoding: "
              "binary\r\n\r\nabc\r\n--B--"})
            .file == "abc");
}

TEST_CASE("of two names of a file the one beyond ASCII counts, when it is well-formed") {
  const auto name_of = [](const std::string& parameters) {
    return tell({part("name=\"file\"; " + parameters, "x") + "--B--"}).file_name;
  };
  CHECK(name_of("filename=\"a.txt\"; filename*=UTF-8''%C3%A9%20a.txt") == "\xC3\xA9 a.txt");
  CHECK(name_of("filename*=utf-8'de'%C3%A9; filename=a") == "\xC3\xA9");
  CHECK(name_of("filename*=utf-8''a.txt") == "a.txt");
  for (const char* none : {"b", "utf-8'b", "utf-8''", "utf-8''%C3", "utf-8''%zz", "utf-8''b%00", "iso-8859-1''b"}) {
    INFO(none);
    CHECK(name_of("filename=a; filename*=" + std::string(none)) == "a");
  }
  CHECK(tell({part("name=file; filename*=utf-8''a; filename*=utf-8''a", "x")}).refusal ==
        "A Content-Disposition names its part twice.");
}

TEST_CASE("what stands before the first boundary says nothing") {
  for (const char* preamble : {"", "\r\n", "This is a message in MIME format.\r\n", "--b\r\n\r\n--\r\n", "\r\r\n"}) {
    INFO(preamble);
    const std::string form = preamble + kFile + "abc\r\n--B--";
    CHECK(tell({form}).file == "abc");
    CHECK(tell({std::string_view(form).substr(0, 3), std::string_view(form).substr(3)}) == tell({form}));
  }
  CHECK(tell({std::string(30'000, 'x')}).refusal ==
        "The boundary that the Content-Type names does not come within 20 KB.");
}

TEST_CASE("before the file there is room for 20 KB and 64 fields, at the limit and one over") {
  const std::size_t around = field("k", "").size() + kFile.size();
  const auto sized = [&](std::size_t total) {
    return tell({field("k", std::string(total - around, 'v')) + kFile + "x\r\n--B--"}).refusal;
  };
  CHECK(sized(kFormHeadBytesMax).empty());
  CHECK(sized(kFormHeadBytesMax + 1) == "The fields before the file exceed 20 KB.");
  const auto counted = [&](int count) {
    std::string form;
    for (int i = 0; i < count; ++i) form += field("k", "");
    return tell({form + kFile + "x\r\n--B--"}).refusal;
  };
  CHECK(counted(64).empty());
  CHECK(counted(65) == "The form has more than 64 fields.");
}

TEST_CASE("a head without end does not fill the memory") {
  FormParser parser("B", {});
  parser.feed("--B\r\nX: ");
  std::size_t fed = 0;
  const Refusal refusal = refusal_of([&] {
    for (; fed < 100'000; fed += 100) parser.feed(std::string(100, 'x'));
  });
  CHECK(refusal.code == "blob.form_invalid");
  CHECK(fed <= kFormHeadBytesMax);
  CHECK(refusal_of([&] { parser.feed("x"); }).detail == "The form was refused already.");
}

TEST_CASE("what follows the file is bounded too") {
  const std::string form = kFile + std::string(100'000, 'f') + "\r\n";
  CHECK(tell({form + field("late", std::string(20'000, 'x')) + "--B--"}).refusal.empty());
  CHECK(tell({form + field("late", std::string(30'000, 'x')) + "--B--"}).refusal ==
        "What follows the file exceeds 20 KB.");
  CHECK(tell({form + "--B--" + std::string(30'000, 'x')}).refusal == "What follows the file exceeds 20 KB.");
}

TEST_CASE("a callback's refusal ends the parse") {
  int bytes = 0;
  FormParser parser("B", {[] { throw Problem(problems::blob_form_expired); }, [&](std::string_view) { ++bytes; }});
  CHECK(refusal_of([&] { parser.feed(kFile + "content"); }).code == "blob.form_expired");
  CHECK(refusal_of([&] { parser.feed("more"); }).code == "blob.form_invalid");
  CHECK(refusal_of([&] { parser.finish(); }).code == "blob.form_invalid");
  CHECK(bytes == 0);
}

TEST_CASE("big files pass whatever the chunk size") {
  std::mt19937 random(3);
  std::string content(300'000, '\0');
  for (char& byte : content) byte = "\r\n-B\0"[random() % 5];
  for (std::size_t at; (at = content.find("\r\n--B")) != std::string::npos;) content[at] = 'x';
  const std::string form = field("k", "v") + kFile + content + "\r\n--B--\r\n";
  for (const std::size_t size : {7UL, 1000UL, 4096UL, 65536UL}) {
    std::vector<std::string_view> chunks;
    for (std::size_t at = 0; at < form.size(); at += size) chunks.push_back(std::string_view(form).substr(at, size));
    CHECK(tell(chunks).file == content);
  }
}

TEST_CASE("the boundary of a content type") {
  CHECK(boundary_of("multipart/form-data; boundary=abc") == "abc");
  CHECK(boundary_of("Multipart/Form-Data;charset=x; BOUNDARY=\"a b\"") == "a b");
  CHECK(boundary_of("multipart/form-data; boundary=" + std::string(70, 'a')) == std::string(70, 'a'));
  CHECK(boundary_of("multipart/form-data; boundary=x;") == "x");
  CHECK(boundary_of("multipart/form-data;; ;boundary=\"x\" ; ") == "x");
  for (const std::string& type : std::vector<std::string>{
           "", "multipart/form-data", "multipart/form-data;",
           "multipart/form-data; boundary=", "multipart/mixed; boundary=a", "multipart/form-data; boundary=\"a \"",
           "multipart/form-data; boundary=a;boundary=b", "multipart/form-data; boundary=\"a",
           "multipart/form-data; boundary=a\xC3\xA9", "multipart/form-data; boundary=a@b",
           "multipart/form-data; boundary=" + std::string(71, 'a')}) {
    INFO(type);
    CHECK_FALSE(boundary_of(type));
  }
}

}  // namespace
}  // namespace nexus::blobs
