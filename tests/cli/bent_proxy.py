"""A reverse proxy in front of a daemon, with one bad habit. Prints where it listens, and ends with its parent's signal
or when its standard input ends.

  bent_proxy.py UPSTREAM [HABIT]

  plain       none: every request and stream is passed on at once
  small       bodies over 1 MiB are refused
  no-upgrade  Upgrade is not passed on
  buffers     an answer is passed on once it is whole
  host        the Host is replaced by the upstream's
  ahead       the Date of answers is ten minutes later; behind: ten minutes earlier
"""
import email.utils
import re
import socket
import sys
import threading
import urllib.parse

SMALL = 1 << 20
REFUSAL = (b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: text/html\r\nContent-Length: 9\r\n"
           b"Connection: close\r\n\r\ntoo large")


def read_head(source):
    head = b""
    while b"\r\n\r\n" not in head:
        data = source.recv(65536)
        if not data:
            return b"", b""
        head += data
    head, rest = head.split(b"\r\n\r\n", 1)
    return head, rest


def pass_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass


def drain(source):
    """What a client still sends is read, so that its answer is not lost with the connection."""
    try:
        while source.recv(65536):
            pass
    except OSError:
        pass


def field(head, name):
    found = re.search(rb"(?im)^" + name + rb":[ \t]*(.*?)\r?$", head)
    return found[1] if found else b""


def without(head, *names):
    return b"\r\n".join(line for line in head.split(b"\r\n")
                        if line.split(b":")[0].lower() not in names)


def asked(head, upgrades):
    if not upgrades:
        # One request a connection: each has its head looked at.
        head = without(head, b"connection", b"upgrade") + b"\r\nConnection: close"
    if HABIT == "host":
        head = without(head, b"host") + b"\r\nHost: " + UPSTREAM.netloc.encode()
    return head


def answered(head):
    if HABIT not in ("ahead", "behind"):
        return head
    at = email.utils.parsedate_to_datetime(field(head, b"date").decode()).timestamp()
    moved = email.utils.formatdate(at + (600 if HABIT == "ahead" else -600), usegmt=True)
    return without(head, b"date") + b"\r\nDate: " + moved.encode()


def serve(client):
    with client:
        head, rest = read_head(client)
        if not head:
            return
        if HABIT == "small" and int(field(head, b"content-length") or 0) > SMALL:
            client.sendall(REFUSAL)
            client.shutdown(socket.SHUT_WR)
            return drain(client)
        upgrades = bool(field(head, b"upgrade")) and HABIT != "no-upgrade"
        with socket.create_connection((UPSTREAM.hostname, UPSTREAM.port)) as daemon:
            daemon.sendall(asked(head, upgrades) + b"\r\n\r\n" + rest)
            threading.Thread(target=pass_on, args=(client, daemon), daemon=True).start()
            answer_client(client, daemon, upgrades)
        drain(client)


def answer_client(client, daemon, upgrades):
    try:
        head, rest = read_head(daemon)
        if not head:
            return client.shutdown(socket.SHUT_RDWR)
        if HABIT == "buffers" and not upgrades:
            while data := daemon.recv(65536):
                rest += data
        client.sendall(answered(head) + b"\r\n\r\n" + rest)
        pass_on(daemon, client)
        client.shutdown(socket.SHUT_WR)
    except OSError:
        pass


UPSTREAM = urllib.parse.urlsplit(sys.argv[1])
HABIT = sys.argv[2] if len(sys.argv) > 2 else "plain"


def listen():
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


threading.Thread(target=listen, daemon=True).start()
sys.stdin.read()
