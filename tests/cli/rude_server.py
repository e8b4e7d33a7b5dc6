"""A server on a port of the system's choice, which it prints, for clients that must not wait for ever: `silent` takes
requests and answers nothing, `endless` sends a head that never ends, `unready` is a daemon that lives and is not ready.
Ends with its parent's signal, or after a minute."""
import http.server
import json
import socket
import sys
import threading
import time


def serve_endless(peer):
    try:
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            peer.sendall(b"X-Filler: x\r\n")
            time.sleep(0.02)
    except OSError:
        return


class Unready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {"/livez": (200, {"status": "alive"}), "/version": (200, {"version": "0.0.0"}),
                   "/readyz": (503, {"code": "audit.unavailable", "detail": "not ready: the disk is full"})}
        status, body = answers.get(self.path, (404, {}))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json" if status > 299 else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


def main(manner):
    threading.Timer(60, lambda: __import__("os")._exit(0)).start()
    if manner == "unready":
        server = http.server.HTTPServer(("127.0.0.1", 0), Unready)
        print(server.server_port, flush=True)
        server.serve_forever()
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    peers = []
    while True:
        peer = listener.accept()[0]
        peers.append(peer)
        if manner == "endless":
            threading.Thread(target=serve_endless, args=(peer,), daemon=True).start()


main(sys.argv[1])
