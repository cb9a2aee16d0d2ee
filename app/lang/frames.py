"""Where the machine is: the call or loop turn that it works in, and the statement that nodes hang on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from app.lang.code import Code, Statement
from app.lang.values import Function, Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SWITCH = object()  # what a rule gives when another frame is to be run first
HALT = object()  # … when nothing is left to run


@dataclass(slots=True, eq=False)
class GroupState:
    """A group being filled. `counts` numbers the calls and turns within it."""

    id: str
    label: str
    parent: "GroupState | None"
    kind: Literal["call", "turn", "composition"]
    function: str
    at: Any
    arguments: tuple[Held, ...] = ()
    result: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    places: list[Any] = field(default_factory=list)  # further calls that it stands for


class Anchor:
    """One execution of a statement: in which call or turn (`parent`, `via`), and which statement."""

    __slots__ = ("key", "parent", "statement", "via")

    def __init__(self, parent: "Anchor | None", via: object, statement: Statement) -> None:
        self.parent = parent
        self.via = via
        self.statement = statement
        self.key: str | None = None


@dataclass(slots=True)
class Growth:
    """What a loop had made when it was last looked at: at the starts of its turns 0, 1, 2, 4, 8, …"""

    turn: int = 0
    nodes: int = 0
    elements: int = 0
    flops: int = 0
    steps: int = 0
    start: int = 0  # nodes when it began
    before: int = 0  # nodes at the look before that


@dataclass(slots=True, eq=False)
class Loop:
    """A loop being run. `base` is what its turns hang on."""

    items: "Iterator[Held]"
    variable: str
    total: int
    statement: Statement
    at: Any
    outer: GroupState | None
    anchor: Anchor
    base: tuple[Anchor | None, object]
    index: int = -1
    opaque: bool = True  # nothing in it was part of the circuit yet
    depth: int = 0
    growth: Growth = field(default_factory=Growth)


@dataclass(slots=True, eq=False)
class Collector:
    """A comprehension being run: what it has so far, and the variables that it hides."""

    at: Any
    hidden: dict[str, Held]
    items: list[Held] = field(default_factory=list)
    iterators: "list[Iterator[Held]]" = field(default_factory=list)
    total: int = 0  # of the outermost iterator, as are the two below
    index: int = -1
    growth: Growth = field(default_factory=Growth)


@dataclass(slots=True, eq=False)
class Frame:
    """A body being run: the program's, or a function's at one call."""

    code: Code
    names: dict[str, Held]
    functions: dict[str, Held]
    function: Function | None = None
    pc: int = 0
    stack: list[Held] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    collectors: list[Collector] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    anchor: Anchor | None = None
    base: tuple[Anchor | None, object] = (None, None)
    statement: Statement | None = None
    # What the caller was in, to go back to.
    group: GroupState | None = None
    inner: GroupState | None = None
    place: Any = None
    key: object = None
    reads: dict[str, Held] = field(default_factory=dict)
    unseeded: bool = False
    after: "Callable[[Held], Held] | None" = None
    step: int = 0
    at: Any = None
    detached: bool = False
