"""/healthz: alive. /readyz: able to serve. /metrics: for Prometheus."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.openapi import Operation
from app.api.problems import problem, response

NOT_KEPT = {"cache-control": "no-store"}


async def healthz(_: Request) -> Response:
    """Alive, whatever else is away."""
    return Response(b'{"status":"ok"}', media_type="application/json", headers=NOT_KEPT)


async def readyz(http: Request) -> Response:
    """Able to serve all of the API: the database answers."""
    if await http.app.state.links.reachable():
        return Response(b'{"status":"ok","database":"ok"}', media_type="application/json", headers=NOT_KEPT)
    return response(problem(503, "the database cannot be reached; all that needs none goes on"), {"retry-after": "2"})


async def metrics(http: Request) -> Response:
    """What the server did, in Prometheus's text format."""
    text = generate_latest(http.app.state.metrics.registry)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8", headers=NOT_KEPT)


class Insides(Collector):
    """The workshop, the caches and the rates, read when asked."""

    def __init__(self, workshop: Any, cache: Any, rates: Any = None, shared: Any = None) -> None:
        self.workshop = workshop
        self.cache = cache
        self.rates = rates
        self.shared = shared

    def collect(self) -> Iterable[Metric]:
        """The figures as they stand."""
        tally = self.workshop.tally
        jobs = CounterMetricFamily("gradwire_jobs", "Jobs by where they were done, or why not", labels=["outcome"])
        for outcome in ("inline", "pooled", "overrun", "shed", "lost", "spread"):
            jobs.add_metric([outcome], getattr(tally, outcome))
        yield jobs
        yield GaugeMetricFamily("gradwire_workers_busy", "Workers at work", value=self.workshop.busy)
        yield GaugeMetricFamily("gradwire_workers", "Workers", value=self.workshop.workers)
        if self.workshop.cluster is not None:
            threads = self.workshop.cluster.threads
            yield GaugeMetricFamily("gradwire_cluster_threads", "Threads of the cluster; 0: it is away", value=threads)
        yield GaugeMetricFamily("gradwire_cache_bytes", "Bytes of kept answers", value=self.cache.size)
        yield GaugeMetricFamily("gradwire_cache_entries", "Kept answers", value=len(self.cache))
        lookups = CounterMetricFamily("gradwire_cache_lookups", "Look-ups in the cache", labels=["found"])
        lookups.add_metric(["true"], self.cache.hits)
        lookups.add_metric(["false"], self.cache.misses)
        yield lookups
        yield CounterMetricFamily(
            "gradwire_rate_refusals", "Requests over a client's rate", value=self.rates.refused if self.rates else 0
        )
        if self.shared is not None:
            up = 0 if self.shared.away else 1
            yield GaugeMetricFamily("gradwire_shared_cache_up", "Whether the store of replicas answers", value=up)
            lookups = CounterMetricFamily(
                "gradwire_shared_cache_lookups", "Look-ups in the store of replicas", labels=["found"]
            )
            lookups.add_metric(["true"], self.shared.hits)
            lookups.add_metric(["false"], self.shared.misses)
            lookups.add_metric(["unanswered"], self.shared.skipped)
            yield lookups


class Health(Struct, omit_defaults=True):
    """How the server is."""

    status: str
    database: str = ""


operations = (
    Operation(method="GET", path="/healthz", summary="Alive", answers={"200": ("application/json", Health)}),
    Operation(method="GET", path="/readyz", summary="Able to serve", answers={"200": ("application/json", Health)}),
    Operation(method="GET", path="/metrics", summary="Metrics for Prometheus", answers={"200": ("text/plain", None)}),
)
routes = [
    Route(prefix + path, answer, methods=["GET"])
    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics))
    for prefix in ("", "/api/v1")
]
