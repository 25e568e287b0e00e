"""What speakers hand in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Model, Moment, wording
from learning.kit.files import StoredFile
from learning.kit.wording import Wording
from learning.programmes.models import Photo, Speaker


class HandIn(Model):
    """What a speaker hands in for a programme by a secret link: public only once staff accept it.

    `texts` are the values of the form. `needs` is for the organiser alone. What
    staff say stands in `decision` ("accepted" or "sent_back") and `remark`.
    """

    __table_args__ = (
        UniqueConstraint("programme_id", "speaker_id"),
        CheckConstraint("decision IN ('', 'accepted', 'sent_back')", name="decision"),
    )
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id"), index=True)
    mail: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(Text, default="nl")
    epoch: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[str | None] = mapped_column(Text, unique=True)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    needs: Mapped[str] = mapped_column(Text, default="")
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id"))
    photo_alt: Mapped[Wording] = wording("photo_alt")
    handed_in_at: Mapped[datetime | None] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    remark: Mapped[str] = mapped_column(Text, default="")
    speaker: Mapped[Speaker] = relationship()
    photo: Mapped[Photo | None] = relationship()
    slides: Mapped[list["Slides"]] = relationship(order_by="Slides.id")

    @property
    def state(self) -> str:
        """One of new, asked, handed_in, sent_back, accepted."""
        if self.decision:
            return self.decision
        return "handed_in" if self.handed_in_at else "asked" if self.asked_at else "new"


class Slides(Model):
    """A file that a speaker handed in."""

    hand_in_id: Mapped[int] = mapped_column(ForeignKey("hand_in.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    file: Mapped[StoredFile] = relationship()
