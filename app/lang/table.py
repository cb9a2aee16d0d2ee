"""Every rule of the machine, by the name under which code refers to it."""

from app.lang.calls import apply, attribute, call, define, finish, give, unread
from app.lang.pasted import enter, imports, leave, left_out, store_attribute, updated
from app.lang.rules import (
    advance, apart, begin, binary, branch, broken, collect, compare, comprehend, comprehended, constant, decide,
    dictionary, double, drop, each, halt, join, jump, listing, load, logical, loop, middle, negation, negative, outcome,
    positive, short, skip, slice, spoil, store, subscript, turn, unpack,
)  # fmt: skip

# Rules that decide what runs: an error in one ends its statement.
DECIDES = frozenset({loop, decide, skip, each, advance, turn, define, begin, enter, leave})

__all__ = [
    "DECIDES", "advance", "apart", "apply", "attribute", "begin", "binary", "branch", "broken", "call", "collect",
    "compare", "comprehend", "comprehended", "constant", "decide", "define", "dictionary", "double", "drop", "each",
    "enter", "finish", "give", "halt", "imports", "join", "jump", "leave", "left_out", "listing", "load", "logical",
    "loop", "middle", "negation", "negative", "outcome", "positive", "short", "skip", "slice", "spoil", "store",
    "store_attribute", "subscript", "turn", "unpack", "unread", "updated",
]  # fmt: skip
