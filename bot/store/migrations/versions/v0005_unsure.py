"""since when a card may have been posted by a life of the bot that this database does not remember"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as table:
        table.add_column(sa.Column("unsure_since", sa.Float()))
