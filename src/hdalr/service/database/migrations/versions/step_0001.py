"""The table of corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
        sa.Column("picture_sha256", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reading", sa.JSON, nullable=True),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("models", sa.JSON, nullable=False),
        sa.Column("consent", sa.Boolean, nullable=False),
        sa.CheckConstraint("consent IS TRUE", name="corrections_consent"),
    )
    op.create_index("corrections_created", "corrections", ["created", "id"])


def downgrade() -> None:
    """Drop it, and all that it holds."""
    op.drop_table("corrections")
