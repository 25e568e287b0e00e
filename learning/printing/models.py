"""Documents of a programme that the worker makes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment


class ProgrammeDocument(Model):
    """A printed document of a release that somebody asked for; the worker makes it.

    `failed` is a sentence.
    """

    __table_args__ = (
        UniqueConstraint("release_id", "kind", "lang", "cleaned"),
        CheckConstraint("kind IN ('booklet', 'room_signs', 'hosts')", name="kind"),
    )
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    kind: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(Text)
    cleaned: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    failed: Mapped[str] = mapped_column(Text, default="")
