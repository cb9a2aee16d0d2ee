"""Layers: each item gets an integer rank, rising along every hop by at least the hop's length.

Longest paths from the sources, then each item that more wires leave than enter moves towards its targets; so does a
tree over items that stand just before their gates (constants, weights that enter late), and these follow. The objective
is that of Gansner, Koutsofios, North and Vo 1993, §2 (the sum of the wires' lengths); on circuits, whose gates have two
operands and one result, the two passes come near to it.
"""

from collections.abc import Sequence

Hop = tuple[int, int, int]  # source, target, least length


def topological(n: int, hops: Sequence[Hop]) -> list[int]:
    """The items in topological order, lower numbers first where free; those on or behind a cycle are missing."""
    waiting = [0] * n
    out: list[list[int]] = [[] for _ in range(n)]
    for source, target, _ in hops:
        waiting[target] += 1
        out[source].append(target)
    order = [v for v in range(n) if not waiting[v]]
    for v in order:
        for t in out[v]:
            waiting[t] -= 1
            if not waiting[t]:
                order.append(t)
    return order


def ranks(
    n: int, hops: Sequence[Hop], *, free: Sequence[int], late: Sequence[int], least: Sequence[int], tree: int
) -> list[int]:
    """A rank for each of n items, with rank[target] − rank[source] ≥ length for every hop, and rank ≥ `least`.

    `free[v]` is how v, an item without sources, is placed: 0 at its least rank; d > 0 just before its first target
    where that saves at least d ranks. `late` is their list. Items that are not free start as early as they can, but
    for a tree over free ones, which goes where its target is if that saves `tree` ranks: a long sum of products is a
    stair, not a column of products with a wire from each through all layers.
    """
    order = topological(n, hops)
    assert len(order) == n, f"a cycle among {n} items"
    out: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    heavy_in = [0] * n
    light = [early > 0 for early in free]  # or a tree over such items
    for source, target, length in hops:
        out[source].append((target, length))
        light[target] = True
        if not free[source]:
            heavy_in[target] += 1
    rank = list(least)
    for v in order:
        here, carried = rank[v], free[v] or (light[v] and len(out[v]) == 1)
        for target, length in out[v]:
            if rank[target] < here + length:
                rank[target] = here + length
            if not carried:
                light[target] = False
    for v in reversed(order):
        if not out[v] or free[v]:
            continue
        moves = len(out[v]) > heavy_in[v] > 0
        if moves or light[v]:
            nearest = min([rank[t] - length for t, length in out[v]])
            if nearest - rank[v] >= (1 if moves else tree):
                rank[v] = nearest
    for v in late:
        if out[v]:
            nearest = min(rank[t] - length for t, length in out[v])
            if nearest - rank[v] >= free[v]:
                rank[v] = nearest
    return rank
