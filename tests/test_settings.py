"""Settings, from the environment."""

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from app.limits import Limits
from app.settings import Settings, limits


def test_nothing_need_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(__import__("os").environ):
        if name.startswith("GRADWIRE_"):
            monkeypatch.delenv(name)
    assert limits() == Limits()
    settings = Settings()
    assert settings.database == f"sqlite+aiosqlite:///{Path('data') / 'gradwire.sqlite3'}"
    assert (settings.rate_limit, settings.proxies, settings.public_url) == ("off", (), "")


def test_each_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for i, field in enumerate(fields(Limits)):
        monkeypatch.setenv(f"GRADWIRE_{field.name.upper()}", str(i + 1))
    assert list(asdict(limits()).values()) == [i + 1 for i in range(len(fields(Limits)))]


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("sqlite:////tmp/a.sqlite3", "sqlite+aiosqlite:////tmp/a.sqlite3"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_a_databases_driver_may_be_left_out(monkeypatch: pytest.MonkeyPatch, url: str, full: str) -> None:
    monkeypatch.setenv("GRADWIRE_DATABASE_URL", url)
    assert Settings().database == full


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "often"),
        ("TRUSTED_PROXIES", "nonsense"),
        ("PUBLIC_URL", "ftp://x"),
        ("WORKERS", "0"),
        ("PORT", "99999"),
    ],
)
def test_a_setting_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GRADWIRE_{name}", value)
    with pytest.raises(ValueError, match=name.lower()):
        Settings()


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADWIRE_TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/16")
    assert [str(network) for network in Settings().proxies] == ["10.0.0.1/32", "192.168.0.0/16"]
