"""Runs a command that can be stopped with Ctrl-C, whatever the shell that started us decided.

A shell without job control starts what runs in the background with SIGINT ignored, and that is
inherited by every child. `python tools/awake.py COMMAND …` puts SIGINT back and becomes the command.
"""

import os
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except OSError as error:
        sys.exit(f"{sys.argv[1]} cannot be started: {error.strerror}")
