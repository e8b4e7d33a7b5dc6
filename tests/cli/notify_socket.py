#!/usr/bin/env python3
"""A service manager's socket (sd_notify(3)) for tests: writes each message as one line into a file, line ends as |. As
soon as READY=1 says where the daemon serves, it asks /livez there and writes what came. usage: SOCKET FILE"""
import re
import socket
import sys
import urllib.request

path, told = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener, open(told, "w", buffering=1) as out:
    listener.bind(path)
    while True:
        message = listener.recv(4096).decode()
        out.write(message.replace("\n", "|") + "\n")
        address = re.search(r"^READY=1\nSTATUS=serving on ([0-9.:]+)", message)
        if address:
            out.write("livez %d\n" % urllib.request.urlopen("http://%s/livez" % address[1], timeout=30).status)
