"""A small HTTP server on the loopback interface that can misbehave in the ways that real ones do."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def serving(data: bytes, behaviour: list[str]):
    """Serve `data`; each request takes the next behaviour: "ok", "cut", "cut without length", "503", "login", "endless".

    Yields:
        (address, list of the requests seen)
    """
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            how = behaviour[min(len(seen), len(behaviour) - 1)]
            seen.append(how)
            getattr(self, how.replace(" ", "_").replace("503", "unavailable"))()

        def head(self, length):
            self.send_response(200)
            if length is not None:
                self.send_header("Content-Length", str(length))
            self.end_headers()

        def ok(self):
            self.head(len(data))
            self.wfile.write(data)

        def cut(self):
            self.head(len(data))
            self.wfile.write(data[: len(data) // 2])

        def cut_without_length(self):
            self.head(None)
            self.wfile.write(data[: len(data) // 2])

        def unavailable(self):
            self.send_error(503)

        def login(self):
            page = b"<html>Please log in to this network</html>"
            self.head(len(page))
            self.wfile.write(page)

        def endless(self):
            self.head(None)
            with contextlib.suppress(OSError):
                for _ in range(100):
                    self.wfile.write(bytes(1 << 20))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/weights.bin", seen
    finally:
        server.shutdown()
        server.server_close()
