"""Python's http.server as another reader of the same octets.

Reads cases from standard input, one a line in hexadecimal; writes a line each: the targets that it would execute,
separated by spaces. A body of a said length is read; http.server leaves that to its user.
"""

import io
import sys
from http.server import BaseHTTPRequestHandler


class Reader(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, octets):
        self.executed = []
        self.rfile = io.BytesIO(octets)
        self.wfile = io.BytesIO()
        self.client_address = ("reference", 0)
        self.close_connection = True
        self.handle()

    def execute(self):
        self.executed.append(self.path)
        length = self.headers.get("Content-Length", "0")
        try:
            self.rfile.read(min(max(0, int(length)), 1 << 20))
        except ValueError:
            self.close_connection = True

    def __getattr__(self, name):
        # http.server calls do_GET for GET, and so on for any method.
        if name.startswith("do_"):
            return self.execute
        raise AttributeError(name)

    def log_message(self, *arguments):
        pass


for line in sys.stdin:
    reader = Reader(bytes.fromhex(line.strip()))
    targets = [target.encode("iso-8859-1").hex() for target in reader.executed]
    print(" ".join(targets), flush=True)
