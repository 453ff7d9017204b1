"""who follows a site is found without looking through all who follow anything"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("subscriptions_by_site", "subscriptions", ["site_id"])
