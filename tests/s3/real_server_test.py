"""nexusd on a real S3 server, in `./dev test --long`: files go in and come back through every way, what was replaced is
not served, what was deleted is gone; and `nexusd check` says what is wrong with keys, buckets and addresses."""
import hashlib
import json
import os
import re
import subprocess
import tempfile
import unittest
import uuid

import nexus
import s3_server
import tls_proxy

LARGE = bytes(range(256)) * 70_000  # 17 MiB: four parts


def write_secret(directory, text):
    path = os.path.join(directory, uuid.uuid4().hex)
    with open(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return path


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class OnServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        s3_server.need_server(cls)
        cls.directory = tempfile.mkdtemp()
        cls.addClassCleanup(subprocess.run, ["rm", "-rf", cls.directory], check=True)

    def setUp(self):
        if self.missing:
            self.skipTest(self.missing)

    def options(self, signer=None, endpoint=None, bucket="nexus"):
        signer = signer or self.server.signer
        return ["--blobs", "s3", "--s3-endpoint", endpoint or self.server.endpoint, "--s3-bucket", bucket,
                "--s3-access-key-file", write_secret(self.directory, signer.key_id),
                "--s3-secret-key-file", write_secret(self.directory, signer.secret)]

    def nexusd(self, bucket="nexus"):
        started = nexus.Nexusd(*self.options(bucket=bucket))
        self.addCleanup(started.stop)
        return started

    def uploaded(self, nexusd, content, filename="a.txt", **wishes):
        form = nexusd.presign(filename, **wishes)
        answer = nexus.post_form(form["url"], form["fields"], content)
        self.assertEqual(answer.status, 204, answer.body)
        return form

    def registered(self, nexusd, content):
        answer = nexusd.register(self.uploaded(nexusd, content))
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def fetched(self, nexusd, path):
        """What the link behind a download gives."""
        answer = nexusd.call("GET", path)
        self.assertEqual(answer.status, 302, answer.body)
        return nexus.call("GET", answer.headers["location"])

    def form(self, nexusd, path, content, filename="clip.mp4"):
        body = nexus.form_body([], content).replace(b"ignored.bin", filename.encode())
        return nexusd.call("POST", path, body, {"Content-Type": "multipart/form-data; boundary=" + nexus.BOUNDARY})


class Files(OnServer):
    def test_a_file_goes_from_presign_to_download_whatever_its_name(self):
        nexusd = self.nexusd()
        for filename in ("plain.txt", "with space & + plus.txt", "größe 100%.txt", "../../x~y.txt", "!'()*;,=@.txt"):
            with self.subTest(filename):
                content = b"content of " + filename.encode()
                form = self.uploaded(nexusd, content, filename, content_type="text/x-test")
                self.assertTrue(form["key"].startswith("tenants/t_dev/dev/raw/" + form["asset_id"] + "/"))
                self.assertEqual(self.server.object(form["key"]), content)
                made = nexusd.register(form, filename=filename, size_bytes=len(content), sha256=sha256(content))
                self.assertEqual(made.status, 201, made.body)
                file = self.fetched(nexusd, f"/nexus/raw/{form['asset_id']}/download")
                self.assertEqual((file.status, file.body), (200, content))
                self.assertEqual(file.headers["content-type"], "text/x-test")
                self.assertTrue(file.headers["content-disposition"].startswith('attachment; filename="'))

    def test_what_is_not_there_or_of_another_size_is_not_registered(self):
        nexusd = self.nexusd()
        self.assertEqual(nexusd.register(nexusd.presign("a.txt")).code, "raw.not_uploaded")
        self.assertEqual(nexusd.register(self.uploaded(nexusd, b"content"), size_bytes=8).code, "raw.size_mismatch")

    def test_a_digest_is_computed_where_it_must_be(self):
        nexusd = nexus.Nexusd(*self.options(), more={"NEXUSD_RAW_REQUIRE_DIGEST": "true"})
        self.addCleanup(nexusd.stop)
        made = self.registered(nexusd, LARGE)
        self.assertEqual((made["sha256"], made["sha256_checked"]), (sha256(LARGE), True))
        lying = nexusd.register(self.uploaded(nexusd, b"content"), sha256=sha256(b"other"))
        self.assertEqual(lying.code, "raw.digest_mismatch")

    def test_what_nexusd_writes_itself_comes_back_whole(self):
        nexusd = self.nexusd()
        for content in (b"", b"small", LARGE[:5 << 20], LARGE):
            with self.subTest(len(content)):
                made = self.form(nexusd, "/media-v2/assets", content)
                self.assertEqual(made.status, 201, made.body)
                self.assertEqual(made.json["sha256"], sha256(content))
                path = "/media-v2/assets/" + made.json["asset_id"]
                self.assertEqual(self.fetched(nexusd, path + "/download").body, content)
                self.assertEqual(nexusd.call("DELETE", path).status, 204)
                self.assertTrue(nexus.eventually(lambda: self.server.object(made.json["key"]) is None))
        self.assertNotIn(b"<UploadId>", self.server.call("GET", "/nexus", {"uploads": ""}).body)
        self.assertEqual(nexusd.call("POST", "/canvas", {"canvas_id": "c"}).status, 201)
        made = self.form(nexusd, "/canvas/c/artifacts", b"drawn", "sketch.png")
        self.assertEqual(made.status, 201, made.body)
        file = self.fetched(nexusd, f"/canvas/c/artifacts/{made.json['artifact_id']}/download")
        self.assertEqual(file.body, b"drawn")

    def test_what_was_replaced_or_removed_is_not_served(self):
        nexusd = self.nexusd()
        replaced, removed = self.registered(nexusd, b"one\n"), self.registered(nexusd, b"two\n")
        self.assertEqual(self.server.call("PUT", "/nexus/" + replaced["key"], body=b"ONE\n").status, 200)
        self.assertEqual(self.server.call("DELETE", "/nexus/" + removed["key"]).status, 204)
        for asset in (replaced, removed):
            self.assertEqual(nexusd.call("GET", f"/nexus/raw/{asset['asset_id']}/download").code, "raw.changed")
            atoms = nexusd.call("POST", "/nexus/atoms/create-from-raw",
                                {"raw_asset_id": asset["asset_id"], "op_type": "lines"})
            self.assertEqual(atoms.code, "raw.changed")

    def test_a_deleted_asset_takes_its_object_with_it(self):
        nexusd = self.nexusd()
        asset = self.registered(nexusd, b"content")
        self.assertEqual(nexusd.call("DELETE", "/nexus/raw/" + asset["asset_id"]).status, 204)
        self.assertTrue(nexus.eventually(lambda: self.server.object(asset["key"]) is None))

    def test_where_versions_are_kept_the_registered_one_is_served_and_deleted(self):
        nexusd = self.nexusd("nexus-versioned")
        asset = self.registered(nexusd, b"one\ntwo\n")
        path = "/nexus-versioned/" + asset["key"]
        self.assertEqual(self.server.call("PUT", path, body=b"somebody else's\n").status, 200)
        self.assertEqual(self.fetched(nexusd, f"/nexus/raw/{asset['asset_id']}/download").body, b"one\ntwo\n")
        atoms = nexusd.call("POST", "/nexus/atoms/create-from-raw",
                            {"raw_asset_id": asset["asset_id"], "op_type": "lines"})
        self.assertEqual([atom["content"] for atom in atoms.json["items"]], ["one", "two"])
        self.assertEqual(nexusd.call("DELETE", "/nexus/raw/" + asset["asset_id"]).status, 204)
        self.assertTrue(nexus.eventually(lambda: self.server.object(asset["key"], "nexus-versioned") is None))
        listed = self.server.call("GET", "/nexus-versioned", {"prefix": asset["key"], "versions": ""}).body.decode()
        self.assertEqual(listed.count("<Version>"), 1, listed)  # the other's, hidden


class Pages(OnServer):
    def test_a_page_may_upload_where_the_bucket_has_a_rule(self):
        url = self.nexusd().presign("page.txt")["url"]
        asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
        rule = b"<CORSConfiguration><CORSRule><AllowedOrigin>https://page.example</AllowedOrigin>" \
               b"<AllowedMethod>POST</AllowedMethod><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
        self.assertNotEqual(nexus.call("OPTIONS", url, headers=asked).status, 200)
        put = self.server.call("PUT", "/nexus", {"cors": ""}, rule)
        self.assertEqual(put.status, 200, put.body)
        answer = nexus.call("OPTIONS", url, headers=asked)
        self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (200, asked["Origin"]))
        asked["Origin"] = "https://other.example"
        self.assertNotEqual(nexus.call("OPTIONS", url, headers=asked).status, 200)


