"""Runs a command with a terminal as its output, prints what the terminal got, and ends as the command did."""
import os
import pty
import sys

sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
