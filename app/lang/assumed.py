"""What would fit where an assumed 1.0 does not: assignments that were tried, put before the program, and work."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from app.diagnostics import Diagnostic
from app.ops.algebra import Shape

if TYPE_CHECKING:
    from app.lang.machine import Machine

TRIALS = 60  # of one program, and of a long one so many that
LETTERS = 15_000  # are read again
CHOICES = 16  # at one place
LONGEST = 4_000  # letters of a program that is tried
REACH = 2_000  # nodes that are looked through for the inputs behind a place


@dataclass(frozen=True, slots=True)
class Doubt:
    """An error that assumed values may have made. `names`: of those that stand there; `wants`: "shape", "list",
    "integer", "integers" or "parts n"; `shapes`: of what stands beside them; `fits`: assignments that fit there alone;
    `paired`: of a product, where their names say something of their shapes; `further`: of those that stand behind."""

    names: tuple[str, ...]
    wants: str = "shape"
    shapes: tuple[Shape, ...] = ()
    fits: str | None = None
    paired: bool = False
    further: tuple[str, ...] = ()


def behind(m: "Machine", nodes: Iterable[int]) -> list[str]:
    """The names of the inputs without a value that these nodes are made of, in the order of the operands."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    for node in nodes:
        waiting = [node]
        while waiting and len(seen) < REACH:
            part = waiting.pop()
            if part not in seen:
                seen.add(part)
                state = m.by_node.get(part)
                if state is not None and state.assumed:
                    found[state.variable] = None
                waiting += reversed(m.builder.operands[part])
    return list(found)


# ── The search ───────────────────────────────────────────────────────────────────────────────────────────────────────

Attempt = Callable[[str], tuple[list[Diagnostic], Mapping[str, Doubt]]]


@dataclass(slots=True)
class _Search:
    """A search through assignments, the likeliest first, each tried with those that were found before it."""

    attempt: Attempt
    source: str
    left: int
    tried: set[str] = field(default_factory=set)

    def run(self, values: dict[str, str], at: Doubt) -> dict[str, str] | None:
        all_names = (*at.names, *(name for name in at.further if name not in at.names))
        both = [at] if len(all_names) == len(at.names) else [at, replace(at, names=all_names, fits=None)]
        for more in chain.from_iterable(islice(choices(one, self.source), CHOICES) for one in both):
            found = {**values, **more}
            head = written(found)
            if self.left <= 0:
                return None
            if head in self.tried:
                continue
            self.tried.add(head)
            self.left -= 1
            errors, doubts = self.attempt(head)
            if any(e.message not in doubts for e in errors):
                continue
            following = next((doubts[e.message] for e in errors if e.message in doubts), None)
            if following is None:
                return found
            if not set(following.names) <= set(found):
                deeper = self.run(found, following)
                if deeper is not None:
                    return deeper
        return None


def written(values: Mapping[str, str]) -> str:
    """The assignments on one line."""
    return "; ".join(f"{name} = {text}" for name, text in values.items())


def suggested(errors: list[Diagnostic], doubts: Mapping[str, Doubt], source: str, attempt: Attempt) -> list[Diagnostic]:
    """The errors, the first with assignments that work for the whole program, where all may come of assumed values."""
    if len(source) > LONGEST or any(error.message not in doubts for error in errors):
        return errors
    error, at = errors[0], doubts[errors[0].message]
    values = _Search(attempt, source, min(TRIALS, LETTERS // (len(source) + 1))).run({}, at)
    if values is None:
        return errors
    hint = written(values)
    whose = " and ".join(f"`{name}`" for name in at.names)
    said, found, _ = error.message.partition(": assign ")
    if not found:
        said = f"{whose} {'has' if len(at.names) == 1 else 'have'} no value, so 1.0 was assumed, and that does not "
        said += f"fit here ({error.message})"
    one = "one" if len(values) == 1 else "them"
    better = replace(error, message=f"{said}: assign {one}, such as `{hint}`", hint=hint)
    return [better, *errors[1:]]


# ── What may fit ─────────────────────────────────────────────────────────────────────────────────────────────────────

ALONE: tuple[Shape, ...] = (
    (3,), (3, 4), (1, 3), (2, 3), (3, 3), (2, 3, 4), (4, 3), (1, 2, 6, 6), (4,), (2,), (5, 3), (1, 2, 8), (6, 3),
)  # fmt: skip
TOGETHER: tuple[tuple[Shape, Shape], ...] = (
    ((3,), (3, 4)), ((3, 4), (4,)), ((3, 4), (4, 2)), ((4,), (4,)), ((4,), (2, 4)), ((3, 4), (2, 4)), ((2, 3), (3, 4)),
    ((3, 4), (3, 2)), ((3, 4), (3, 4)), ((3, 3), (3,)), ((3, 3), (3, 3)), ((1, 2, 6, 6), (3, 2, 3, 3)),
    ((1, 2, 8), (3, 2, 3)), ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (2, 3, 4)), ((1, 3), (3, 4)),
)  # fmt: skip

ROWS = frozenset({"q", "k", "v", "query", "key", "value", "logits", "scores", "inputs", "data", "batch", "img"})


def choices(at: Doubt, source: str) -> Iterator[dict[str, str]]:
    """What the names of a doubt may be, the likeliest first."""
    name = at.names[0]
    kind, _, count = at.wants.partition(" ")
    if kind == "list":
        stem = name[:-1] if name.endswith("s") and len(name) > 1 else name
        items = [f"{stem}{i}" for i in (1, 2, 3)]
        while any(item in source for item in items):
            items = [f"{item}_" for item in items]
        yield {name: f"[{', '.join(items)}]"}
        return
    if kind == "integer":
        yield from ({name: text} for text in ("3", "2", "1", "0"))
        return
    if kind == "integers":
        labels = ("[0, 2]", "[0, 2, 1]", "[0]", "[0, 1]", "[0, 1, 0]", "1", "[0, 1, 0, 1]", "[[0], [1]]")
        yield from ({name: text} for text in labels)
        return
    if kind == "parts":
        yield from ({name: f"randn({count}{more})"} for more in ("", ", 3", ", 3, 4"))
        return
    if at.fits and not at.paired:
        yield dict(part.split(" = ", 1) for part in at.fits.split("; "))
    if len(at.names) == 2:
        pairs = sorted(TOGETHER, key=lambda pair: sum(map(_unlike, at.names, pair)))
        yield from ({a: _maker(x), b: _maker(y)} for (a, b), (x, y) in ((at.names, pair) for pair in pairs))
    shapes = [*_beside(at.shapes), *ALONE] if len(at.names) == 1 else ALONE
    if at.paired and len(at.names) == 1:
        shapes = sorted(shapes, key=lambda shape: _unlike(name, shape))
    yield from (dict.fromkeys(at.names, _maker(shape)) for shape in dict.fromkeys(shapes))


def _beside(shapes: Iterable[Shape]) -> list[Shape]:
    """Shapes that fit beside others in a product or a join."""
    found: list[Shape] = []
    for shape in shapes:
        last, first = shape[-1], shape[0]
        found += [(last,), (last, 2), (last, 4), (2, last), (first,), (first, 2), (2, first), shape]
    return found


def _unlike(name: str, shape: Shape) -> int:
    """How far a shape is from what a name promises: a capital a matrix, a small letter a vector."""
    return abs(len(shape) - (2 if name[:1].isupper() or name in ROWS else 1))


def _maker(shape: Shape) -> str:
    return f"randn({', '.join(map(str, shape))})"