class Check(OnServer):
    def check(self, *options):
        done = subprocess.run([os.path.join(nexus.BIN, "nexusd"), "check", "--data-dir",
                               os.path.join(self.directory, "none"), *options], capture_output=True, text=True,
                              timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_a_good_server_passes_every_step(self):
        for bucket in ("nexus", "nexus-versioned"):
            status, said = self.check(*self.options(bucket=bucket))
            self.assertEqual(status, 0, said)
            self.assertNotIn("FAIL", said)
            for step in ("upload", "look", "download", "write", "removal", "absence"):
                self.assertRegex(said, rf"(?m)^ok   s3 {step}: ")

    def test_what_is_wrong_is_named_with_a_remedy_and_without_the_secret(self):
        signer = self.server.signer
        wrong = type(signer)(signer.key_id, "not-the-secret-of-this-key", signer.region)
        nobody = type(signer)("nobody", signer.secret, signer.region)
        for options, words in ((self.options(wrong), "AccessDenied|SignatureDoesNotMatch"),
                               (self.options(nobody), "InvalidAccessKeyId|AccessDenied"),
                               (self.options(self.server.guest), "AccessDenied"),
                               (self.options(bucket="not-there"), "NoSuchBucket .make the bucket"),
                               (self.options(endpoint="http://127.0.0.1:1"), "nobody listens there"),
                               (self.options(endpoint="http://no-such-host.invalid"), "name is not known|in time")):
            with self.subTest(words):
                status, said = self.check(*options)
                self.assertEqual(status, 1, said)
                self.assertRegex(said, rf"(?m)^FAIL s3 upload: .*({words})")
                self.assertNotIn("not-the-secret", said)

    def test_tls_is_spoken_and_a_certificate_that_is_not_trusted_is_named(self):
        try:
            proxy = tls_proxy.TlsProxy(self.server.endpoint, self.directory)
        except FileNotFoundError:
            self.skipTest("openssl makes the certificate, and is not installed")
        self.addCleanup(proxy.stop)
        options = self.options(endpoint=proxy.endpoint)
        status, said = self.check(*options)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, "(?m)^FAIL s3 upload: .*TLS failed")
        os.environ["SSL_CERT_FILE"], before = proxy.certificate, os.environ.get("SSL_CERT_FILE")
        self.addCleanup(lambda: os.environ.pop("SSL_CERT_FILE") if before is None
                        else os.environ.update(SSL_CERT_FILE=before))
        status, said = self.check(*options)
        self.assertEqual(status, 0, said)

    def test_the_rights_that_the_manual_asks_for_are_enough(self):
        with open(os.path.join(nexus.ROOT, "docs/s3.md"), encoding="utf-8") as file:
            document = re.search(r"```json\n(.*?)```", file.read(), re.S).group(1)
        policy = json.loads(document.replace("arn:aws:s3:::acme", "arn:aws:s3:::nexus"))
        for statement in policy["Statement"]:
            statement["Principal"] = {"AWS": ["arn:aws:iam:::user/guest"]}
        answer = self.server.call("PUT", "/nexus", {"policy": ""}, json.dumps(policy).encode())
        self.assertIn(answer.status, (200, 204), answer.body)
        self.addCleanup(self.server.call, "DELETE", "/nexus", {"policy": ""})
        status, said = self.check(*self.options(self.server.guest))
        self.assertEqual(status, 0, said)


if __name__ == "__main__":
    unittest.main()
