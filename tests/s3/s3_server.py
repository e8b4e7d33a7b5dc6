"""A real S3 server for a test, started and stopped by radosgw.bash, and calls to it with its user's signature."""
import os
import shutil
import subprocess
import threading

import sigv4

NEEDED = ("ceph", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool")


def skip_reason():
    """Why there can be no server here; empty when there can."""
    if not os.environ.get("NEXUS_TEST_LONG"):
        return "a real S3 server is started by ./dev test --long alone"
    missing = [name for name in NEEDED if not shutil.which(name)]
    return f"Ceph's radosgw is not installed ({missing[0]} is missing)" if missing else ""


class S3Server:
    """Answers when constructed, with an empty bucket `nexus` and an empty `nexus-versioned` that keeps versions."""

    def __init__(self):
        self.signer = sigv4.Signer("nexus-test-key", "nexus/test+secret", "us-east-1")
        self.guest = sigv4.Signer("guest-test-key", "guest-secret", "us-east-1")  # with no right to the buckets
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "radosgw.bash")
        self._process = subprocess.Popen([script, self.signer.key_id, self.signer.secret,
                                          self.guest.key_id, self.guest.secret], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._errors = []
        self._reader = threading.Thread(target=lambda: self._errors.extend(self._process.stderr), daemon=True)
        self._reader.start()
        self.endpoint = self._process.stdout.readline().strip()
        if not self.endpoint:
            self.stop()
            raise RuntimeError("no S3 server:\n" + "".join(self._errors))

    def stop(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._reader.join(5)
        self._process.stdout.close()
        self._process.stderr.close()

    def call(self, method, path, query=None, body=b"", headers=None, signer=None):
        return sigv4.request(signer or self.signer, method, self.endpoint, path, query, body, headers)

    def object(self, key, bucket="nexus"):
        """What is stored under this key, or None."""
        answer = self.call("GET", f"/{bucket}/{key}")
        return answer.body if answer.status == 200 else None


def need_server(test_class):
    """For setUpClass: `test_class.server`, or `test_class.missing` with a reason to skip."""
    test_class.missing = skip_reason()
    if not test_class.missing:
        test_class.server = S3Server()
        test_class.addClassCleanup(test_class.server.stop)
