"""The layers of a level: what may stand late, what a frame's border asks for, and then ranks."""

from collections.abc import Sequence

from app.layout.facts import Facts
from app.layout.frames import BOX, CONSTANT, ENTRY, EXIT, NODE, Level
from app.layout.ranks import ranks

EARLY = 3  # an input, or a tree over inputs, stands at the left unless that stretches its wire by so many layers


def layering(level: Level, facts: Facts, hanging: Sequence[int]) -> list[int]:
    """A layer for each item; `hanging[v]` is the trunk that it hangs below (−1: none)."""
    kinds, keys = level.kinds, level.keys
    n = len(kinds)
    lengths = [(h.source, h.target, 2 if h.edge >= 0 and facts.labelled[h.edge] else 1) for h in level.hops]
    has_source = [False] * n
    for _, target, _ in lengths:
        has_source[target] = True
    free = [0] * n
    late: list[int] = []
    to_box = [False] * n
    for h in level.hops:
        if kinds[h.target] == BOX:
            to_box[h.source] = True
    framed = level.group >= 0
    for v in range(n):
        if not has_source[v] and kinds[v] in (NODE, CONSTANT, BOX):
            early = kinds[v] == NODE and facts.inputs[keys[v]] and not framed and hanging[v] < 0 and not to_box[v]
            free[v] = EARLY if early else 1
            late.append(v)
    # A frame's first layer is its border, for the wires that enter.
    entered = ENTRY in kinds
    least = [1 if entered and kind != ENTRY else 0 for kind in kinds]
    rank = ranks(n, lengths, free=free, late=late, least=least, tree=EARLY)
    if BOX in kinds and not framed:
        # An open frame is as deep as many layers.
        boxed = [rank[v] for v in range(n) if kinds[v] == BOX]
        first = min(boxed)
        free = [1 if f else 0 for f in free]
        passed = {h.source for h in level.hops if rank[h.target] <= first}
        late = [v for v in late if v not in passed]
        rank = ranks(n, lengths, free=free, late=late, least=rank, tree=EARLY) if late else rank
    if framed:
        last = max((rank[v] + (kinds[v] != EXIT) for v in range(n)), default=0)
        for v in range(n):
            if kinds[v] == EXIT:
                rank[v] = last
    return rank
