"""What may stand between nexusctl and a daemon. Prints where it listens, and ends with its parent's signal or after a
minute.

  front.py tls DIRECTORY   TLS with a certificate made in DIRECTORY (tls.pem); standard input says the daemon's address
  front.py proxy UPSTREAM  an HTTP proxy that leads every request and tunnel to UPSTREAM, and prints each first line
  front.py proxy UPSTREAM ASSET_ID  the same, and the presigned form of that asset has expired
  front.py proxy UPSTREAM /PATH     the same, and requests of that path are cut off
  front.py proxy UPSTREAM /PATH silent  the same, and requests of that path are never answered
  front.py proxy UPSTREAM /PATH busy    the same, and requests of that path get 503 with Retry-After
"""
import os
import socket
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "s3"))
from tls_proxy import TlsProxy  # noqa: E402


def hand_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def spoil(client):
    if MANNER == "silent":
        threading.Event().wait()
    if MANNER == "busy":
        problem = b'{"code":"store.busy","detail":"too many wait"}'
        client.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
                       b"Retry-After: 2\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(problem) + problem)
    client.close()


def serve_proxied(client, upstream):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            return
        head += data
    print(head.split(b"\r\n")[0].decode(), flush=True)
    if SPOILT.startswith(b"/") and head.split(b" ")[1].split(b"?")[0].endswith(SPOILT):
        return spoil(client)
    if SPOILT and b" http" in head and b"/blobs/" in head.split(b"\r\n")[0]:
        while SPOILT not in head and b'name="file"' not in head:  # the file comes last
            data = client.recv(65536)
            if not data:
                return
            head += data
        if SPOILT in head:
            problem = b'{"code":"blob.form_expired","detail":"the form has expired"}'
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(problem) + problem)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
            return client.close()
    server = socket.create_connection(upstream)
    method, target, version = head.split(b"\r\n")[0].split(b" ")
    if method == b"CONNECT":
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
    else:  # one request a connection, so that only heads at a beginning are rewritten
        parts = urllib.parse.urlsplit(target.decode())
        path = parts.path + ("?" + parts.query if parts.query else "")
        rest = head.split(b"\r\n", 1)[1]
        server.sendall(b" ".join([method, path.encode(), version]) + b"\r\nConnection: close\r\n" + rest)
    back = threading.Thread(target=hand_on, args=(server, client), daemon=True)
    back.start()
    hand_on(client, server)
    back.join()
    client.close()
    server.close()


def be_proxy(upstream):
    parts = urllib.parse.urlsplit(upstream)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        client = listener.accept()[0]
        threading.Thread(target=serve_proxied, args=(client, (parts.hostname, parts.port)), daemon=True).start()


def be_tls(directory):
    front = TlsProxy("http://127.0.0.1:1", directory)
    print(front.endpoint, flush=True)
    front.lead_to(sys.stdin.readline().strip())
    threading.Event().wait()


SPOILT = sys.argv[3].encode() if len(sys.argv) > 3 else b""
MANNER = sys.argv[4] if len(sys.argv) > 4 else "cut"
threading.Timer(60, lambda: os._exit(0)).start()
{"tls": be_tls, "proxy": be_proxy}[sys.argv[1]](sys.argv[2])
