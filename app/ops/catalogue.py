"""The catalogue of all operators: each family's module is read, and every `Operator` in it is in."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import app.ops
from app.ops.operator import Operator

# Names that are bound in a family's module but are not operators of the language.
_FRAME = {"algebra", "catalogue", "expression", "operator", "page", "signature"}


def operators_of(module: ModuleType) -> Iterator[Operator]:
    """The operators that a module defines, in its order."""
    seen: set[int] = set()
    for value in vars(module).values():
        if isinstance(value, Operator) and id(value) not in seen:
            seen.add(id(value))
            yield value


class Catalogue(Mapping[str, Operator]):
    """Operators by name, read on first use: a rule may name an operator of a family that is read later."""

    def __init__(self, operators: Mapping[str, Operator] | None = None) -> None:
        self._operators = dict(operators) if operators is not None else None

    def _read(self) -> dict[str, Operator]:
        if self._operators is None:
            self._operators = dict(_read_families())
        return self._operators

    def __getitem__(self, name: str) -> Operator:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


@cache
def _read_families() -> Mapping[str, Operator]:
    found: dict[str, Operator] = {}
    for info in iter_modules(app.ops.__path__):
        if info.name not in _FRAME:
            for operator in operators_of(import_module(f"app.ops.{info.name}")):
                assert found.setdefault(operator.name, operator) is operator, f"two operators named {operator.name}"
    return found


CATALOGUE = Catalogue()
