"""Types half a line into `nexusctl chat join` on a terminal, lets a message come in, types the other half. The screen
must show the message on a line of its own, and below it what was typed."""
import os
import pty
import subprocess
import sys

thread = sys.argv[1]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp("nexusctl", ["nexusctl", "chat", "join", thread])

seen = b""


def until(text):
    global seen
    while text not in seen:
        got = os.read(terminal, 4096)
        if not got:
            sys.exit(f"the join ended without {text}: {seen!r}")
        seen += got
    before, seen = seen.split(text, 1)
    return before


until(b"is online")
os.write(terminal, b"half a")
until(b"half a")
subprocess.run(["nexusctl", "chat", "send", thread, "said by another"], check=True, stdout=subprocess.DEVNULL)
above = until(b"said by another")
if b"\r" not in above or b"\x1b[J" not in above:
    sys.exit(f"the typed line was not taken away: {above!r}")
until(b"> half a")
os.write(terminal, b" line\r")
until(b"half a line")
os.write(terminal, b"\x04")
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
