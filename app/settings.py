"""What whoever runs the server may set: environment variables `GRADWIRE_…`, each with a default."""

import os
from dataclasses import fields
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from limits import parse_many
from pydantic import AfterValidator, Field, create_model, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.limits import Limits

PREFIX = "GRADWIRE_"
OFF = "off"


def _rates(text: str) -> str:
    """`off`, or rates such as `20/minute` or `5/second;100/hour`."""
    if text.strip().lower() in {"", OFF}:
        return OFF
    parse_many(text)
    return text


STORES = ("redis://", "rediss://", "valkey://", "valkeys://")
SCHEDULERS = ("tcp://", "tls://", "ws://", "wss://")


class Settings(BaseSettings):
    """The settings; the limits stand in `Limits`, each with a variable of its own (`GRADWIRE_NODES`)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    data_dir: Path = Path("data")
    database_url: str = ""
    cache_url: str = ""
    dask_url: str = ""
    cache_bytes: Annotated[int, Field(ge=0)] = 24 * 1024 * 1024
    rate_limit: Annotated[str, AfterValidator(_rates)] = OFF
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    public_url: str = ""
    workers: Annotated[int, Field(ge=1, le=256)] = min(os.cpu_count() or 1, 4)
    worker_memory: Annotated[int, Field(ge=64 * 1024 * 1024)] = 512 * 1024 * 1024
    processes: Annotated[int, Field(ge=1, le=256)] = 1
    log: Annotated[str, Field(pattern="^(all|problems|none)$")] = "problems"
    # What is estimated to need no more than this is answered in the server's own process.
    inline_nodes: Annotated[int, Field(ge=0)] = 320
    inline_elements: Annotated[int, Field(ge=0)] = 20_000
    inline_flops: Annotated[int, Field(ge=0)] = 1_000_000

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        """Addresses and networks, separated by commas."""
        if not isinstance(value, str):
            return value
        names = tuple(part.strip() for part in value.split(",") if part.strip())
        for name in names:
            ip_network(name, strict=False)
        return names

    @field_validator("cache_url")
    @classmethod
    def _a_store(cls, value: str) -> str:
        if value and not value.startswith(STORES):
            raise ValueError(f"GRADWIRE_CACHE_URL begins with one of {', '.join(STORES)}")
        return value

    @field_validator("dask_url")
    @classmethod
    def _a_scheduler(cls, value: str) -> str:
        if value and not value.startswith(SCHEDULERS):
            raise ValueError(f"GRADWIRE_DASK_URL begins with one of {', '.join(SCHEDULERS)}")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("GRADWIRE_PUBLIC_URL begins with http:// or https://")
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """The database's URL as SQLAlchemy's asyncio wants it, the driver filled in where it was left out."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'gradwire.sqlite3'}"
        scheme, separator, rest = url.partition("://")
        driver = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
        return driver.get(scheme, scheme) + separator + rest

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks whose forwarding headers count."""
        return tuple(ip_network(name, strict=False) for name in self.trusted_proxies)


class _LimitSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)


@cache
def _limit_settings() -> type[BaseSettings]:
    """A setting for each field of `Limits`, of its type, not negative."""
    found: dict[str, Any] = {f.name: (f.type, Field(default=f.default, ge=0)) for f in fields(Limits)}
    return create_model("LimitSettings", __base__=_LimitSettings, **found)


def limits() -> Limits:
    """The limits in force: the defaults, and what the environment says otherwise."""
    return Limits(**_limit_settings()().model_dump())
