"""A PNG of the gallery's circuit that is nearest to 60 nodes: drawn, beside cairosvg on the same SVG; its size; and how
fast it comes again."""

import http.client
import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import gradwire
from app.draw.png import png, size
from app.limits import UNLIMITED
from app.work.gallery import examples
from benchmarks.row import Row, best, times, under
from benchmarks.service import served

NODE = "data-node="


def run() -> Iterable[Row]:
    """Rasterised in process, and asked for again on a real socket."""
    drawn = [(gradwire.graph(it.source, **it.inputs).svg(), it) for it in examples()]
    svg, example = min(drawn, key=lambda each: abs(each[0].count(NODE) - 60))
    nodes = f"{svg.count(NODE)} nodes"
    made = png(svg, limits=UNLIMITED)
    try:
        import cairosvg
    except ImportError:
        pass  # `make bench` installs it
    else:
        across = size(svg)[0]
        theirs = best(lambda: cairosvg.svg2png(bytestring=svg.encode(), output_width=across), seconds=2.0, rounds=3)
        yield times(
            f"PNG of {nodes}",
            best(lambda: png(svg, limits=UNLIMITED), seconds=2.0, rounds=3),
            "cairosvg",
            theirs,
            1.0,
            "ms",
        )
    yield under(f"PNG of {nodes}, its size", len(made) / 1000, 60, "kB")
    with TemporaryDirectory() as folder, served("app.cli", "serve", folder=Path(folder)) as port:
        inputs = {f"in.{name}": json.dumps(value) for name, value in example.inputs.items()}
        address = f"/graph.png?{urlencode({'source': example.source, **inputs})}"
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def fetched() -> bytes:
            connection.request("GET", address)
            return connection.getresponse().read()

        assert fetched().startswith(b"\x89PNG")
        yield times("PNG asked for again", best(fetched, rounds=20), "1 ms", 0.001, 1.0, "ms")
        connection.close()
