"""A form's key knows what was sent with it, keys are tidied, and sent mails forget the links inside lists."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("form_key", sa.Column("sent", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_form_key_at", "form_key", ["at"])
    op.execute("DELETE FROM form_key")  # their answers hold secret links; a form that is open now is new once more
    _forget_links()


def downgrade() -> None:
    op.drop_index("ix_form_key_at", table_name="form_key")
    with op.batch_alter_table("form_key") as table:
        table.drop_column("sent")


def _forget_links() -> None:
    """Lists in the values of sent mails kept their links. A demo keeps all of its links, and so keeps these too."""
    message = sa.table("message", *(sa.column(name) for name in ("id", "sent_at", "text")), sa.column("values", sa.JSON()))
    connection = op.get_bind()
    sent = sa.select(message.c.id, message.c["values"], message.c.text).where(message.c.sent_at.is_not(None))
    for id, values, text in connection.execute(sent).all():
        if any(key.endswith("_url") for key in values) or '"url"' not in json.dumps(values):
            continue
        found: list[str] = []
        kept = _without(values, found)
        for link in sorted(found, key=len, reverse=True):
            text = text.replace(link, "[link]")
        connection.execute(sa.update(message).where(message.c.id == id).values({"values": kept, "text": text}))


def _without(value: object, found: list[str]) -> object:
    if isinstance(value, list):
        return [_without(one, found) for one in value]
    if not isinstance(value, dict):
        return value
    found += [link for key, link in value.items() if key == "url" and isinstance(link, str) and link]
    return {key: _without(one, found) for key, one in value.items() if key != "url"}
