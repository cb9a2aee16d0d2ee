"""`draw` and `show`: a program, a graph with its own numbers, or what another tool computed, as a picture."""

from collections.abc import Callable, Mapping
from typing import Any

from gradwire.circuit import graph
from gradwire.picture import Picture
from gradwire.readers import autograd, jaxpr, micrograd, pytorch
from gradwire.readers.reading import Graph, made_by


def draw(
    source: str | Mapping[str, Any],
    /,
    inputs: Mapping[str, Any] | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    **named: Any,
) -> Picture:
    """The picture of a program, its inputs by name; or of a graph as `POST /draw` takes it: `{"nodes": [{"id", "label",
    "value", "grad", "group"}], "edges": [{"source", "target", "value", "grad"}]}`, checked and not computed."""
    if isinstance(source, str):
        return graph(source, inputs, options=options, **named).picture()
    return drawn({**(options or {}), **source})


def show(y: Any, /, *args: Any, options: Mapping[str, Any] | None = None, **named: Any) -> Picture:
    """What was computed elsewhere, drawn.

    - a PyTorch tensor: its autograd graph (`named` calls leaves by name, and so does a module among `args`), gradients
      flowing through it, no `.grad` touched;
    - a function and its arguments: with JAX its jaxpr evaluated, with HIPS autograd what that traces, with others what
      the function returns;
    - a micrograd `Value`, or anything with `data`, `grad`, `_prev` and `_op`, after its `backward()`;
    - a program as text, or a graph as `draw` takes it.
    """
    if isinstance(y, (str, Mapping)):
        return draw(y, options=options, **named)
    found = read(y, args, named)
    return drawn({**(options or {}), **found.request()})


def read(y: Any, args: tuple[Any, ...], named: Mapping[str, Any]) -> Graph:
    """The graph that an object, or a function at a point, stands for. Errors: TypeError, where it is none of ours."""
    if pytorch.recognises(y):
        return pytorch.read(y, args, named)
    if micrograd.recognises(y):
        return micrograd.read(y, named)
    if callable(y):
        return called(y, args, named)
    raise TypeError(
        f"a {type(y).__name__} cannot be drawn: give a PyTorch tensor, a micrograd Value, a function of JAX or "
        "autograd with its arguments, a program as text, or a graph as a dict"
    )


def called(f: Callable[..., Any], args: tuple[Any, ...], named: Mapping[str, Any]) -> Graph:
    """A function at a point: through autograd or JAX where that is at hand and no argument is another framework's."""
    others = [each for each in (*args, *named.values()) if made_by(each, "torch") or micrograd.recognises(each)]
    if not others and (args or named) and autograd.available(f):
        return autograd.read(f, args, named)
    if not others and jaxpr.available():
        return jaxpr.read(f, args, named)
    y = f(*args, **named)
    if callable(y):
        raise TypeError("a function is drawn with its arguments: gradwire.show(f, 2.0, 3.0)")
    return read(y, (), {})


def drawn(request: Mapping[str, Any]) -> Picture:
    """The picture of a graph with its own numbers. Errors: app.diagnostics.ProgramError."""
    from app.export import formats
    from app.limits import UNLIMITED
    from app.work.drawn import DrawRequest, subject
    from app.work.request import read as asked

    given = subject(asked(DrawRequest, request), UNLIMITED)
    svg, html = (formats()[name].write(given) for name in ("svg", "html"))
    assert isinstance(svg, str)
    assert isinstance(html, str)
    return Picture(svg, html)
