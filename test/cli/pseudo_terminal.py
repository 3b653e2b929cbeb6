"""Runs a command on a pseudo-terminal of 24 rows and 100 columns: stdin is typed, what it draws goes to stdout."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])

sources = [terminal, 0]
while terminal in sources:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # Linux: the other side is gone
            data = b""
        if data:
            os.write(1 if source == terminal else terminal, data)
        else:
            sources.remove(source)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
