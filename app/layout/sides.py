"""Which wires enter a gate from its side: the outermost operand, where nothing stands between it and its gate."""

from collections.abc import Sequence

from app.layout.facts import Facts
from app.layout.frames import CONSTANT, NODE, Level
from app.layout.vertices import Vertices


def sides(
    level: Level,
    facts: Facts,
    made: Vertices,
    layers: Sequence[Sequence[int]],
    position: Sequence[int],
    across: Sequence[float],
    before: Sequence[float],
    after: Sequence[float],
    leave: Sequence[float],
    enter: Sequence[float],
) -> tuple[list[int], list[bool]]:
    """By segment, −1 or 1 where it enters from above or below (0: from behind), and whether it bends early: right
    behind its constant, beside the main operand's text."""
    kinds, keys = level.kinds, level.keys
    n = len(kinds)
    in_segs, sources = made.in_segs, made.sources
    side = [0] * len(sources)
    early = [False] * len(sources)
    for v in range(n):
        if kinds[v] == NODE and len(in_segs[v]) > 1:
            layer = layers[made.layer[v]]
            half = facts.across[keys[v]] / 2
            ways = [enter[s] for s in in_segs[v]]
            lowest, highest, main = min(ways), max(ways), 0 in ways
            for s in in_segs[v]:
                if abs(enter[s]) < 1e-9:
                    continue
                here = across[sources[s]] + leave[s]
                sign = 1 if enter[s] > 0 else -1
                if enter[s] != (highest if sign > 0 else lowest) or not main:
                    continue
                if (here - across[v]) * sign < half + 10:
                    continue
                beyond = position[v] + sign
                while 0 <= beyond < len(layer) and layer[beyond] < n and kinds[layer[beyond]] == CONSTANT:
                    beyond += sign  # in the other column
                if 0 <= beyond < len(layer):
                    w = layer[beyond]
                    edge_of = across[w] - before[w] if sign > 0 else across[w] + after[w]
                    if (edge_of - here) * sign < 0:
                        continue
                side[s] = sign
                if sources[s] < n and kinds[sources[s]] == CONSTANT:
                    # Its wire may bend beside the main operand's text, where only that is between.
                    straight = next(o for o in in_segs[v] if enter[o] == 0)
                    early[s] = abs(position[sources[s]] - position[sources[straight]]) == 1
    return side, early
