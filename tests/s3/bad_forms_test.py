"""The tables of form_cases.py, sent to nexusd's local store and, in `./dev test --long`, to a real S3 server: each case
is taken or refused as its line says, and what is refused leaves nothing."""
import os
import unittest
import uuid
from dataclasses import replace

import nexus
import s3_server
import sigv4
from form_cases import CONTENT, FORMS, LINKS, REFUSED, TAKEN


def with_signer(changes, signer):
    """A case's changes; one that asks for another signer gets ours with that part replaced."""
    return {**changes, "signer": replace(signer, **changes["signer"])} if "signer" in changes else changes


def send_form(base, signer, case, key=None):
    """The key that was asked for (`key` unless the case says another), and the answer."""
    key = key or f"tenants/t_dev/dev/raw/{uuid.uuid4()}/a b.txt"
    policy = sigv4.Policy(**{"key": key, **with_signer(case.policy, signer)})
    fields = policy.form(signer)
    body = nexus.form_body(case.touch(fields) if case.touch else fields, case.content, case.after)
    answer = nexus.call("POST", f"{base}/{case.bucket}", case.body(body) if case.body else body,
                        {"Content-Type": "multipart/form-data; boundary=" + nexus.BOUNDARY})
    return policy.key, answer


def get_link(base, signer, prefix, key, case):
    link = sigv4.Link(base, f"{prefix}/nexus/{key}", **with_signer(case.link, signer))
    parameters = link.parameters(signer)
    if case.path:
        link.path = case.path(link.path)
    return nexus.call("GET", link.url(case.touch(parameters) if case.touch else parameters))


class Tables(unittest.TestCase):
    def test_every_case_has_a_name_of_its_own(self):
        for table in (FORMS, LINKS):
            names = [case.name for case in table]
            self.assertEqual(sorted(set(names)), sorted(names))

    def test_operators_are_told_of_every_difference(self):
        with open(os.path.join(nexus.ROOT, "docs/s3.md"), encoding="utf-8") as file:
            told = " ".join(file.read().split())
        for case in FORMS + LINKS:
            if case.why:
                self.assertIn(case.why, told, case.name)


class LocalStore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nexusd = nexus.Nexusd()
        cls.addClassCleanup(cls.nexusd.stop)
        with open(os.path.join(cls.nexusd.data_dir, "keys/local-s3.key"), encoding="utf-8") as file:
            cls.signer = sigv4.Signer(*file.read().split(), "local")
        cls.base = cls.nexusd.address + "/blobs"

    def files(self):
        """Files of content under the daemon's blobs, finished or not."""
        return [os.path.join(directory, name) for directory, _, names in
                os.walk(os.path.join(self.nexusd.data_dir, "blobs")) for name in names if not name.startswith(".meta.")]

    def test_forms(self):
        for case in FORMS:
            with self.subTest(case.name):
                before = self.files()
                # The local store wants more than a signature: an asset that awaits its upload.
                _, answer = send_form(self.base, self.signer, case, self.nexusd.presign("a b.txt")["key"])
                self.assertEqual(TAKEN if answer.status == 204 else answer.code, case.local, answer.body)
                self.assertEqual(len(self.files()) - len(before), case.local == TAKEN)

    def test_links(self):
        asset = self.nexusd.presign("a b.txt")
        key, answer = send_form(self.base, self.signer, FORMS[0], asset["key"])
        self.assertEqual(answer.status, 204)
        self.assertEqual(self.nexusd.register(asset).status, 201)
        for case in LINKS:
            with self.subTest(case.name):
                answer = get_link(self.nexusd.address, self.signer, "/blobs", key, case)
                self.assertEqual(TAKEN if answer.status == 200 else answer.code, case.local, answer.body)
                self.assertEqual(answer.body == CONTENT, case.local == TAKEN)


class RealServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        s3_server.need_server(cls)

    def setUp(self):
        if self.missing:
            self.skipTest(self.missing)

    def judged(self, answer, success):
        if answer.status == success:
            return TAKEN
        return REFUSED if 400 <= answer.status < 500 else f"{answer.status} {answer.body}"

    def test_forms(self):
        for case in FORMS:
            with self.subTest(case.name):
                key, answer = send_form(self.server.endpoint, self.server.signer, case)
                self.assertEqual(self.judged(answer, 204), case.real, (answer.code, answer.body))
                left = case.content if case.leaves is None else case.leaves
                self.assertEqual(self.server.object(key, case.bucket), left if case.real == TAKEN else None)

    def test_links(self):
        key, answer = send_form(self.server.endpoint, self.server.signer, FORMS[0])
        self.assertEqual(answer.status, 204)
        for case in LINKS:
            with self.subTest(case.name):
                answer = get_link(self.server.endpoint, self.server.signer, "", key, case)
                self.assertEqual(self.judged(answer, 200), case.real, (answer.code, answer.body))
                self.assertEqual(answer.body == CONTENT, case.real == TAKEN)


if __name__ == "__main__":
    unittest.main()
