"""The forms and links of a running nexusd are those that boto3 and @aws-sdk sign for the same clock and inputs, and
what these two sign is taken by the local store. Both are fetched once into build/ (versions and digests are pinned in
signers/); where they cannot be, the tests say so and are skipped. Nothing but the fetching uses the network."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import nexus

sys.path.insert(0, os.path.join(nexus.ROOT, "tests/support"))
from installed import NPM, VENV, installed  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SIGNERS = os.path.join(HERE, "signers")
CONTENT = b"signed by strangers\n"
WISHES = [
    {"filename": "report.pdf", "content_type": "application/pdf"},
    {"filename": "with space+plus&amp=x.txt", "content_type": "text/plain; charset=utf-8", "max_bytes": 1000},
    {"filename": "Grüße \u65e5\u672c \U0001f600 100%.txt", "content_type": "text/plain", "max_bytes": 5 << 30},
    {"filename": "digest.bin", "max_bytes": 64, "sha256": hashlib.sha256(CONTENT).hexdigest()},
]


def boto3():
    directory = installed("boto3", [os.path.join(SIGNERS, "requirements.txt")], *VENV)
    return [os.path.join(directory, "venv/bin/python"), os.path.join(SIGNERS, "boto3_signer.py")]


def aws_sdk():
    directory = installed("aws-sdk", [os.path.join(SIGNERS, pin) for pin in ("package.json", "package-lock.json")],
                          *NPM)
    return ["node", os.path.join(SIGNERS, "aws_sdk_signer.cjs"), directory]


def sign(command, items):
    done = subprocess.run(command, input=json.dumps(items), capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr[-2000:])
    return json.loads(done.stdout)


def conditions(form):
    """A policy as what it means: its end, and its conditions without order; names of fields fold their case."""
    policy = nexus.policy_of(form)
    meant = []
    for one in policy["conditions"]:
        verb, name, value = ("eq", *next(iter(one.items()))) if isinstance(one, dict) else one
        meant.append((verb, name.lower() if isinstance(name, str) else name, value))
    return policy["expiration"], sorted(meant, key=repr)


def folded(form, *without):
    return {name.lower(): value for name, value in form.items() if name.lower() not in without}


def rfc3339(amz_date):
    """20260131T235959Z as 2026-01-31T23:59:59Z."""
    return f"{amz_date[:4]}-{amz_date[4:6]}-{amz_date[6:11]}:{amz_date[11:13]}:{amz_date[13:]}"


def query_of(link):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query, keep_blank_values=True))


class ForeignSigners:
    """What holds for each of them; `signer` is its command."""

    @classmethod
    def setUpClass(cls):
        cls.missing = ""
        try:
            cls.command = cls.signer()
        except unittest.SkipTest as reason:
            cls.missing = str(reason)  # each test is counted as skipped, not only this method
            return
        cls.nexusd = nexus.Nexusd()
        cls.addClassCleanup(cls.nexusd.stop)
        with open(os.path.join(cls.nexusd.data_dir, "keys/local-s3.key"), encoding="utf-8") as file:
            cls.key_id, cls.secret = file.read().split()
        cls.presigned = [cls.nexusd.presign(**wish) for wish in WISHES]
        cls.links = [cls.uploaded_link(presigned) for presigned in cls.presigned]
        cls.answers = sign(cls.command, [cls.item(*row) for row in zip(WISHES, cls.presigned, cls.links)])

    def setUp(self):
        if self.missing:
            self.skipTest(self.missing)

    @classmethod
    def uploaded_link(cls, presigned):
        """Our link to what our form uploaded."""
        sent = nexus.post_form(presigned["url"], presigned["fields"], CONTENT)
        registered = cls.nexusd.register(presigned)
        download = cls.nexusd.call("GET", f"/nexus/raw/{presigned['asset_id']}/download")
        if (sent.status, registered.status, download.status) != (204, 201, 302):
            raise AssertionError([sent, registered, download])
        return download.headers["location"]

    @classmethod
    def item(cls, wish, presigned, link, **changed):
        fields, query = presigned["fields"], query_of(link)
        return {"now": rfc3339(fields["x-amz-date"]), "key_id": cls.key_id, "secret": cls.secret, "region": "local",
                "endpoint": cls.nexusd.address + "/blobs", "bucket": "nexus", "key": presigned["key"],
                "content_type": wish.get("content_type", "application/octet-stream"),
                "max_bytes": wish.get("max_bytes", 104857600), "sha256": wish.get("sha256"), "policy": fields["policy"],
                "get": {"key": presigned["key"], "url": link, "query": query, "lifetime": int(query["X-Amz-Expires"])},
                **changed}

    def test_our_form_has_their_fields_and_their_policy(self):
        for ours, theirs in zip(self.presigned, self.answers):
            with self.subTest(ours["filename"]):
                signed = ("policy", "x-amz-signature")
                self.assertEqual(ours["url"], theirs["post"]["url"])
                self.assertEqual(folded(ours["fields"], *signed),
                                 folded(theirs["post"]["fields"], *signed, *self.fields_beyond_ours))
                self.assertEqual(conditions(ours["fields"]), conditions(theirs["post"]["fields"]))
                self.assertEqual(ours["expires_at"][:19] + "Z", nexus.policy_of(theirs["post"]["fields"])["expiration"])

    def test_our_policy_has_their_signature(self):
        for ours, theirs in zip(self.presigned, self.answers):
            self.assertEqual(ours["fields"]["x-amz-signature"], theirs["signature"])

    def test_a_policy_with_one_bit_changed_has_another_signature(self):
        changed = self.item(WISHES[0], self.presigned[0], self.links[0])
        changed["policy"] = changed["policy"].swapcase()
        self.assertNotEqual(self.presigned[0]["fields"]["x-amz-signature"],
                            sign(self.command, [changed])[0]["signature"])

    def test_our_link_has_their_query_and_their_signature(self):
        # A link is signed when it is asked for: each has a clock of its own.
        items = [self.item(wish, presigned, link, now=rfc3339(query_of(link)["X-Amz-Date"]))
                 for wish, presigned, link in zip(WISHES, self.presigned, self.links)]
        for link, theirs in zip(self.links, sign(self.command, items)):
            self.assertEqual(query_of(link), self.same_link(theirs))

    def test_a_form_for_a_server_elsewhere_is_theirs_too(self):
        endpoint = "http://127.0.0.1:9"  # nobody is there: signing calls nobody
        with tempfile.TemporaryDirectory() as directory:
            files = []
            for text in ("AKIATEST", "sec/ret+"):
                files.append(os.path.join(directory, str(len(files))))
                with open(os.open(files[-1], os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                    file.write(text + "\n")
            elsewhere = nexus.Nexusd("--blobs", "s3", "--s3-endpoint", endpoint, "--s3-region", "eu-central-1",
                                     "--s3-bucket", "acme", "--s3-access-key-file", files[0],
                                     "--s3-secret-key-file", files[1])
            try:
                ours = elsewhere.presign(**WISHES[1])
            finally:
                elsewhere.stop()
        theirs = sign(self.command, [self.item(
            WISHES[1], ours, self.links[1], key_id="AKIATEST", secret="sec/ret+", region="eu-central-1",
            endpoint=endpoint, bucket="acme", get=None)])[0]
        self.assertEqual(ours["url"], theirs["post"]["url"])
        self.assertEqual(conditions(ours["fields"]), conditions(theirs["post"]["fields"]))
        self.assertEqual(ours["fields"]["x-amz-signature"], theirs["signature"])

    def test_their_forms_and_links_are_taken_and_spoilt_ones_refused(self):
        for wish, link in zip(WISHES, self.links):
            # A signature is not enough: it must lead to an asset that awaits its upload.
            asset = self.nexusd.presign(**wish)
            key = asset["key"]
            item = self.item(wish, asset, link)
            theirs = sign(self.command, [item])[0]
            with self.subTest(key):
                form = theirs["post"]["fields"]
                spoilt = {**form, "Content-Type": "text/html"}
                self.assertEqual(nexus.post_form(theirs["post"]["url"], spoilt, CONTENT).code, "blob.policy_violation")
                self.assertEqual(nexus.post_form(theirs["post"]["url"], form, CONTENT).status, 204)
                self.assertEqual(self.nexusd.register(asset).status, 201)
                got = nexus.call("GET", theirs["own_link"])
                self.assertEqual((got.status, got.body), (200, CONTENT))
                longer = theirs["own_link"].replace("X-Amz-Expires=900", "X-Amz-Expires=901")
                self.assertEqual(nexus.call("GET", longer).code, "blob.signature_invalid")


class Boto3(ForeignSigners, unittest.TestCase):
    signer = staticmethod(boto3)
    fields_beyond_ours = ()

    @staticmethod
    def same_link(answer):
        return query_of(answer["own_link"])


class AwsSdk(ForeignSigners, unittest.TestCase):
    signer = staticmethod(aws_sdk)
    fields_beyond_ours = ("bucket",)  # it sends the bucket, which S3 takes from the address, as a field too

    @staticmethod
    def same_link(answer):
        return answer["get"]  # its own links ask for more than ours: x-id and checksums


if __name__ == "__main__":
    unittest.main()
