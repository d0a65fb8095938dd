"""A small HTTP server on the loopback interface that can misbehave in the ways that real ones do."""

import contextlib
import functools
import gzip
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


class Seen(list):
    """The behaviours that requests have met, and when: `times`. While one pauses, `paused` is set."""

    def __init__(self):
        super().__init__()
        self.times, self.paused, self.over, self.lock = (
            [],
            threading.Event(),
            threading.Event(),
            threading.Lock(),
        )

    def next(self, behaviour: list[str]) -> str:
        with self.lock:
            self.append(behaviour[min(len(self), len(behaviour) - 1)])
            self.times.append(time.monotonic())
            return self[-1]


@contextlib.contextmanager
def serving(data: bytes, behaviour: list[str]):
    """Serve `data`; each request takes the next behaviour, the last one of them for ever.

    Args:
        data: what the file should be.
        behaviour: each a method of `Misbehaving`, whose first word may be followed by an argument: "ok", "cut", "status 503",
            "pause 100", ...

    Yields:
        (address, the requests seen)
    """
    seen = Seen()
    handler = type("Handler", (Misbehaving,), {"data": data, "behaviour": behaviour, "seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.request_queue_size = 16
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/weights.bin", seen
    finally:
        seen.over.set()
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def served(folder):
    """Serve a folder as `python -m http.server` does; yields its address."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Misbehaving(BaseHTTPRequestHandler):
    """Answers each request in another way."""

    def do_GET(self):
        """Take the next behaviour."""
        name, _, argument = self.seen.next(self.behaviour).partition(" ")
        with contextlib.suppress(OSError):  # whoever asked may be gone
            getattr(self, name)(*([argument] if argument else []))

    def head(self, length, status=200, **headers):
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def ok(self, seconds="0"):
        """All of it; after a while."""
        self.head(len(self.data))
        half = len(self.data) // 2
        self.wfile.write(self.data[:half])
        self.seen.over.wait(float(seconds))
        self.wfile.write(self.data[half:])

    def cut(self, how=""):
        """Half of it, "without length", "chunked" or as a length had promised more; or "at once" nothing."""
        half = self.data[: 0 if how == "at once" else len(self.data) // 2]
        if how == "chunked":
            self.protocol_version = "HTTP/1.1"
            self.head(None, Transfer_Encoding="chunked")
            self.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
            self.close_connection = True
        else:
            self.head(None if how == "without length" else len(self.data))
            self.wfile.write(half)

    def gzipped(self, how=""):
        """All of it, compressed; or "badly": called so, and not."""
        data = self.data if how else gzip.compress(self.data)
        self.head(len(data), Content_Encoding="gzip")
        self.wfile.write(data)

    def chunked(self):
        """All of it, in chunks and without a length."""
        self.protocol_version = "HTTP/1.1"
        self.head(None, Transfer_Encoding="chunked")
        for start in range(0, len(self.data), 100_000):
            chunk = self.data[start : start + 100_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def status(self, text):
        """An answer such as "503", "429 2" (seconds to wait), "429 date 2" (until then), "404"."""
        status, _, wait = text.partition(" ")
        if wait.startswith("date"):
            wait = formatdate(time.time() + float(wait.removeprefix("date")), usegmt=True)
        self.head(0, int(status), **({"Retry_After": wait} if wait else {}))

    def stall(self, how="half"):
        """A part of it, or nothing, not even an answer; then silence."""
        if how != "silent":
            self.head(len(self.data))
            self.wfile.write(self.data[: len(self.data) // 2])
        self.seen.over.wait(60)

    def drip(self):
        """A byte now and then."""
        self.head(len(self.data))
        for place in range(1_000):
            self.wfile.write(self.data[place : place + 1])
            if self.seen.over.wait(0.05):
                break

    def pause(self, count):
        """So many bytes of it; the rest when the test has ended."""
        self.head(len(self.data))
        self.wfile.write(self.data[: int(count)])
        self.seen.paused.set()
        self.seen.over.wait(60)

    def login(self, how=""):
        """A page, with status 200."""
        self.head(None if how == "without length" else len(PAGE))
        self.wfile.write(PAGE)

    def wrong(self):
        """Another file that is as long."""
        self.head(len(self.data))
        self.wfile.write(self.data[:-1] + bytes([self.data[-1] ^ 1]))

    def endless(self):
        """A hundred megabytes for whatever was asked."""
        self.head(None)
        for _ in range(100):
            self.wfile.write(bytes(1 << 20))

    def log_message(self, *_):
        """Say nothing."""
