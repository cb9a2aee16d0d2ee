"""compose.yaml and the Dockerfile, as far as no engine is needed to judge them."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from app.limits import Limits
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
KNOWN = {PREFIX + name.upper() for name in [*Settings.model_fields, *(field.name for field in fields(Limits))]}


def interpolated(text: str, environment: dict[str, str]) -> str:
    """As compose replaces `${NAME:-default}` and `${NAME:?message}`."""
    return re.sub(
        r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda found: environment.get(found[1]) or found[2] or "", text
    )


def test_each_variable_of_the_service_is_a_setting() -> None:
    names = set(COMPOSE["services"]["gradwire"]["environment"])
    names |= set(re.findall(r"\b(GRADWIRE_\w+)=", DOCKERFILE))
    assert names
    assert names - KNOWN == set()


def test_its_values_are_ones_that_the_settings_take(monkeypatch: Any) -> None:
    for name, value in COMPOSE["services"]["gradwire"]["environment"].items():
        monkeypatch.setenv(name, interpolated(value, {"POSTGRES_PASSWORD": "secret"}))
    settings = Settings()
    assert settings.database == "postgresql+asyncpg://gradwire:secret@postgres/gradwire"
    assert settings.dask_url == ""
    assert [str(network) for network in settings.proxies] == [
        COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
    ]


def test_what_a_service_names_is_there() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        for config in service.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]
    hosts = re.findall(r"(?:@|//)([a-z]+)[:/]", (ROOT / "compose.yaml").read_text("utf-8"))
    assert {"postgres", "valkey", "scheduler"} <= set(hosts) <= {*services, "host"}


def test_what_runs_our_image_can_write_nowhere_and_has_no_rights() -> None:
    ours = [service for service in COMPOSE["services"].values() if service.get("image") == "gradwire"]
    assert len(ours) == 3
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r"^USER \d+:\d+$", DOCKERFILE, re.MULTILINE)


def test_each_image_of_others_is_of_one_release() -> None:
    images = {service["image"] for service in COMPOSE["services"].values()} - {"gradwire"}
    assert images == {"nginx:1.29-alpine", "postgres:17-alpine", "valkey/valkey:8-alpine"}
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["python:${PYTHON}-slim"] * 2
    assert re.search(r"^ARG PYTHON=3\.\d+$", DOCKERFILE, re.MULTILINE)


def test_who_waits_for_health_waits_for_a_service_that_tells_it() -> None:
    services = COMPOSE["services"]
    waited = {
        name
        for service in services.values()
        if isinstance(service.get("depends_on"), dict)
        for name, how in service["depends_on"].items()
        if how["condition"] == "service_healthy"
    }
    assert waited == {"gradwire", "postgres", "valkey"}
    assert all("healthcheck" in services[name] for name in waited - {"gradwire"})
    checked = re.search(r"^HEALTHCHECK .*\\\n +CMD .*http://127\.0\.0\.1:(\d+)/healthz'", DOCKERFILE, re.MULTILINE)
    assert checked
    assert checked[1] == "8000"
    assert '"--port", "8000"' in DOCKERFILE
    assert "server gradwire:8000 resolve;" in COMPOSE["configs"]["door"]["content"]


def test_what_must_last_is_in_a_volume() -> None:
    assert COMPOSE["services"]["postgres"]["volumes"] == ["links:/var/lib/postgresql/data"]
    assert COMPOSE["volumes"] == {"links": None}
    assert "VOLUME /data" in DOCKERFILE.splitlines()
    assert "GRADWIRE_DATA_DIR=/data" in DOCKERFILE


def test_a_replica_has_the_time_that_the_server_takes_to_stop() -> None:
    grace = COMPOSE["services"]["gradwire"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > Limits().shutdown_seconds
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE.splitlines()


def test_a_database_and_a_cache_are_reached_from_the_back_alone() -> None:
    services = COMPOSE["services"]
    assert {name for name, it in services.items() if "ports" in it} == {"door"}
    assert {name for name, it in services.items() if "front" in it["networks"]} == {"door", "gradwire"}
    assert COMPOSE["networks"]["back"] == {"internal": True}
