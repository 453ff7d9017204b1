"""whose turn it is: what people are called for goes first, and who stands behind another in a channel is passed by"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # In place: a batch that drops indices makes the table anew on SQLite, and what refers to the old one goes with it.
    for name in ("loud", "behind"):
        op.add_column("deliveries", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("deliveries_order", "deliveries_work"):
        op.drop_index(name, "deliveries")
    op.create_index(
        "deliveries_order",
        "deliveries",
        ["channel", "id"],
        sqlite_where=sa.text("wanted != shown AND parked = 0 AND receipt IS NULL"),
        postgresql_where=sa.text("wanted != shown AND NOT parked AND receipt IS NULL"),
    )
    op.create_index(
        "deliveries_work",
        "deliveries",
        ["platform", "loud", "site_id", "due", "id"],
        sqlite_where=sa.text("wanted != shown AND parked = 0 AND behind = 0"),
        postgresql_where=sa.text("wanted != shown AND NOT parked AND NOT behind"),
    )
