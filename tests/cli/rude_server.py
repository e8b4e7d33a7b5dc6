"""A server on a port of the system's choice, which it prints, for clients that must not wait for ever: `silent` takes
requests and answers nothing, `endless` sends a head that never ends, `flood` one of 400 MiB (and prints how much of it
was taken), `refusing` answers 413 and hangs up as soon as a request begins, `wants_tls` says in HTML that its port is
for HTTPS, `unready` is a daemon that lives and is not ready. Ends with its parent's signal, or after a minute."""
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


def serve_flood(peer):
    line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
    taken = 0
    try:
        peer.recv(65536)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        while taken < 400 << 20:
            taken += peer.send(line)
    except OSError:
        pass
    print(taken, flush=True)


def serve_refusing(peer):
    problem = json.dumps({"code": "blob.too_large", "detail": "so much is not taken"}).encode()
    try:
        peer.recv(1000)
        peer.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(problem), problem))
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65536):
            pass
    except OSError:
        pass
    peer.close()


def serve_wants_tls(peer):
    page = b"<html>The plain HTTP request was sent to HTTPS port</html>"
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
                 % (len(page), page))
    peer.close()


SERVE = {"endless": serve_endless, "flood": serve_flood, "refusing": serve_refusing, "wants_tls": serve_wants_tls}


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
        if manner in SERVE:
            threading.Thread(target=SERVE[manner], args=(peer,), daemon=True).start()


main(sys.argv[1])
