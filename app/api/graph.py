"""/graph: the main job. /numbers, /values and /check: parts of it."""

from app.api.resource import resource
from app.work import pipeline
from app.work.pipeline import NodeRequest
from app.work.request import CheckRequest, GraphRequest, Shown


def has_layout(q: GraphRequest) -> bool:
    """Whether the answer holds places, which take the most time."""
    return bool(q.include)


graph = resource("/graph", GraphRequest, pipeline.graph, drawn=has_layout)
numbers = resource("/numbers", Shown, pipeline.numbers)
values = resource("/values", NodeRequest, pipeline.values)
check = resource("/check", CheckRequest, pipeline.check)
resources = (graph, numbers, values, check)
