"""Names: near ones, and ones that look alike."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

# Letters of other scripts that look like Latin ones (a part of Unicode's confusables, TR 39).
_ALIKE = str.maketrans(
    "АВЕКМНОРСТХЅІЈԌаеорсухѕіјԁԛԝһвкмнтγνοαιρτυχκηωσΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡℓ",
    "ABEKMHOPCTXSIJGaeopcyxsijdqwhвkmhtyvoaiptuxknwoABEZHIKMNOPTYXiagl",
)


def near(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that someone who typed `name` may have meant."""
    if len(name) > 40:
        return []
    candidates = [other for other in known if not other.startswith("_")]
    close = get_close_matches(name, candidates, 3, 0.6)
    letters = sorted(name)
    close.sort(key=lambda other: sorted(other) != letters)  # `tahn`: two letters changed places
    if not close:
        lower = {other.lower(): other for other in candidates}
        close = [lower[found] for found in get_close_matches(name.lower(), lower, 3, 0.5)]
    if not close and len(name) >= 2:
        close = [other for other in sorted(candidates) if other.startswith(name[:2])][:1]
    return close


def skeleton(name: str) -> str:
    """What a name looks like: equal for names that a reader may take for one another."""
    return unicodedata.normalize("NFKC", name.translate(_ALIKE)).translate(_ALIKE)


def lookalikes(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of different names that look alike: the later one first."""
    seen: dict[str, str] = {}
    found = []
    for name in names:
        if name.isascii():
            seen.setdefault(name, name)
    for name in names:
        if not name.isascii():
            other = seen.setdefault(skeleton(name), name)
            if other != name:
                found.append((name, other))
    return found
