#!/usr/bin/env python3
"""Starts a program as a service manager does that opened its sockets (sd_listen_fds(3)).
usage: pass_sockets.py NAME=KIND:ADDRESS... -- PROGRAM ARG...   KIND is tcp, bound (not listening), udp or unix"""
import os
import socket
import sys

at = sys.argv.index("--")
names, first = [], 3
for place, word in enumerate(sys.argv[1:at]):
    name, rest = word.split("=", 1)
    kind, address = rest.split(":", 1)
    if kind == "unix":
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.bind(address)
    else:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
        opened.bind((address, 0))
    if kind in ("tcp", "unix"):
        opened.listen(16)
    names.append(name)
    descriptor = opened.detach()
    if descriptor != first + place:
        os.dup2(descriptor, first + place)
        os.close(descriptor)
    os.set_inheritable(first + place, True)
os.environ.update(LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=":".join(names), LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
