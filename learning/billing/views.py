"""The contact person's copy of an invoice."""

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from learning.billing import queries
from learning.kit.access import found, require_account
from learning.kit.files import path_of

bp = Blueprint("billing", __name__)


@bp.get("/<any(nl, en):lang>/invoices/<int:id>.pdf")
def pdf(id: int) -> ResponseReturnValue:
    """The PDF as it was sent; never made here."""
    account = require_account()
    invoice = found(queries.invoice_for(account, id))
    if invoice.pdf is None:
        raise queries.not_ready(invoice)
    return send_file(path_of(invoice.pdf), download_name=invoice.pdf.name, as_attachment=True, max_age=0)
