"""A program's circuit with its numbers: what `graph` gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gradwire.numbers import plain

if TYPE_CHECKING:
    from app.export import Subject
    from app.work.pipeline import Circuit as Made
    from gradwire.picture import Picture


class Circuit:
    """A program evaluated. `options` are those of the API's requests: seed, output, dtype, share, collapse, direction,
    theme, palette, max_elements. Errors: app.diagnostics.ProgramError, with every diagnostic."""

    def __init__(
        self, source: str, inputs: Mapping[str, Any] | None = None, options: Mapping[str, Any] | None = None
    ) -> None:
        self.source = source
        self.inputs = {name: plain(value) for name, value in (inputs or {}).items()}
        self.options = {name: plain(value) for name, value in (options or {}).items()}
        self._made: Made = self._computed()

    @property
    def value(self) -> Any:
        """The output: a float, or an array."""
        return self._made.trace.values[self._made.program.output]

    @property
    def grads(self) -> dict[str, Any]:
        """The output's gradient with respect to each input, by name."""
        found = self._made.trace.cotangents
        return {i.name: found[i.node] for i in self._made.program.inputs}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the program: inputs that were assumed, names that it lacks, lines left out."""
        program = self._made.program
        return tuple(f"{d.code}: {d.message}" for d in (*program.warnings, *program.notes))

    def svg(self) -> str:
        """The circuit drawn."""
        return self._text("svg")

    def html(self) -> str:
        """The circuit as a page that needs no server, with sliders where no tensor is in it."""
        return self._text("html")

    def export(self, format: str) -> str | bytes:  # noqa: A002 - the API's name
        """The circuit in another format: png dot mermaid tikz csv latex pytorch jax tensorflow numpy onnx …"""
        from app.export import formats

        if format == "json":
            return self._json().decode()
        known = formats()
        if format not in known:
            raise ValueError(f"there is no format {format!r}; there are {', '.join(sorted({*known, 'json'}))}")
        return known[format].write(self._subject)

    def to_json(self) -> dict[str, Any]:
        """The circuit as `/graph` answers it, with its layout and explanations."""
        import msgspec

        found: dict[str, Any] = msgspec.json.decode(self._json())
        return found

    def picture(self) -> Picture:
        """The circuit as a notebook shows it."""
        from gradwire.picture import Picture

        return Picture(self.svg(), self.html())

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        return self.picture()._repr_html_()

    def __repr__(self) -> str:
        program = self._made.program
        return f"<Circuit of {len(program.graph)} nodes: {', '.join(i.name for i in program.inputs) or 'no inputs'}>"

    def _computed(self) -> Made:
        from app.limits import UNLIMITED
        from app.work.pipeline import circuit

        return circuit(self._request(), UNLIMITED)

    def _request(self, **more: Any) -> Any:
        from app.work.pictures import ExportRequest
        from app.work.request import read

        fields = {**self.options, "source": self.source, "inputs": self.inputs, "format": "svg", **more}
        return read(ExportRequest, fields)

    def _json(self) -> bytes:
        from app.limits import UNLIMITED
        from app.work.pictures import export

        return export(self._request(format="json"), UNLIMITED).body

    def _text(self, name: str) -> str:
        found = self.export(name)
        assert isinstance(found, str), name
        return found

    @cached_property
    def _subject(self) -> Subject:
        from app.limits import UNLIMITED
        from app.work.pictures import subject

        return subject(self._request(), UNLIMITED)


def graph(
    source: str,
    /,
    inputs: Mapping[str, Any] | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    **named: Any,
) -> Circuit:
    """The circuit of a program: inputs by name (numbers, lists, or arrays of any framework)."""
    return Circuit(source, {**(inputs or {}), **named}, options)
