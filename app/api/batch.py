"""/batch: many programs, or one program at many points."""

from app.api.resource import resource
from app.work.batch import FIRST, BatchAnswer, BatchRequest, batch, piece, whole
from app.work.encoded import JSON, NDJSON

resources = (
    resource(
        "/batch",
        BatchRequest,
        batch,
        methods=("POST",),
        produces=(JSON, NDJSON),
        inline=lambda q: q.requests is not None and len(q.requests) <= FIRST,
        drawn=lambda _: True,
        step=piece,
        whole=whole,
        returns=BatchAnswer,
    ),
)
