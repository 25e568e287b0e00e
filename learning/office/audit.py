"""The log of an organiser for its admins: who did what to which thing when, as a page and as a file."""

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from learning.kit.access import not_found, require, require_account
from learning.kit.forms import Count, Day, Form, Line
from learning.kit.sheets import XLSX, csv_file, xlsx_file
from learning.office import log
from learning.office.log import Asked
from learning.office.log_words import THINGS, VERBS
from learning.organisations.models import Organiser
from learning.people.permissions import can_manage, organiser_for

bp = Blueprint("audit_desk", __name__, url_prefix="/manage/<organiser>/audit")


class LogForm(Form):
    """Which lines of the log to show; it is sent in the address."""

    class Meta:
        csrf = False  # it changes nothing

    who = Line(_l("Who"), required=False, max=100)
    verb = SelectField(_l("What"), default="")
    thing = SelectField(_l("Thing"), default="")
    number = Count(_l("Its number"))
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"))

    def __init__(self) -> None:
        super().__init__(request.args)
        for field, words in ((self.verb, VERBS), (self.thing, THINGS)):
            named = sorted(
                ((key, _(text)) for key, text in words.items()), key=lambda pair: pair[1].casefold()
            )
            field.choices = [SelectChoice("", _("All")), *(SelectChoice(key, text) for key, text in named)]

    def asked(self) -> Asked:
        """What is asked for, once it has the right shape."""
        what = {"who": self.who.data or "", "verb": self.verb.data or "", "thing": self.thing.data or ""}
        return Asked(
            **what, thing_id=self.number.value, from_on=self.from_on.value, until_on=self.until_on.value
        )


@bp.get("")
def audit(organiser: str) -> ResponseReturnValue:
    """The log, with filters in the address."""
    return _page(_enter(organiser), LogForm())


def _page(owner: Organiser, form: LogForm) -> ResponseReturnValue:
    """What is asked for; the sentences that say what is
    wrong with the filters when they have another shape.
    """
    right = form.validate()
    page = (
        log.log_page(owner, form.asked(), request.args.get("page", 1, type=int))
        if right
        else log.Page([], 0, 1)
    )
    chosen = {
        name: value
        for name, value in form.data.items()
        if value and name in request.args and name != "form_key"
    }
    shown: dict[str, Any] = {"organiser": owner, "form": form, "page": page, "chosen": chosen, "right": right}
    return render_template("office/audit.html", **shown), 200 if right else 422


@bp.get("/<thing>/<int:id>")
def history(organiser: str, thing: str, id: int) -> ResponseReturnValue:
    """What happened to one thing."""
    owner = _enter(organiser)
    if thing not in THINGS:
        not_found()
    page = log.log_page(owner, Asked(thing=thing, thing_id=id), request.args.get("page", 1, type=int))
    words = log.name_of(owner, thing, id)
    chosen = {"thing": thing, "number": str(id)}
    shown: dict[str, Any] = {"organiser": owner, "page": page, "chosen": chosen, "right": True}
    return render_template(
        "office/history.html", thing=_(THINGS[thing]), kind=thing, id=id, words=words, **shown
    )


@bp.get("/log.csv")
def audit_csv(organiser: str) -> ResponseReturnValue:
    """The lines that are asked for as CSV."""
    owner, form = _enter(organiser), LogForm()
    if not form.validate():
        return _page(owner, form)
    table = log.log_table(owner, form.asked())
    headers = {"Content-Disposition": f'attachment; filename="{organiser}-log.csv"'}
    return Response(csv_file(table), mimetype="text/csv", headers=headers)


@bp.get("/log.xlsx")
def audit_xlsx(organiser: str) -> ResponseReturnValue:
    """The lines that are asked for as a workbook."""
    owner, form = _enter(organiser), LogForm()
    if not form.validate():
        return _page(owner, form)
    table = log.log_table(owner, form.asked())
    headers = {"Content-Disposition": f'attachment; filename="{organiser}-log.xlsx"'}
    return Response(xlsx_file([(_("Log"), table)]), mimetype=XLSX, headers=headers)


def _enter(organiser: str) -> Organiser:
    """Let admins of the organiser in; 404 for strangers, 403 for other staff."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_manage(account, owner.id))
    return owner
