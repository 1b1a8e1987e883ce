"""The one table, as the newest migration leaves it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, which SQLite leaves out: there it is written in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From Python to the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database, whose session may have another zone, to Python."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()
corrections = Table(
    "corrections",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created", UtcTime, nullable=False),
    Column("picture", LargeBinary, nullable=False),
    Column("picture_sha256", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("reading", JSON(none_as_null=True), nullable=True),
    Column("options", JSON, nullable=False),
    Column("models", JSON, nullable=False),
    Column("consent", Boolean, nullable=False),
    CheckConstraint("consent IS TRUE", name="corrections_consent"),
    Index("corrections_created", "created", "id"),
)
