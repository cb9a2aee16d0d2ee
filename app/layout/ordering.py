"""What is ordered, and what must be kept."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Ordering:
    """What is ordered. Segment s leads from `sources[s]`, in a layer, to `targets[s]` in the next, by the ports
    `leave[s]` and `enter[s]` (0 to 1). `fixed[v]` > 0 is a key whose order is kept within a layer (0: free); `under[v]`
    is the trunk (−1: none) that v must stay below; `lane[v]` is the trunk that v is on."""

    layers: list[list[int]]
    sources: Sequence[int]
    targets: Sequence[int]
    leave: Sequence[float]
    enter: Sequence[float]
    fixed: list[float]
    under: list[int]
    lane: list[int]

    @property
    def position(self) -> list[int]:
        """Each vertex's place in its layer."""
        position = [0] * len(self.fixed)
        for layer in self.layers:
            for k, v in enumerate(layer):
                position[v] = k
        return position

    def put(self, layers: Sequence[Sequence[int]]) -> None:
        """Takes this order of the layers."""
        for layer, found in zip(self.layers, layers, strict=True):
            layer[:] = found
