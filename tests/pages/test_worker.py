"""The service worker, as the service gives it."""

import re
from pathlib import Path

from tests.service import serving


async def test_a_browser_asks_anew_for_the_worker_and_all_that_it_keeps_is_there(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        found = await client.get("/sw.js")
        assert found.headers["content-type"].startswith("text/javascript")
        assert found.headers["cache-control"] == "no-cache"
        assert "connect-src 'self'" in found.headers["content-security-policy"]
        assert "sandbox" not in found.headers["content-security-policy"]
        kept = re.findall(r'"(/static/dist/[^"]+)"', found.text)
        assert {Path(path).name.split("-")[0] for path in kept} >= {"page", "lesson", "site", "theme", "dejavu"}
        for path in [*kept, "/", "/?source=", "/offline"]:
            assert (await client.get(path)).status_code == 200, path


async def test_a_page_may_start_the_worker_alone(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        policy = (await client.get("/")).headers["content-security-policy"]
    assert "trusted-types lit-html gradwire-worker" in policy
