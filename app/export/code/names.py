"""A user's names and texts in Python code: names that are legal and collide with nothing, texts that stay texts."""

import builtins
import keyword
import unicodedata
from collections.abc import Collection, Iterator

WORDS = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


def escaped(text: str) -> str:
    """Any text as it may stand in a comment or between double quotes: what does not print, backslashes and quotes are
    escapes. The only way by which a text gets into Python code."""
    return "".join(
        c if c.isprintable() and c not in '\\"' else f"\\{c}" if c in '\\"' else c.encode("unicode_escape").decode()
        for c in text
    )


def quoted(text: str) -> str:
    """Any text as a string of Python."""
    return f'"{escaped(text)}"'


def comments(text: str) -> Iterator[str]:
    """The lines of a text as comments."""
    return (f"# {escaped(line)}".rstrip() for line in text.splitlines())


class Names:
    """Identifiers of one program: each is given once. `reserved` are the target's words besides Python's own."""

    def __init__(self, reserved: Collection[str]) -> None:
        self._reserved = WORDS | frozenset(reserved)
        self._taken: set[str] = set()
        self._claimed: set[str] = set()
        self._last: dict[str, int] = {}

    def claim(self, wanted: str) -> None:
        """Keeps this name for who comes with it: no counted name will be equal to it."""
        self._claimed.add(self._legal(wanted))

    def fresh(self, wanted: str) -> str:
        """A name like this one that nothing has yet: `h`, `h_2`, `lambda_`."""
        base = self._legal(wanted)
        name = base
        count = self._last.get(base, 1)
        while name in self._taken or (name != base and (name in self._claimed or name in self._reserved)):
            count += 1
            name = f"{base}_{count}"
        self._last[base] = count
        self._taken.add(name)
        return name

    def _legal(self, wanted: str) -> str:
        name = unicodedata.normalize("NFKC", wanted)
        if not name.isidentifier() or name.startswith("__"):
            name = "v"
        while name in self._reserved:
            name += "_"
        return name
