"""Mails are named after the area that they come from; those that wait are found by the new name."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOVED = {
    "hand_in_answered": "speakers",
    "hand_in_asked": "speakers",
    "handed_in": "speakers",
    "partnership_ends": "network",
    "partnerships_end": "network",
}
RENAME = sa.text("UPDATE message SET template = :new WHERE template = :old")


def upgrade() -> None:
    for name, area in MOVED.items():
        op.execute(RENAME.bindparams(old=f"programmes/{name}", new=f"{area}/{name}"))


def downgrade() -> None:
    for name, area in MOVED.items():
        op.execute(RENAME.bindparams(old=f"{area}/{name}", new=f"programmes/{name}"))
