"""nexusd on a real S3 server (Ceph's radosgw), as its clients see it: uploads, downloads, media in parts, removals,
objects that were replaced, versions, and what `nexusd check` says. In `./dev test --long` alone."""
import hashlib
import json
import os
import random
import subprocess
import tempfile
import unittest

import nexus
import s3_server

CONTENT = b"kept elsewhere\n"


class RealServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        s3_server.need_server(cls)
        if cls.missing:
            return
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        cls.nexusd = cls.on_server()
        cls.addClassCleanup(cls.nexusd.stop)

    def setUp(self):
        if self.missing:
            self.skipTest(self.missing)

    @classmethod
    def options(cls, bucket="nexus", endpoint=None, secret=None, signer=None):
        signer = signer or cls.server.signer
        arguments = ["--blobs", "s3", "--s3-endpoint", endpoint or cls.server.endpoint, "--s3-region", "us-east-1",
                     "--s3-bucket", bucket]
        for option, text in (("access", signer.key_id), ("secret", secret or signer.secret)):
            path = os.path.join(cls.directory, f"{option}-{hashlib.sha256(text.encode()).hexdigest()[:8]}")
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write(text + "\n")
            arguments += [f"--s3-{option}-key-file", path]
        return arguments

    @classmethod
    def on_server(cls, **changed):
        return nexus.Nexusd(*cls.options(**changed))

    def registered(self, nexusd, content=CONTENT, **wishes):
        presigned = nexusd.presign("Grüße a+b.txt", content_type="text/plain", **wishes)
        self.assertEqual(nexus.post_form(presigned["url"], presigned["fields"], content).status, 204)
        answer = nexusd.register(presigned, size_bytes=len(content))
        self.assertEqual(answer.status, 201, answer.body)
        return presigned

    def fetched(self, nexusd, path):
        redirect = nexusd.call("GET", path)
        self.assertEqual(redirect.status, 302, redirect.body)
        return nexus.call("GET", redirect.headers["location"])

    def test_upload_register_download(self):
        presigned = self.registered(self.nexusd, sha256=hashlib.sha256(CONTENT).hexdigest())
        self.assertTrue(presigned["url"].startswith(self.server.endpoint))
        got = self.fetched(self.nexusd, f"/nexus/raw/{presigned['asset_id']}/download")
        self.assertEqual((got.status, got.body, got.headers["content-type"]), (200, CONTENT, "text/plain"))
        self.assertIn("attachment", got.headers["content-disposition"])
        self.assertEqual(self.server.object(presigned["key"]), CONTENT)

    def test_what_was_not_uploaded_cannot_be_registered(self):
        self.assertEqual(self.nexusd.register(self.nexusd.presign("a.txt")).code, "raw.not_uploaded")

    def test_removal_takes_the_object(self):
        presigned = self.registered(self.nexusd)
        self.assertEqual(self.nexusd.call("DELETE", f"/nexus/raw/{presigned['asset_id']}").status, 204)
        self.assertTrue(nexus.eventually(lambda: self.server.object(presigned["key"]) is None))

    def test_a_replaced_object_is_told(self):
        presigned = self.registered(self.nexusd)
        self.assertEqual(nexus.post_form(presigned["url"], presigned["fields"], b"something else").status, 204)
        self.assertEqual(self.nexusd.call("GET", f"/nexus/raw/{presigned['asset_id']}/download").code, "raw.changed")
        atoms = self.nexusd.call("POST", "/nexus/atoms/create-from-raw",
                                 {"raw_asset_id": presigned["asset_id"], "op_type": "lines"})
        self.assertEqual(atoms.code, "raw.changed")

    def test_a_bucket_with_versions_serves_the_one_that_was_registered(self):
        nexusd = self.on_server(bucket="nexus-versioned")
        try:
            presigned = self.registered(nexusd)
            self.assertEqual(nexus.post_form(presigned["url"], presigned["fields"], b"something else").status, 204)
            self.assertEqual(self.server.object(presigned["key"], "nexus-versioned"), b"something else")
            self.assertEqual(self.fetched(nexusd, f"/nexus/raw/{presigned['asset_id']}/download").body, CONTENT)
        finally:
            nexusd.stop()

    def uploaded_form(self, path, content):
        answer = self.nexusd.call("POST", path, nexus.form_body([], content),
                                  {"Content-Type": "multipart/form-data; boundary=" + nexus.BOUNDARY}, timeout=120)
        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual(answer.json["sha256"], hashlib.sha256(content).hexdigest())
        return answer.json

    def test_media_of_many_parts(self):
        content = random.Random(6).randbytes((17 << 20) + 1)
        asset = self.uploaded_form("/media-v2/assets", content)
        self.assertEqual(self.fetched(self.nexusd, f"/media-v2/assets/{asset['asset_id']}/download").body, content)
        open_uploads = self.server.call("GET", "/nexus", {"uploads": ""})
        self.assertNotIn(b"<UploadId>", open_uploads.body)

    def test_canvas_artifacts(self):
        self.assertEqual(self.nexusd.call("POST", "/canvas", {"canvas_id": "c1"}).status, 201)
        artifact = self.uploaded_form("/canvas/c1/artifacts", CONTENT)
        path = f"/canvas/c1/artifacts/{artifact['artifact_id']}/download"
        self.assertEqual(self.fetched(self.nexusd, path).body, CONTENT)

    def checked(self, **changed):
        done = subprocess.run(
            [os.path.join(nexus.BIN, "nexusd"), "check", "--data-dir", os.path.join(self.directory, "none"),
             *self.options(**changed)], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_check_takes_an_object_there_and_back(self):
        for bucket in ("nexus", "nexus-versioned"):
            status, said = self.checked(bucket=bucket)
            self.assertEqual(status, 0, said)
            self.assertIn("s3 download", said)

    def test_check_names_what_is_wrong(self):
        for changed, reason in (({"secret": "wrong"}, "AccessDenied"), ({"bucket": "nowhere"}, "status 4"),
                                ({"endpoint": "http://127.0.0.1:9"}, "no whole answer")):
            with self.subTest(reason):
                status, said = self.checked(**changed)
                self.assertNotEqual(status, 0, said)
                self.assertIn(reason, said)

    def test_the_key_of_the_manual_may_do_what_is_needed(self):
        with open(os.path.join(nexus.ROOT, "docs/s3.md"), encoding="utf-8") as file:
            example = file.read().split("```json")[1].split("```")[0]
        policy = json.loads(example.replace(":::acme", ":::nexus-versioned"))
        for statement in policy["Statement"]:
            statement["Principal"] = {"AWS": ["arn:aws:iam:::user/guest"]}
        given = {"bucket": "nexus-versioned", "signer": self.server.guest}
        status, said = self.checked(**given)
        self.assertNotEqual(status, 0, said)
        put = self.server.call("PUT", "/nexus-versioned", {"policy": ""}, json.dumps(policy).encode())
        self.assertIn(put.status, (200, 204), put.body)
        status, said = self.checked(**given)
        self.assertEqual(status, 0, said)

    def test_a_page_may_upload_where_the_bucket_has_a_rule(self):
        presigned = self.nexusd.presign("page.txt")
        asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
        rule = b"<CORSConfiguration><CORSRule><AllowedOrigin>https://page.example</AllowedOrigin>" \
               b"<AllowedMethod>POST</AllowedMethod><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
        self.assertNotEqual(nexus.call("OPTIONS", presigned["url"], headers=asked).status, 200)
        put = self.server.call("PUT", "/nexus", {"cors": ""}, rule)
        self.assertEqual(put.status, 200, put.body)
        answer = nexus.call("OPTIONS", presigned["url"], headers=asked)
        self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (200, asked["Origin"]))
        asked["Origin"] = "https://other.example"
        self.assertNotEqual(nexus.call("OPTIONS", presigned["url"], headers=asked).status, 200)


if __name__ == "__main__":
    unittest.main()
