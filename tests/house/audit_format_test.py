"""The worked example of docs/audit-format.md is real: its bytes are those of the fixture, and an independent verifier
accepts the fixture and refuses it with any one byte of it changed."""
import hashlib
import json
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
AUDIT = os.path.join(ROOT, "tests/audit")
sys.path.insert(0, AUDIT)
import verify  # noqa: E402

with open(os.path.join(ROOT, "tests/fixtures/audit/example.ndjson"), encoding="utf-8", newline="\n") as file:
    EXAMPLE = file.readlines()
with open(os.path.join(ROOT, "docs/audit-format.md"), encoding="utf-8") as file:
    DOCUMENT = file.read()


class WorkedExample(unittest.TestCase):
    def test_the_fixture_verifies(self):
        seq, head = verify.verify(EXAMPLE)
        self.assertEqual((seq, head), (2, json.loads(EXAMPLE[-1])["head"]))

    def test_the_document_shows_its_bytes(self):
        header, row, note = (json.loads(line) for line in EXAMPLE[:3])
        details = json.dumps(row["details"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for text in (row["body"], row["hash"], row["prev_hash"], details, hashlib.sha256(details.encode()).hexdigest(),
                     hashlib.sha256(row["body"].encode()).hexdigest(), note["checkpoint"].rstrip(),
                     header["checkpoint_key"], EXAMPLE[-1].rstrip()):
            self.assertIn(text, DOCUMENT)

    def test_the_verifier_is_short(self):
        with open(os.path.join(AUDIT, "verify.py"), encoding="utf-8") as source:
            self.assertLessEqual(len(source.readlines()), 115)

    def test_a_changed_example_is_refused(self):
        text = "".join(EXAMPLE)
        for at in range(0, len(text), 37):
            changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:]
            with self.subTest(at), self.assertRaises(Exception):
                verify.verify(changed.splitlines(keepends=True))


if __name__ == "__main__":
    unittest.main()
