"""On whose behalf people should come to each meeting, as advice to delegations."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("programme", sa.Column("wished_mix", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("programme", "wished_mix")
