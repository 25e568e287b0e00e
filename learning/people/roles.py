"""What a role may at the desk: one table, asked by the
permissions, shown on the page of colleagues, walked by the tests.
"""

from dataclasses import dataclass

from learning.kit.wording import N_

ADMIN, EDITOR, FINANCE, READER = "admin", "editor", "finance", "reader"
ROLES = {ADMIN: N_("administrator"), EDITOR: N_("editor"), FINANCE: N_("finance"), READER: N_("reader")}
MEANT = {  # for whom a role is
    ADMIN: N_("does everything, and says who the colleagues are"),
    EDITOR: N_("makes programmes and looks after who comes"),
    FINANCE: N_("makes invoices, and sees who pays them"),
    READER: N_("looks along and changes nothing"),
}


@dataclass(frozen=True)
class Permission:
    """Something that one may: its name in code, its words, who
    may, and whether it stays with a limit to some programmes.

    A limited colleague may what has `limited`, in those programmes only; the rest is of the whole organiser.
    """

    key: str
    words: str
    roles: frozenset[str]
    limited: bool


def _may(key: str, words: str, *roles: str, limited: bool = True) -> Permission:
    return Permission(key, words, frozenset(roles), limited)


PERMISSIONS = (
    _may("see_desk", N_("See the programmes and how many take part"), ADMIN, EDITOR, FINANCE, READER),
    _may(
        "see_plans",
        N_("See schedules, prices, speakers, venues and what waits to be released"),
        ADMIN,
        EDITOR,
        READER,
    ),
    _may("edit", N_("Change, release and cancel programmes, place people and draw"), ADMIN, EDITOR),
    _may("make", N_("Make and copy programmes"), ADMIN, EDITOR, limited=False),
    _may(
        "share",
        N_("Change venues, speakers, themes, organisations, partners and contacts"),
        ADMIN,
        EDITOR,
        limited=False,
    ),
    _may("see_people", N_("See who registered, who is sent, and what they chose"), ADMIN, EDITOR, READER),
    _may("see_needs", N_("See diet and access needs"), ADMIN, EDITOR),
    _may(
        "see_delegations",
        N_("See the delegations with their contact person and price"),
        ADMIN,
        EDITOR,
        FINANCE,
        READER,
    ),
    _may(
        "decide",
        N_("Confirm and end delegations, send and replace people, write to contact persons"),
        ADMIN,
        EDITOR,
    ),
    _may(
        "see_organisations",
        N_("See the billing address of an organisation that takes part"),
        ADMIN,
        EDITOR,
        FINANCE,
        READER,
    ),
    _may(
        "correct_billing",
        N_("Correct billing addresses of organisations"),
        ADMIN,
        EDITOR,
        FINANCE,
        limited=False,
    ),
    _may("set_reference", N_("Correct the purchase-order number of a delegation"), ADMIN, EDITOR, FINANCE),
    _may("see_invoices", N_("See the invoices"), ADMIN, EDITOR, FINANCE, READER),
    _may("bill", N_("Make, issue and delete invoices"), ADMIN, FINANCE),
    _may("identify", N_("Say who the organiser is on its invoices"), ADMIN, FINANCE, limited=False),
    _may("manage", N_("Name and colours, colleagues, and the log"), ADMIN, limited=False),
)
BY_KEY = {permission.key: permission for permission in PERMISSIONS}


def may(role: str | None, key: str, *, limited: bool = False) -> bool:
    """Whether a role may this; `limited` says that the colleague is limited to some programmes.

    Raises KeyError for no key.
    """
    permission = BY_KEY[key]
    return role in permission.roles and (permission.limited or not limited)
