"""A cache of encoded answers, bounded by what it holds: the least recently used goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
OVERHEAD = 1024  # bytes that an entry costs beside its body


class Cache(Generic[T]):
    """At most `most` bytes of entries, none larger than an eighth of that."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> T | None:
        """The entry of this key, or None."""
        found = self._entries.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, entry: T, size: int) -> None:
        """Keeps the entry, which takes `size` bytes, its key included; others may have to go."""
        size += OVERHEAD
        if size > self.most // 8:
            return
        before = self._entries.pop(key, None)
        if before is not None:
            self.size -= before[1]
        self._entries[key] = (entry, size)
        self.size += size
        while self.size > self.most:
            _, (_, gone) = self._entries.popitem(last=False)
            self.size -= gone
