"""Every unconfirmed registration is a row of its own and uses up no code."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

LIVE, COUNTS = sa.text("ended_at IS NULL"), sa.text("ended_at IS NULL AND confirmed_at IS NOT NULL")
COLUMNS = ["programme_id", "person_id"]
WAITING = "(SELECT count(*) FROM registration r WHERE r.price_code_id = price_code.id AND r.confirmed_at IS NULL AND r.ended_at IS NULL)"


def upgrade() -> None:
    op.drop_index("uq_registration_live", table_name="registration")
    op.create_index("uq_registration_live", "registration", COLUMNS, unique=True, sqlite_where=COUNTS, postgresql_where=COUNTS)
    op.execute(f"UPDATE price_code SET used = CASE WHEN used > {WAITING} THEN used - {WAITING} ELSE 0 END")


def downgrade() -> None:
    op.execute(  # of one person there can be one again
        "UPDATE registration SET ended_at = made_at, end_reason = 'lapsed' WHERE confirmed_at IS NULL AND ended_at IS NULL"
    )
    op.drop_index("uq_registration_live", table_name="registration")
    op.create_index("uq_registration_live", "registration", COLUMNS, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
