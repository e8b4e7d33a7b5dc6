"""A server behind TLS that stops reading in the middle of an upload: the client is told, and nexusd lives on. OpenSSL
writes to a socket without the flag that keeps SIGPIPE away, which would end the process."""
import os
import socket
import ssl
import tempfile
import threading
import unittest

import nexus
import tls_proxy


class StopsReading:
    """Takes TLS connections, reads a little of each, and then nothing more."""

    def __init__(self, certificate, key):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"https://localhost:{self._listener.getsockname()[1]}"
        self._held = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            client = self._context.wrap_socket(plain, server_side=True)
            client.recv(1000)
            self._held.append(client)

    def stop(self):
        for client in self._held:
            client.close()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


class Tls(unittest.TestCase):
    def test_nexusd_lives_on_when_a_server_behind_tls_stops_reading(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        try:
            certificate, key = tls_proxy.make_certificate(directory.name)
        except FileNotFoundError:
            self.skipTest("openssl makes the certificate, and is not installed")
        server = StopsReading(certificate, key)
        self.addCleanup(server.stop)
        secret = os.path.join(directory.name, "secret")
        with open(os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write("secret\n")
        nexusd = nexus.Nexusd("--blobs", "s3", "--s3-endpoint", server.endpoint, "--s3-access-key-file", secret,
                              "--s3-secret-key-file", secret, more={"SSL_CERT_FILE": certificate})
        self.addCleanup(nexusd.stop)
        answer = nexusd.call("POST", "/media-v2/assets", nexus.form_body([], b"x" * 5_000_000),
                             {"Content-Type": "multipart/form-data; boundary=" + nexus.BOUNDARY})
        self.assertEqual((answer.status, answer.code), (503, "storage.unavailable"), answer.body)
        self.assertIsNone(nexusd.process.poll())
        self.assertEqual(nexusd.call("GET", "/nexus/raw").status, 200)


if __name__ == "__main__":
    unittest.main()
