"""The one table: short links, each with the state that it stands for. SQLite or PostgreSQL, by URL."""

from sqlalchemy import Boolean, Column, DateTime, LargeBinary, MetaData, String, Table, func

metadata = MetaData()

# `state` is the JSON value in its canonical form (RFC 8785), so equal values are equal bytes.
links = Table(
    "links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("taken_down", Boolean, nullable=False, server_default="0"),
)
