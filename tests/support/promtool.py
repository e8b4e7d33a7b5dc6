"""promtool of Debian's package `prometheus`, unpacked into build/ and not installed. Where it cannot be had, what needs
it is skipped with the reason."""
import os
import shutil
import subprocess

from installed import INSTALLED, installed

PACKAGE = "prometheus"
# Lists of packages may be absent, or older than what the mirror has.
FETCH = f"apt-get download {PACKAGE} || {{ apt-get -qq update && apt-get download {PACKAGE}; }}"


def promtool():
    """The path of the program; whoever has it on the PATH uses that."""
    found = shutil.which("promtool")
    if found:
        return found
    os.makedirs(INSTALLED, exist_ok=True)
    pin = os.path.join(INSTALLED, "promtool.pin")
    with open(pin, "w", encoding="utf-8") as file:
        file.write(PACKAGE + "\n")
    there = installed("promtool", [pin], ["sh", "-c", FETCH], ["sh", "-c", f"dpkg -x {PACKAGE}_*.deb ."])
    return os.path.join(there, "usr/bin/promtool")


def run(*words, text=None, cwd=None):
    """What it printed. Fails the test with that where promtool finds something."""
    done = subprocess.run([promtool(), *words], input=text, cwd=cwd, text=True, timeout=60, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # A finding of `check metrics` has status 3.
    if done.returncode != 0:
        raise AssertionError(f"promtool {' '.join(words)} ended with {done.returncode}:\n{done.stdout[-6000:]}")
    return done.stdout
