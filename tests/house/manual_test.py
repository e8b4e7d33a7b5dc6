"""The manual says what the sources say: limits, flags, settings and their defaults. Reads both; runs nothing."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import limits_table  # noqa: E402
import source  # noqa: E402

FILES = source.repository()
MAIN_FLAGS = {"config", "version", "help", "retire"}  # of the command line itself, told by nexusd(8)

OPTION = re.compile(r'^    \{"(?P<name>[a-z0-9._-]+)", R::(?P<reach>\w+), (?P<many>true|false),\s*'
                    r'"(?P<value>[^"]*)",\s*"(?P<standard>[^"]*)"', re.M)


def options():
    return [match.groupdict() for match in OPTION.finditer(FILES["daemon/config/options.cpp"])]


def key_of(option):
    return option["name"].replace("-", "_")


class Limits(unittest.TestCase):
    text = "\n".join(text for path, text in FILES.items() if re.fullmatch(r"daemon/(\w+/)?limits\.hpp", path))
    header = limits_table.of_header(text)
    manual = limits_table.of_manual(FILES["man/nexus-limits.7"])

    def test_every_constant_is_read(self):
        names = re.findall(r"inline constexpr [\w:]+ ([a-z]\w*)", self.text)
        self.assertGreater(len(names), 30)
        self.assertEqual(sorted(self.header), sorted(names), "a constant has no ///< meaning, or a form not understood")

    def test_manual_and_header_agree(self):
        for name in sorted(self.header.keys() | self.manual.keys()):
            with self.subTest(name):
                self.assertEqual(self.manual.get(name), self.header.get(name), "man/nexus-limits.7, limits.hpp")

    def test_a_difference_is_seen(self):
        planted = limits_table.of_header("inline constexpr std::size_t a_max = 8 * KiB;  ///< an `a`:\n"
                                         "      ///< 413\ninline constexpr std::chrono::hours b{2 * 3};  ///< b\n")
        self.assertEqual(planted, {"a_max": ("8 KiB", "an a: 413"), "b": ("6 h", "b")})
        self.assertEqual(limits_table.of_manual(".It Sy a_max No = 9 KiB\nan a:\n413\n.It Sy c No = 1\nc\n"),
                         {"a_max": ("9 KiB", "an a: 413"), "c": ("1", "c")})


class Options(unittest.TestCase):
    def test_the_table_is_read_whole(self):
        declared = re.search(r"std::array<Option, (\d+)>", FILES["daemon/config/options.cpp"]).group(1)
        self.assertEqual(len(options()), int(declared))

    def test_every_flag_is_in_nexusd_8(self):
        flags = {option["name"] for option in options() if option["reach"] != "no_flag"} | MAIN_FLAGS
        told = set(re.findall(r"^\.It (?:Fl h , )?Fl Fl ([a-z0-9-]+)", FILES["man/nexusd.8"], re.M)) | {"retire"}
        self.assertEqual(sorted(told), sorted(flags))

    def test_a_flag_shows_its_value_as_help_does(self):
        page = FILES["man/nexusd.8"]
        for option in options():
            if option["reach"] == "no_flag" or "|" in option["value"]:
                continue
            want = f".It Fl Fl {option['name']}" + (f" Ar {option['value']}" if option["value"] else "")
            with self.subTest(option["name"]):
                self.assertIn(want + "\n", page)

    def test_every_setting_is_in_nexusd_conf_5_with_its_default(self):
        told = dict(re.findall(r"^\.It Sy ([a-z0-9._]+)(?: No = (.+))?$", FILES["man/nexusd.conf.5"], re.M))
        settings = {key_of(option): option["standard"] for option in options() if option["reach"] != "command_line"}
        self.assertEqual(told, settings)

    def test_pages_of_every_program_exist(self):
        for page in ("man/nexus.7", "man/nexusd.8", "man/nexusd.conf.5", "man/nexus-limits.7", "man/nexusctl.1.in"):
            self.assertTrue(page in FILES, page)

    def test_nexus_7_and_readme_explain_the_same_words(self):
        table = FILES["README.md"].split("\n## Words\n")[1].split("\n## ")[0]
        told = dict(re.findall(r"^\| ([a-z][^|]*|KPI[^|]*) \| ([^|]+) \|$", table.replace("`", ""), re.M))
        told.pop("word")
        words = FILES["man/nexus.7"].split("\n.Ss Words\n")[1].split("\n.El\n")[0]
        items = re.findall(r"^\.It Sy (.+)\n((?:[^.].*\n?)+)", words, re.M)
        manual = {name: " ".join(text.split()) for name, text in items}
        self.assertGreater(len(told), 14)
        self.assertEqual(manual, told)


if __name__ == "__main__":
    unittest.main()
