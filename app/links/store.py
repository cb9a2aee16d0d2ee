"""Short links in a database: put once, named by what they hold, never overwritten, acknowledged only when durable."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.links.state import canonical, identify, versioned
from app.links.table import links

SHORTEST = 12
LONGEST = 43  # all of a SHA-256
BUSY = 5.0  # seconds that a writer waits for another
PATIENCE = 3.0  # seconds for a connection
MIGRATING = 0x67726164  # the advisory lock's number on PostgreSQL
T = TypeVar("T")


class Away(Exception):
    """The database cannot be reached, or does not answer."""

    retry_after = 2


class Gone(Exception):
    """The link was taken down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link and the state that it stands for; `new` where this call made it."""

    id: str
    state: Any
    new: bool = False


class Links:
    """The table, wherever its URL points. It connects on first use, so a server starts while its database is away."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._engine: AsyncEngine | None = None
        self._migrated = False
        self._migrating = asyncio.Lock()

    async def put(self, state: Any) -> Link:
        """The link of this state, a known one where an equal state has one. Errors: Away, Gone, Malformed."""
        data = canonical(state)
        whole = identify(versioned(state), LONGEST)
        await self._using(partial(self._standing, state=state))
        for length in range(SHORTEST, LONGEST + 1):
            name = whole[:length]
            row, new = await self._using(partial(self._put, name=name, data=data))
            if row is None or _same(row.state, state):
                if row is not None and row.taken_down:
                    raise Gone
                return Link(id=name, state=state, new=new)
            # Another state has the same first letters: one more tells them apart.
        raise AssertionError(f"two states of one digest: {whole}")

    async def get(self, name: str) -> Link | None:
        """The link of this name, or None. Errors: Away, Gone."""
        row = await self._using(lambda connection: self._get(connection, name))
        if row is None:
            return None
        if row.taken_down:
            raise Gone
        return Link(id=name, state=msgspec.json.decode(row.state))

    async def take_down(self, name: str, *, down: bool = True) -> bool:
        """Takes a link down (or puts it back); False where there is none. Errors: Away."""
        change = update(links).where(links.c.id == name).values(taken_down=down)

        async def change_it(connection: AsyncConnection) -> bool:
            return (await connection.execute(change)).rowcount > 0

        return await self._using(change_it)

    async def reachable(self) -> bool:
        """Whether the database answers."""
        try:
            await self._using(lambda connection: connection.execute(select(func.count()).select_from(links).limit(1)))
        except Away:
            return False
        return True

    async def close(self) -> None:
        """Ends the connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def _standing(self, connection: AsyncConnection, *, state: Any) -> None:
        """Errors: Gone, where the state was taken down under the name that it had before its version counted."""
        row = await self._get(connection, identify({k: v for k, v in state.items() if k != "v"}, SHORTEST))
        if row is not None and row.taken_down and _same(row.state, state):
            raise Gone

    async def _put(self, connection: AsyncConnection, *, name: str, data: bytes) -> tuple[Any, bool]:
        insert = sqlite_insert if self.sqlite else postgresql_insert
        made = await connection.execute(insert(links).values(id=name, state=data).on_conflict_do_nothing())
        return (None, True) if made.rowcount == 1 else (await self._get(connection, name), False)

    async def _get(self, connection: AsyncConnection, name: str) -> Any:
        wanted = select(links.c.state, links.c.taken_down).where(links.c.id == name)
        return (await connection.execute(wanted)).one_or_none()

    async def _using(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `work` gives on a connection, committed. Errors: Away."""
        try:
            async with asyncio.timeout(BUSY + PATIENCE), self._connection() as connection:
                found = await work(connection)
                await connection.commit()
                return found
        except (DBAPIError, SQLAlchemyError, OSError, TimeoutError, ConnectionError) as error:
            raise Away(type(error).__name__) from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        engine = self._engine
        if engine is None:
            engine = self._engine = self._made()
        if not self._migrated:
            async with self._migrating:
                if not self._migrated:
                    async with engine.connect() as connection:
                        await self._migrate(connection)
                    self._migrated = True
        async with engine.connect() as connection:
            yield connection

    def _made(self) -> AsyncEngine:
        if not self.sqlite:
            arguments = {"timeout": PATIENCE, "command_timeout": BUSY}
            return create_async_engine(
                self.url, pool_pre_ping=True, pool_size=5, max_overflow=5, pool_timeout=PATIENCE, connect_args=arguments
            )
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(self.url, connect_args={"timeout": BUSY}, pool_timeout=PATIENCE)

        @event.listens_for(engine.sync_engine, "connect")
        def _durable(connection: Any, _: object) -> None:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={round(BUSY * 1000)}")
            _write_ahead(cursor)
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.close()

        return engine

    async def _migrate(self, connection: AsyncConnection) -> None:
        """Brings the tables to their present form, one server at a time."""
        if self.sqlite:
            await connection.execute(text("BEGIN IMMEDIATE"))
        else:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
        await connection.run_sync(_upgrade)
        await connection.commit()


def _same(data: bytes, state: Any) -> bool:
    """Whether the state that is kept is this one."""
    return canonical(versioned(msgspec.json.decode(data))) == canonical(versioned(state))


def _write_ahead(cursor: Any) -> None:
    """Turns the file to write-ahead logging. Another server may be doing the same: SQLite does not wait for that."""
    for _ in range(100):
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone()[0] == "wal":
            return
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(0.02)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "app.links:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
