"""Installs others' programs for the tests, once for each state of their pins, into build/ beside the product: PyPI's by
requirements.txt with hashes, npm's by package-lock.json. Where they cannot be had the tests that need them are skipped
with the reason. Nothing but the installing uses the network."""
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSTALLED = os.path.join(ROOT, "build/foreign")
VENV = ([sys.executable, "-m", "venv", "venv"],
        ["venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
         "--only-binary", ":all:", "--retries", "1", "-r", "requirements.txt"])
NPM = (["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"],)


def installed(name, pins, *commands):
    """The directory where something is installed. `pins`: the paths of the files that say which versions, copied
    there; `commands`: run there, one after the other, 180 s each. Suites that run side by side wait for one another.
    Raises SkipTest where a command fails."""
    digest = hashlib.sha256()
    for pin in pins:
        with open(pin, "rb") as file:
            digest.update(file.read())
    directory = os.path.join(INSTALLED, f"{name}-{digest.hexdigest()[:16]}")
    os.makedirs(INSTALLED, exist_ok=True)
    with open(directory + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(directory, "complete")):
            install(name, directory, pins, commands)
    return directory


def install(name, directory, pins, commands):
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    for pin in pins:
        shutil.copy(pin, directory)
    for command in commands:
        try:
            done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=180)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise unittest.SkipTest(f"{name} cannot be installed: {error}") from error
        if done.returncode != 0:
            reason = next((line for line in (done.stderr + done.stdout).splitlines() if "rror" in line), "no reason")
            raise unittest.SkipTest(f"{name} cannot be installed; is its registry reached? {reason[:120]}")
    with open(os.path.join(directory, "complete"), "w", encoding="utf-8"):
        pass
