"""Where wires cross, and which of them goes under with a gap."""

from collections.abc import Sequence

from app.layout.wires import s_curve, s_inverse


def gaps(
    layers: Sequence[Sequence[int]],
    position: Sequence[int],
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
) -> dict[int, list[tuple[float, float]]]:
    """For each segment that goes under others the places where they cross; no trunk goes under. Bends of one channel
    are one curve scaled, so that two of them meet where their shares of the way do."""
    found: dict[int, list[tuple[float, float]]] = {}
    for i, layer in enumerate(layers[:-1]):
        bends = [
            (across[sources[s]] + leave[s], across[targets[s]] + enter[s], s)
            for v in layer
            for s in out_segs[v]
            if not side[s]
        ]
        bends.sort()
        if len(bends) > 300:
            continue
        left, width = stop[i], start[i + 1] - stop[i]
        for k, (a, b, s) in enumerate(bends):
            for a2, b2, s2 in bends[:k]:
                if b2 > b + 1e-9 and a2 < a - 1e-9 and nets[s] != nets[s2]:
                    share = (a2 - a) / ((b - a) - (b2 - a2))
                    u, way = s_curve(s_inverse(share))
                    under = s2 if trunk[s] >= 0 else s
                    found.setdefault(under, []).append((left + width * u, a + (b - a) * way))
    return found
