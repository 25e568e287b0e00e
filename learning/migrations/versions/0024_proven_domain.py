"""Only a proven claim to a domain keeps others from it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PROVEN = sa.text("domain_seen_at IS NOT NULL")
NOT_ONE = (  # claims of a domain beside the one that stays: the proven one, else the first
    "UPDATE organiser SET domain = NULL, domain_seen_at = NULL, domain_looked_at = NULL, domain_due_at = NULL, domain_found = ''"
    " WHERE domain IS NOT NULL AND id <> (SELECT o.id FROM organiser o WHERE o.domain = organiser.domain"
    " ORDER BY o.domain_seen_at IS NULL, o.id LIMIT 1)"
)


def upgrade() -> None:
    with op.batch_alter_table("organiser") as organiser:
        organiser.drop_constraint(op.f("uq_organiser_domain"), type_="unique")
    op.create_index("uq_organiser_domain", "organiser", ["domain"], unique=True, sqlite_where=PROVEN, postgresql_where=PROVEN)


def downgrade() -> None:
    op.drop_index("uq_organiser_domain", table_name="organiser")
    op.execute(NOT_ONE)
    with op.batch_alter_table("organiser") as organiser:
        organiser.create_unique_constraint(op.f("uq_organiser_domain"), ["domain"])
