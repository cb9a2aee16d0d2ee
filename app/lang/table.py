"""Every rule of the machine, by the name under which code refers to it."""

from app.lang.bindings import broken, constant, double, drop, load, spoil, store, unpack
from app.lang.calls import apply, call, unread
from app.lang.dictionaries import dictionary, paired, store_item, update_item
from app.lang.functions import define, finish, give
from app.lang.loops import (
    advance,
    collect,
    comprehend,
    comprehended,
    decide,
    each,
    jump,
    loop,
    skip,
    turn,
)  # fmt: skip
from app.lang.members import attribute
from app.lang.rules import apart, begin, format, halt, listing, outcome, slice, subscript  # noqa: A004 - the step's name
from app.lang.scaffold import enter, imports, leave, left_out, store_attribute, updated
from app.lang.signs import binary, branch, compare, join, logical, middle, negation, negative, positive, short

# Rules that decide what runs: an error in one ends its statement.
DECIDES = frozenset({loop, decide, skip, each, advance, turn, define, begin, enter, leave})

__all__ = [
    "DECIDES", "advance", "apart", "apply", "attribute", "begin", "binary", "branch", "broken", "call", "collect",
    "compare", "comprehend", "comprehended", "constant", "decide", "define", "dictionary", "double", "drop", "each",
    "enter", "finish", "format", "give", "halt", "imports", "join", "jump", "leave", "left_out", "listing", "load",
    "logical", "loop", "middle", "negation", "negative", "outcome", "paired", "positive", "short", "skip", "slice",
    "spoil", "store", "store_attribute", "store_item", "subscript", "turn", "unpack", "unread", "update_item",
    "updated",
]  # fmt: skip
