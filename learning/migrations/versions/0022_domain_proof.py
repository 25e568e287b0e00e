"""What the worker found where an own domain is proven, and rows with which a job failed."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("organiser", sa.Column("domain_looked_at", MOMENT, nullable=True))
    op.add_column("organiser", sa.Column("domain_due_at", MOMENT, nullable=True))
    op.add_column("organiser", sa.Column("domain_found", sa.Text(), nullable=False, server_default=""))
    # a page that was seen at a domain proved nothing: anybody can send that name. The worker looks for a proof at once.
    op.execute("UPDATE organiser SET domain_seen_at = NULL, domain_due_at = CURRENT_TIMESTAMP WHERE domain IS NOT NULL")
    op.create_table(
        "setback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setback"),
        sa.UniqueConstraint("job", "row_id", name="uq_setback_job_row_id"),
    )


def downgrade() -> None:
    op.drop_table("setback")
    for name in ("domain_found", "domain_due_at", "domain_looked_at"):
        op.drop_column("organiser", name)
