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


def lines_of(name):
    with open(os.path.join(ROOT, "tests/fixtures/audit", name), encoding="utf-8", newline="\n") as source:
        return source.readlines()


EXAMPLE = lines_of("example.ndjson")
with open(os.path.join(ROOT, "docs/audit-format.md"), encoding="utf-8") as file:
    DOCUMENT = file.read()


def restored(log, details):
    """The log with one more row, which says that the store was restored."""
    header, last = json.loads(log[0]), [json.loads(line) for line in log if line.startswith('{"seq"')][-1]
    seq, tenant, env = last["seq"] + 1, header["tenant"], header["env"]
    body = json.loads(last["body"])
    body.update({"seq": seq, "action": "store_restore", "subject": {"id": "b-1", "type": "store"},
                 "details_sha256": verify.sha(verify.canonical(details)).hex()})
    text = verify.canonical(body)
    sealed = f"nexus.audit.v1\n{tenant}\n{env}\n{seq}\n{last['hash']}\n{verify.sha(text).hex()}\n"
    row = {"seq": seq, "body": text, "details": details, "prev_hash": last["hash"], "hash": verify.sha(sealed).hex()}
    return log[:-1] + [json.dumps(line) + "\n" for line in (row, {"end": True, "rows": seq, "head": row["hash"]})]


class WorkedExample(unittest.TestCase):
    def test_the_fixture_verifies(self):
        key, = json.loads(EXAMPLE[0])["checkpoint_keys"]
        self.assertEqual(verify.verify(EXAMPLE, (), key), (2, json.loads(EXAMPLE[-1])["head"], 2, key, [], []))

    def test_version_1_verifies(self):
        before = lines_of("example-1.ndjson")
        self.assertEqual(verify.verify(before)[2:4], (1, json.loads(before[0])["checkpoint_key"]))

    def test_kept_notes_are_held_against_the_rows(self):
        note = json.loads(EXAMPLE[2])["checkpoint"]
        verify.verify(EXAMPLE, [note])
        foreign = json.loads(lines_of("example-1.ndjson")[2])["checkpoint"]
        for wrong in (foreign, note.replace("\n1\n", "\n9\n"), note.replace("/dev\n", "/prod\n")):
            with self.subTest(wrong), self.assertRaises(AssertionError):
                verify.verify(EXAMPLE, [wrong])

    def test_whoever_trusts_either_key_of_a_succession_trusts_the_log(self):
        log = lines_of("succession.ndjson")
        older, newer = json.loads(log[0])["checkpoint_keys"]
        for trusted in (older, newer, None):
            self.assertEqual(verify.verify(log, (), trusted)[2:], (5, newer, [], []))
        with self.assertRaises(Exception):
            verify.verify(log, (), "nexusd/x+00000000+AAAA")
        # Without its note the newer key comes out of nowhere.
        with self.assertRaises(AssertionError):
            verify.verify([line for line in log if "\\nkey " not in line])

    def test_the_key_for_a_lost_one_is_told_of_and_vouched_for_by_nobody(self):
        log = lines_of("replaced.ndjson")
        lost, newer = json.loads(log[0])["checkpoint_keys"]
        for trusted in (newer, None):
            self.assertEqual(verify.verify(log, (), trusted)[2:], (6, newer, [newer], []))
        with self.assertRaises(AssertionError):
            verify.verify(log, (), lost)

    def test_a_restore_is_named(self):
        log = restored(EXAMPLE, {"made_at": "2026-11-30T00:00:00.000Z"})
        self.assertEqual(verify.verify(log)[5], [(3, "b-1", "2026-11-30T00:00:00.000Z")])
        self.assertEqual(verify.verify(restored(EXAMPLE, {}))[5], [(3, "b-1", "an unknown time")])

    def test_the_document_shows_its_bytes(self):
        header, row, note = (json.loads(line) for line in EXAMPLE[:3])
        details = json.dumps(row["details"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for text in (row["body"], row["hash"], row["prev_hash"], details, hashlib.sha256(details.encode()).hexdigest(),
                     hashlib.sha256(row["body"].encode()).hexdigest(), note["checkpoint"].rstrip(),
                     *header["checkpoint_keys"], EXAMPLE[-1].rstrip()):
            self.assertIn(text, DOCUMENT)

    def test_the_verifier_is_short(self):
        with open(os.path.join(AUDIT, "verify.py"), encoding="utf-8") as source:
            self.assertLessEqual(len(source.readlines()), 120)

    def test_a_changed_example_is_refused(self):
        text = "".join(EXAMPLE)
        for at in range(0, len(text), 37):
            changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:]
            with self.subTest(at), self.assertRaises(Exception):
                verify.verify(changed.splitlines(keepends=True))


if __name__ == "__main__":
    unittest.main()
