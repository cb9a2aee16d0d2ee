"""Where wires cross, and which of them goes under with a gap."""

from collections.abc import Sequence

from app.layout.wires import s_curve, s_inverse

Bend = tuple[float, float, int]  # from, to (across), segment
Found = dict[int, list[tuple[float, float]]]

MANY = 64  # bends, from where arrays are faster
MOST = 300  # bends, beyond which none is seen


def gaps(
    layers: Sequence[Sequence[int]],
    sources: Sequence[int],
    targets: Sequence[int],
    across: Sequence[float],
    leave: Sequence[float],
    enter: Sequence[float],
    side: Sequence[int],
    nets: Sequence[int],
    trunk: Sequence[int],
    stop: Sequence[float],
    start: Sequence[float],
    out_segs: Sequence[Sequence[int]],
) -> Found:
    """For each segment that goes under others the places where they cross; no trunk goes under. Bends of one channel
    are one curve scaled, so that two of them meet where their shares of the way do."""
    found: Found = {}
    for i, layer in enumerate(layers[:-1]):
        bends = [
            (across[sources[s]] + leave[s], across[targets[s]] + enter[s], s)
            for v in layer
            for s in out_segs[v]
            if not side[s]
        ]
        bends.sort()
        if MANY <= len(bends) <= MOST:
            _search(bends, nets, trunk, stop[i], start[i + 1] - stop[i], found)
        elif len(bends) < MANY:
            _look(bends, nets, trunk, stop[i], start[i + 1] - stop[i], found)
    return found


def _look(
    bends: Sequence[Bend], nets: Sequence[int], trunk: Sequence[int], left: float, width: float, found: Found
) -> None:
    """Adds the crossings of a few bends, sorted, of a channel from `left`, `width` wide."""
    highest = -1e18
    for k, (a, b, s) in enumerate(bends):
        if b >= highest:  # nothing before ends beyond
            highest = b
            continue
        for a2, b2, s2 in bends[:k]:
            if b2 > b + 1e-9 and a2 < a - 1e-9 and nets[s] != nets[s2]:
                share = (a2 - a) / ((b - a) - (b2 - a2))
                u, way = s_curve(s_inverse(share))
                under = s2 if trunk[s] >= 0 else s
                found.setdefault(under, []).append((left + width * u, a + (b - a) * way))


def _search(
    bends: Sequence[Bend], nets: Sequence[int], trunk: Sequence[int], left: float, width: float, found: Found
) -> None:
    """As `_look`, by arrays."""
    import numpy as np

    a, b = np.array([bend[0] for bend in bends]), np.array([bend[1] for bend in bends])
    net = np.array([nets[s] for _, _, s in bends])
    second, first = np.nonzero((a < a[:, None] - 1e-9) & (b > b[:, None] + 1e-9) & (net != net[:, None]))
    reach = b - a
    share = (a[first] - a[second]) / (reach[second] - reach[first])
    along, way = s_curve(0.5 - np.sin(np.arcsin(np.clip(1 - 2 * share, -1, 1)) / 3))  # s_inverse
    along, where = left + width * along, a[second] + reach[second] * way
    for j, k, u, v in zip(first.tolist(), second.tolist(), along.tolist(), where.tolist(), strict=True):
        under = bends[j if trunk[bends[k][2]] >= 0 else k][2]
        found.setdefault(under, []).append((u, v))
