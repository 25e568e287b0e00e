"""Partners may choose earlier; moving up from waiting lists stops some hours before the start."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("programme", sa.Column("partners_choose_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("programme", "offered_programme"):
        op.add_column(table, sa.Column("moving_up_stops", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table in ("offered_programme", "programme"):
        op.drop_column(table, "moving_up_stops")
    op.drop_column("programme", "partners_choose_at")
