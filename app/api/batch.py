"""/batch: many programs, or one program at many points."""

from app.api.resource import resource
from app.work.batch import BatchAnswer, BatchRequest, batch
from app.work.encoded import JSON, NDJSON

SMALL = 20  # programs

resources = (
    resource(
        "/batch",
        BatchRequest,
        batch,
        methods=("POST",),
        produces=(JSON, NDJSON),
        inline=lambda q: q.requests is not None and len(q.requests) <= SMALL,
        drawn=lambda _: True,
        returns=BatchAnswer,
    ),
)
