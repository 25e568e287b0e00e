"""Who is nominated says whether they come, and what they need."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("nomination", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("diet", "access_needs"):
        op.add_column("registration", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("access_needs", "diet"):
        op.drop_column("registration", name)
    op.drop_column("nomination", "accepted_at")
