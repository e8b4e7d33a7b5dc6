// Signed notes: against the vector of Go's note package, and every way in which a note can be wrong.
#include "daemon/audit/note.hpp"

#include <sys/stat.h>

#include "daemon/base/bytes.hpp"
#include "daemon/base/file.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::audit;

namespace {

Checkpoint sample_note() {
  return {"nexusd/i-1/t_acme/prod", 7, sha256("root"), Digest{}, "2026-11-23T01:02:03.456Z", {}};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("keys and signatures are those of C2SP signed notes", "[audit]") {
  const auto key = PublicKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  REQUIRE(key);
  const auto secret =
      SigningKey::parse("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
  REQUIRE(secret);
  CHECK(secret->public_key().text() == key->text());
  const std::string note =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
      "\xE2\x80\x94 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  CHECK(is_signed_by(note, *key));
  CHECK(!is_signed_by(replaced(note, "think", "thunk"), *key));
  CHECK(!PublicKey::parse("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
  CHECK(!parse_note(note));
}

TEST_CASE("a checkpoint comes back from its note", "[audit]") {
  const SigningKey key = SigningKey::generate("nexusd/i-1");
  const std::string note = make_note(sample_note(), key);
  const auto read = parse_note(note);
  REQUIRE(read);
  CHECK(read->origin == sample_note().origin);
  CHECK(read->size == 7);
  CHECK(read->root == sample_note().root);
  CHECK(read->prev == sample_note().prev);
  CHECK(read->time == sample_note().time);
  CHECK(is_signed_by(note, key.public_key()));
  CHECK(!is_signed_by(note, SigningKey::generate("nexusd/i-1").public_key()));
  CHECK(!is_signed_by(note, SigningKey::generate("nexusd/i-2").public_key()));
}

TEST_CASE("no byte of a note can be changed unseen", "[audit]") {
  const SigningKey key = SigningKey::generate("nexusd/i-1");
  const std::string note = make_note(sample_note(), key);
  for (std::size_t at = 0; at < note.size(); ++at)
    for (const int bit : {0, 3, 5, 7}) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      INFO("byte " << at << " bit " << bit);
      CHECK(!(parse_note(changed) && is_signed_by(changed, key.public_key())));
    }
  for (std::size_t length = 0; length < note.size(); ++length) CHECK(!parse_note(note.substr(0, length)));
}

TEST_CASE("a note of a succession names the next key and is signed by both", "[audit]") {
  const SigningKey before = SigningKey::generate("nexusd/i-1"), after = SigningKey::generate("nexusd/i-1");
  const std::string note = make_succession_note(sample_note(), before, after);
  const auto read = parse_note(note);
  REQUIRE(read);
  REQUIRE(read->successor);
  CHECK(read->successor->text() == after.public_key().text());
  CHECK(read->time == sample_note().time);
  CHECK(is_signed_by(note, before.public_key()));
  CHECK(is_signed_by(note, after.public_key()));
  CHECK(!is_signed_by(note, SigningKey::generate("nexusd/i-1").public_key()));
  CHECK(note.find(base64(before.public_key().id()).substr(0, 4)) < note.rfind("\xE2\x80\x94 "));

  const std::string line = "\nkey " + after.public_key().text();
  CHECK(!parse_note(replaced(note, line, "\nkey ")));
  CHECK(!parse_note(replaced(note, line, line + line)));
  CHECK(!parse_note(replaced(note, line, line + "x")));
  CHECK(!parse_note(replaced(note, "\nkey ", "\nKey ")));
  CHECK(!parse_note(replaced(note, "\ntime ", line + "\ntime ")));
  // Another key in its place is signed by nobody.
  const std::string other = SigningKey::generate("nexusd/i-1").public_key().text();
  const std::string changed = replaced(note, line, "\nkey " + other);
  CHECK(parse_note(changed));
  CHECK(!is_signed_by(changed, before.public_key()));
  CHECK(!parse_note(make_note(sample_note(), before))->successor);
}

TEST_CASE("only a well-formed note is one", "[audit]") {
  const SigningKey key = SigningKey::generate("nexusd/i-1");
  const std::string note = make_note(sample_note(), key);
  CHECK(!parse_note(""));
  CHECK(!parse_note(replaced(note, "\n7\n", "\n07\n")));
  CHECK(!parse_note(replaced(note, "\n7\n", "\n-7\n")));
  CHECK(!parse_note(replaced(note, "\n7\n", "\n99999999999999999999\n")));
  CHECK(!parse_note(replaced(note, "prev ", "next ")));
  CHECK(!parse_note(replaced(note, ".456Z", ".456+00:00")));
  CHECK(!parse_note(replaced(note, "\ntime ", "\nmore x\ntime ")));
  CHECK(!parse_note(note + "more\n"));
  // A second signature of somebody else's is allowed: witnesses may add theirs.
  CHECK(parse_note(note + "\xE2\x80\x94 witness " + base64(std::string(68, 'x')) + "\n"));
}

TEST_CASE("the checkpoint key is kept for us alone, and none is made where one is missing", "[audit]") {
  char pattern[] = "/tmp/nexus-note-XXXXXX";
  const std::filesystem::path directory = ::mkdtemp(pattern);
  const auto file = directory / "keys" / "checkpoint.key";
  CHECK(!SigningKey::load(file, "nexusd/i-1"));
  const SigningKey made = SigningKey::generate("nexusd/i-1");
  made.save(file);
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(SigningKey::load(file, "nexusd/i-1")->text() == made.text());
  CHECK_THROWS(SigningKey::load(file, "nexusd/i-2"));
  replace_file(file, "nonsense\n");
  CHECK_THROWS(SigningKey::load(file, "nexusd/i-1"));
  std::filesystem::remove_all(directory);
}
