"""What LitServe calls for each batch of requests; its worker is a process of its own, which imports this."""

import litserve
from fastapi.responses import JSONResponse

from course_lib.deploy.answering import answers, read_request
from course_lib.deploy.opening import open_export

WAIT = 0.005  # seconds that the first picture of a batch waits for others, at most


class PictureAPI(litserve.LitAPI):
    """Names what the pictures of a batch show.

    Args:
        folder: what `export` wrote.
        format: the one to run.
        batch: pictures in one call at most.
    """

    def __init__(self, folder: str, format: str, batch: int):
        super().__init__(max_batch_size=batch, batch_timeout=WAIT if batch > 1 else 0.0)
        self.folder, self.format = folder, format

    def setup(self, device) -> None:
        """Open the export, in the worker."""
        self.exported = open_export(self.folder, self.format)

    def decode_request(self, request):
        """Return the picture at the network's size, or a sentence: an exception would end the whole batch."""
        return read_request(request, self.exported.manifest.preprocess.resized)

    def predict(self, batch):
        """Return an answer for each request."""
        return (
            answers(self.exported, batch) if isinstance(batch, list) else answers(self.exported, [batch])[0]
        )

    def batch(self, inputs):
        """Leave a batch the list that it is."""
        return list(inputs)

    def unbatch(self, output):
        """Return the answers one by one."""
        return output

    def encode_response(self, output):
        """Write an answer as JSON; what could not be used has the status 422."""
        return JSONResponse(output, status_code=422 if "error" in output else 200)
