"""The rules of the house, checked by reading the sources, and each rule checked on a planted violation. The rules
stand in rules.py, fault_rules.py, portable_rules.py, sql_rules.py and unit_rules.py. Scripts and manual pages are
judged by shellcheck and mandoc."""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules  # noqa: E402
import fault_rules  # noqa: E402, F401: its rules register themselves
import portable_rules  # noqa: E402, F401: the same
import source  # noqa: E402
import sql_rules  # noqa: E402, F401: the same
import unit_rules  # noqa: E402, F401: the same

FILES = source.repository()


def printed(findings):
    return "".join(f"\n{path}:{line}: {advice}" for path, line, advice in findings)


class Rules(unittest.TestCase):
    """One test a rule, made below."""


class Planted(unittest.TestCase):
    """One test a rule, made below: it finds every planted violation and lets its neighbour pass."""


def rule_test(rule):
    def test(self):
        findings = list(rule.check(FILES))
        if findings:
            self.fail(printed(findings))
    return test


def planted_test(rule):
    def test(self):
        for path, text in rule.planted.items():
            found = [finding[0] for finding in rule.check({path: text})]
            self.assertIn(path, found, f"{rule.name} does not see what is wrong in {text[:80]!r}")
        findings = list(rule.check(rule.clean))
        if findings:
            self.fail(printed(findings))
    return test


for each in rules.RULES:
    setattr(Rules, f"test {each.name}", rule_test(each))
    setattr(Planted, f"test {each.name}", planted_test(each))


class Reading(unittest.TestCase):
    def test_the_repository_is_seen(self):
        self.assertTrue("CMakeLists.txt" in FILES)
        self.assertGreater(sum(map(source.is_cpp, FILES)), 50)

    def test_comments_and_literals_are_no_code(self):
        text = 'a(); // b();\n/* c();\n */ d("e();", \'\\\'\'); R"x(f();)" g)x"; h(1\'000);\n'
        code = source.code_of(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        for word in "adh":
            self.assertIn(word + "(", code)
        for word in "bcefg":
            self.assertNotIn(word + "(", code)

    def test_functions_are_measured_from_head_to_brace(self):
        text = "int a(int b,\n  int c) {\n  for (;;) {\n  }\n  auto d = [](int e) {\n  };\n}\nint f() { return 1; }\n"
        self.assertEqual(source.functions(text), [("a", 1, 7), ("f", 8, 1)])

    def test_a_ratchet_only_shrinks(self):
        self.assertIsNone(rules.ratchet("f", 60, 60, "f", {}))
        self.assertIsNone(rules.ratchet("f", 80, 60, "f", {"f": 80}))
        self.assertIn("split", rules.ratchet("f", 81, 60, "f", {"f": 80}))
        self.assertIn("lower", rules.ratchet("f", 79, 60, "f", {"f": 80}))
        self.assertIn("lower", rules.ratchet("f", 60, 60, "f", {"f": 60}))

    def test_the_ratchet_names_only_what_is_there(self):
        for path in rules.LONG_FILES:
            self.assertTrue(path in FILES, path)
        known = {f"{path}:{name}" for path, text in FILES.items() if source.is_cpp(path)
                 for name, _, _ in source.functions(text)}
        for key in rules.LONG_FUNCTIONS:
            self.assertIn(key, known)


class Tools(unittest.TestCase):
    """Scripts and manual pages, judged by the tools made for them."""

    def judge(self, tool, arguments, files):
        if not shutil.which(tool):
            self.fail(f"{tool} is missing: ./dev test installs it")
        done = subprocess.run([tool, *arguments, *files], cwd=source.ROOT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, "\n" + done.stdout + done.stderr)

    def test_shellcheck(self):
        scripts = [path for path in FILES if path in ("dev", ".ci/run") or path.endswith((".bash", ".bats", ".sh"))
                   or path.startswith("packaging/deb/")]
        self.assertIn("dev", scripts)
        bats = [path for path in scripts if path.endswith(".bats")]
        self.judge("shellcheck", ["-x"], [path for path in scripts if path not in bats])
        # Every bats test is a subshell on purpose; helpers are loaded, and called, in ways shellcheck cannot follow.
        if bats:
            self.judge("shellcheck", ["-x", "-e", "SC2030,SC2031,SC2119,SC2154,SC2317"], bats)

    def test_shellcheck_sees_a_planted_fault(self):
        done = subprocess.run(["shellcheck", "-s", "bash", "-"], input="rm $1\n", capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)

    def test_manual_pages_are_clean(self):
        pages = sorted(glob.glob("man/*.[1-8]", root_dir=source.ROOT))
        self.assertTrue(pages)
        self.judge("mandoc", ["-T", "lint", "-W", "warning"], pages)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not on this machine")
    def test_the_service_is_sandboxed(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                               os.path.join(source.ROOT, "packaging/nexusd.service")], capture_output=True, text=True)
        exposure = re.search(r"Overall exposure level.*: ([0-9.]+)", done.stdout)
        self.assertTrue(exposure, done.stdout[-500:] + done.stderr)
        self.assertLessEqual(float(exposure.group(1)), 1.2)


if __name__ == "__main__":
    unittest.main()
