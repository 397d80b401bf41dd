"""Prints what daemons cost: size, time from exec to the first answer, resident memory then. Usage: figures.py PROGRAM…"""

import os
import signal
import socket
import statistics
import sys
import time

STARTS = 9


def start(program, listener):
    """Starts a daemon with a listener, as a service manager would. Returns its process."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="http")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.execv(program, [program, "serve"])
    finally:
        os._exit(127)


def measure(program):
    """Returns milliseconds from exec to the first answer, and resident KiB then."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.settimeout(20)
        client.connect(listener.getsockname())
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        began = time.monotonic()
        pid = start(program, listener)
        try:
            answer = client.recv(4096)
            took = time.monotonic() - began
            if not answer.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"{program} answers {answer[:80]!r}")
            with open(f"/proc/{pid}/status") as status:
                resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
    return took * 1000, resident


for program in sys.argv[1:]:
    runs = [measure(program) for _ in range(STARTS)]
    milliseconds = statistics.median(took for took, _ in runs)
    resident = statistics.median(resident for _, resident in runs) / 1024
    size = os.stat(program).st_size / 1e6
    print(
        f"{os.path.basename(program):8} {size:6.1f} MB   first answer after {milliseconds:5.1f} ms   "
        f"resident {resident:5.1f} MiB"
    )
