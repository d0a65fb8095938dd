"""What stands before the server: it reads a request first, and answers what the server behind it would stumble over."""

import json

from course_lib.deploy.answering import HOW
from course_lib.errors import first_line

DRAINED = 10  # times that are read and thrown away, so that a client gets to hear why
FORM, JSON = "multipart/form-data", "application/json"
MOST_PARTS = 16  # of a form; two are of use


class Guard:
    """Caps the size of a request, and refuses what is neither a form nor flat JSON.

    Args:
        app: what answers all other requests.
        most: bytes of a request.
    """

    def __init__(self, app, most: int):
        self.app, self.most = app, most

    async def __call__(self, scope, receive, send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        body = await self._body(receive)
        kind, scope = _with_one_type(scope)
        if problem := await self._problem(kind, scope["headers"], body):
            await _refuse(send, *problem)
        else:
            await self.app(scope, _told(body, receive), send)

    async def _body(self, receive) -> bytes | None:
        """Read a request; of one that is too large nothing is kept, but it is heard out, since else nobody hears the answer."""
        body, size, more = bytearray(), 0, True
        while more and size <= DRAINED * self.most:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
            if size <= self.most:
                body += message.get("body", b"")
            else:
                body.clear()
        return bytes(body) if size <= self.most else None

    async def _problem(self, kind: str, headers, body: bytes | None) -> tuple[int, str] | None:
        if body is None:
            return 413, f"The upload is larger than {self.most >> 20} MB: send a smaller picture."
        if kind == FORM:
            return await _problem_of_form(headers, body)
        if kind == JSON:
            return _problem_of_json(body)
        return 415, f"The request is of the type {kind[:60] or 'nobody knows what'}: {HOW}."


def _with_one_type(scope) -> tuple[str, dict]:
    """Return a request's type, and the request with that type alone, in the small letters that the server looks for."""
    name = b"content-type"
    said = dict(scope["headers"]).get(name, b"").decode("latin-1")
    kind, semicolon, rest = said.partition(";")  # a boundary in the rest keeps its capitals
    kind = kind.strip().lower()
    others = [header for header in scope["headers"] if header[0] != name]
    return kind, scope | {"headers": [*others, (name, f"{kind}{semicolon}{rest}".encode("latin-1"))]}


def _told(body: bytes, receive=None):
    """Return what tells a body that was read already, once."""
    told = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again():
        return next(told, None) or await receive()

    return again


async def _problem_of_form(headers, body: bytes) -> tuple[int, str] | None:
    from starlette.requests import Request

    alone = Request({"type": "http", "headers": headers}, _told(body))
    try:
        async with alone.form(max_files=MOST_PARTS, max_fields=MOST_PARTS):
            return None
    except Exception as error:  # whatever the reader of forms throws at a stranger's bytes
        return 400, f"The form can't be read ({first_line(error).rstrip('.')}): {HOW}."


def _problem_of_json(body: bytes) -> tuple[int, str] | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return 400, f"The request is no JSON: {HOW}."
    values = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    if any(isinstance(value, dict | list) for value in values):  # deep ones break on their way to the worker
        return 422, f"The JSON holds lists or objects, and no place for them: {HOW}."
    return None


async def _refuse(send, status: int, sentence: str) -> None:
    body = json.dumps({"error": sentence}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
