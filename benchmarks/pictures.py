"""A PNG of the gallery's circuit that is nearest to 60 nodes: how long it takes and how large it is, beside cairosvg's
of as many pixels from the same circuit's SVG; and how fast it comes again."""

import http.client
import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from app.draw.mark import Scene
from app.draw.png import png, size
from app.draw.svg import svg
from app.export.svg import picture
from app.limits import UNLIMITED
from app.work.gallery import examples
from app.work.pictures import ExportRequest, subject
from benchmarks.row import Row, against, best, times, under
from benchmarks.service import served

NODE = "data-node"


def run() -> Iterable[Row]:
    """Rasterised in process, and asked for again on a real socket."""
    asked = [(ExportRequest(source=it.source, inputs=dict(it.inputs), format="svg"), it) for it in examples()]
    drawn = [(*picture(subject(request, UNLIMITED)), it) for request, it in asked]
    scene, theme, example = min(drawn, key=lambda each: abs(count(each[0]) - 60))
    nodes = f"{count(scene)} nodes"

    def made() -> bytes:
        return png(scene, theme.colours.paper, limits=UNLIMITED)

    try:
        import cairosvg
    except ImportError:
        pass  # `make bench` installs it
    else:
        across, file = size(scene)[0], svg(scene, theme).encode()

        def theirs() -> bytes:
            return cairosvg.svg2png(bytestring=file, output_width=across)

        yield against(f"PNG of {nodes}", made, "cairosvg", theirs, 1.0, "ms", seconds=4.0, rounds=3)
        ours, its = len(made()) / 1000, len(theirs()) / 1000
        size_of = f"PNG of {nodes}, its size beside cairosvg's"
        yield Row(name=size_of, ours=ours, peer_name="cairosvg", peer=its, unit="kB", ratio=its / ours)
    yield under(f"PNG of {nodes}, its size", len(made()) / 1000, 60, "kB")
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


def count(scene: Scene) -> int:
    """How many nodes it shows."""
    return sum(NODE in mark.attributes for mark in scene.marks)
