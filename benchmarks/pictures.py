"""A PNG of a 60-node circuit: drawn, beside cairosvg on the same SVG; how large it is; and how fast it comes again."""

import urllib.request
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import gradwire
from app.draw.png import png
from app.limits import UNLIMITED
from benchmarks.row import Row, best, times
from benchmarks.service import SOURCE, served


def run() -> Iterable[Row]:
    """Rasterised in process, and asked for again on a real socket."""
    circuit = gradwire.graph(SOURCE, x=1.5, y=2)
    svg = circuit.svg()
    made = png(svg, limits=UNLIMITED)
    try:
        import cairosvg
    except ImportError:
        pass  # `make bench` installs it
    else:
        theirs = best(lambda: cairosvg.svg2png(bytestring=svg.encode(), scale=2), seconds=2.0, rounds=3)
        yield times(
            "PNG of 60 nodes",
            best(lambda: png(svg, limits=UNLIMITED), seconds=2.0, rounds=3),
            "cairosvg",
            theirs,
            1.0,
            "ms",
        )
    size = len(made) / 1000
    yield Row(
        name="PNG of 60 nodes, its size", ours=size, peer_name="60 kB", peer=60, unit="kB", ratio=60 / size, goal=1.0
    )
    with TemporaryDirectory() as folder, served("app.cli", "serve", folder=Path(folder)) as port:
        address = f"http://127.0.0.1:{port}/graph.png?{urlencode({'source': SOURCE, 'in.x': 1.5, 'in.y': 2})}"

        def fetched() -> bytes:
            with urllib.request.urlopen(address) as answer:
                return bytes(answer.read())

        yield times("PNG asked for again, with its connection", best(fetched, rounds=20), "1 ms", 0.001, 1.0, "ms")
