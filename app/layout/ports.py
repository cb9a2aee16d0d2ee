"""Where wires enter and leave a box: in the order in which they come, the main operand straight."""

from collections.abc import Sequence
from math import sqrt

from app.layout.facts import Facts
from app.layout.sizes import RADIUS


def enter_ports(
    mine: Sequence[int],
    sources: Sequence[int],
    position: Sequence[int],
    seg_edge: Sequence[int],
    seg_trunk: Sequence[int],
    facts: Facts,
    node: int,
    enter: list[float],
    marks: dict[int, tuple[float, float]],
) -> None:
    """Where each operand enters a node: in the order in which they come, the main one straight."""
    if len(mine) < 2:
        return
    by_place = sorted(mine, key=lambda s: (position[sources[s]], facts.slot[seg_edge[s]]))
    straight = [k for k, s in enumerate(by_place) if seg_trunk[s] >= 0 or facts.main[node] == seg_edge[s]]
    main = next((k for k in straight if seg_trunk[by_place[k]] >= 0), straight[0] if straight else -1)
    gate = facts.gate[node]
    for k, s in enumerate(by_place):
        if main < 0:
            enter[s] = spread(k, len(by_place), facts.across[node] - (10.0 if gate else 0.0))
        elif k == main:
            enter[s] = 0.0
        else:
            others = main if k < main else len(by_place) - 1 - main
            nth = main - k if k < main else k - main
            limit = facts.across[node] / 2 - (7 if gate else 8)
            enter[s] = (limit if others == 1 else limit * nth / others) * (-1 if k < main else 1)
    if not facts.commutes[node] and [facts.slot[seg_edge[s]] for s in by_place] != sorted(
        facts.slot[seg_edge[s]] for s in by_place
    ):
        for s in by_place:
            marks[seg_edge[s]] = (0.0, 0.0)


NEAR, APART = 6.0, 8.0  # px: a port moves so far to make its wire level, and no nearer to another


def levelled(
    mine: Sequence[int],
    sources: Sequence[int],
    across: Sequence[float],
    here: float,
    half: float,
    leave: Sequence[float],
    enter: list[float],
) -> None:
    """Moves the ports of a node, `half` as long as its side from `here`, to where wires come that are level nearly."""
    for s in mine:
        port = across[sources[s]] + leave[s] - here
        if 0 < abs(port - enter[s]) <= NEAR and abs(port) <= half and enter[s]:
            for other in mine:
                if other != s and (
                    (enter[other] < port) != (enter[other] < enter[s]) or abs(enter[other] - port) < APART
                ):
                    break
            else:
                enter[s] = port


def spread(k: int, count: int, across: float) -> float:
    """The k-th of `count` ports on a side of this length, symmetric about its middle."""
    if count == 1:
        return 0.0
    step = min(17.0 if count == 2 else 10.0, (across - 14) / (count - 1))
    return (k - (count - 1) / 2) * step


def inset(port: float, across: float) -> float:
    """How far behind the side of its box a gate's outline lies at a port: the ends of a side are quarter circles."""
    beyond = abs(port) - (across / 2 - RADIUS)
    return RADIUS - sqrt(RADIUS * RADIUS - beyond * beyond) if beyond > 0 else 0.0
