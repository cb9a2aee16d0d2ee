"""Which wires run straight: the trunks, found before anything is placed, and the main operand of each gate.

A trunk is a chain s → + → + …, each step an *identity skip*: an addition of s to something that s reaches by another
way (He et al. 2016, "Identity Mappings in Deep Residual Networks", fig. 1). Chains of gates with one main operand
carry it on before, between and after.
"""

from collections.abc import Sequence

from app.layout.ranks import topological

Edge = tuple[int, int]


def main_operands(kinds: Sequence[str], edges: Sequence[Edge], fan: Sequence[int]) -> list[int]:
    """For each node the edge that enters it straight, or −1 where its operands balance around it.

    Constants, and inputs used once, hang beside the one operand that is computed; an only operand enters straight,
    whatever it is. `fan` counts each node's out-edges.
    """
    # Of all operands, of those that are no constants, and of those that are computed: the only one, −2 for several.
    every, lively, computed = [-1] * len(kinds), [-1] * len(kinds), [-1] * len(kinds)
    for index, (source, target) in enumerate(edges):
        every[target] = index if every[target] == -1 else -2
        if kinds[source] != "constant":
            lively[target] = index if lively[target] == -1 else -2
            if kinds[source] != "input" or fan[source] > 1:
                computed[target] = index if computed[target] == -1 else -2
    return [c if c >= 0 else b if b >= 0 else max(a, -1) for a, b, c in zip(every, lively, computed, strict=True)]


def skips(adds: Sequence[bool], edges: Sequence[Edge], fan: Sequence[int]) -> list[int]:
    """The edges s → a where a adds s to something that s reaches by a path through other nodes.

    Nodes are in topological order. The ancestors that matter (fanning operands of additions) are kept as bits of one
    integer for each node, so that the whole costs O(edges · candidates / 64).
    """
    operands: dict[int, list[int]] = {}
    for index, (_, target) in enumerate(edges):
        if adds[target]:
            operands.setdefault(target, []).append(index)
    pairs = [(p[0], p[1]) for p in operands.values() if len(p) == 2 and edges[p[0]][0] != edges[p[1]][0]]
    bit: dict[int, int] = {}
    for pair in pairs:
        for index in pair:
            source = edges[index][0]
            if fan[source] > 1 and source not in bit:
                bit[source] = 1 << len(bit)
    if not bit:
        return []
    above = [0] * len(adds)
    for source, target in sorted(edges, key=lambda e: e[1]):
        above[target] |= above[source] | bit.get(source, 0)
    found: list[int] = []
    for one, two in pairs:
        first, second = edges[one][0], edges[two][0]
        if bit.get(first, 0) & above[second]:
            found.append(one)
        elif bit.get(second, 0) & above[first]:
            found.append(two)
    return sorted(found)


def trunks(
    adds: Sequence[bool], edges: Sequence[Edge], fan: Sequence[int], mains: Sequence[int], through: Sequence[bool]
) -> list[list[int]]:
    """The trunks, each a chain of edges from end to end; no node lies on two. Longest chains first claim their nodes.

    `mains` is of `main_operands`; `through[e]`: edge e may be a skip.
    """
    steps = [e for e in skips(adds, edges, fan) if through[e]]
    if not steps:
        return []
    out_skip: dict[int, list[int]] = {}
    for e in steps:
        out_skip.setdefault(edges[e][0], []).append(e)
    only_out = {edges[e][0]: e for e in range(len(edges)) if fan[edges[e][0]] == 1}
    best, following = [0] * len(adds), [-1] * len(adds)
    for v in range(len(adds) - 1, -1, -1):
        for e in out_skip.get(v, ()):
            reach = 1 + best[edges[e][1]]
            if reach >= best[v]:
                best[v], following[v] = reach, e
        if v in only_out and mains[edges[only_out[v]][1]] == only_out[v]:
            best[v], following[v] = best[edges[only_out[v]][1]], only_out[v]
    used: set[int] = set()
    found: list[list[int]] = []
    for start in sorted(out_skip, key=lambda v: (-best[v], v)):
        if start in used:
            continue
        chain: list[int] = []
        v = start
        while following[v] >= 0 and edges[following[v]][1] not in used:
            chain.append(following[v])
            v = edges[chain[-1]][1]
        if not any(len(out_skip.get(edges[e][0], ())) and e in out_skip[edges[e][0]] for e in chain):
            continue
        v = start
        before: list[int] = []
        while mains[v] >= 0 and fan[edges[mains[v]][0]] == 1 and edges[mains[v]][0] not in used:
            before.append(mains[v])
            v = edges[mains[v]][0]
        whole = before[::-1] + chain
        used.update(edges[e][0] for e in whole)
        used.update(edges[e][1] for e in whole)
        found.append(whole)
    return sorted(found, key=lambda chain: edges[chain[0]][0])


def hanging(n: int, hops: Sequence[Edge], trunk_of_hop: Sequence[int]) -> list[int]:
    """For each item the trunk that it hangs below: it lies on a way from the trunk back to it, or only feeds such."""
    below = [-1] * n
    if all(t < 0 for t in trunk_of_hop):
        return below
    out: list[list[int]] = [[] for _ in range(n)]
    back: list[list[int]] = [[] for _ in range(n)]
    on: dict[int, set[int]] = {}
    for h, (source, target) in enumerate(hops):
        out[source].append(target)
        back[target].append(source)
        if trunk_of_hop[h] >= 0:
            on.setdefault(trunk_of_hop[h], set()).update((source, target))
    sequence = topological(n, [(source, target, 1) for source, target in hops])
    index = [0] * n
    for k, v in enumerate(sequence):
        index[v] = k
    for trunk in sorted(on, reverse=True):
        first, last = min(index[v] for v in on[trunk]), max(index[v] for v in on[trunk])
        span = sequence[first : last + 1]
        ahead = set(on[trunk])
        for v in span:
            if v in ahead:
                ahead.update(out[v])
        behind = set(on[trunk])
        for v in reversed(span):
            if v in behind:
                behind.update(back[v])
        for v in span:
            if v in ahead and v in behind and v not in on[trunk]:
                below[v] = trunk
    for v in reversed(sequence):
        if below[v] < 0 and out[v] and all(below[t] >= 0 for t in out[v]):
            below[v] = below[out[v][0]]
    return below
