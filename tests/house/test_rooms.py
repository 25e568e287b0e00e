"""Every file of an area stands in a kind of room, and leans only on rooms of the same kind or below."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent / "learning"
OPEN = {"kit", "demo", "migrations", "translations"}  # tools, a story and data: not rooms of an area
ORDER = ("pure", "tables", "reads", "mails", "acts", "forms", "doors")
FIXED = {
    "rules": "pure", "happenings": "tables", "models": "tables", "permissions": "reads", "queries": "reads",
    "emails": "mails", "actions": "acts", "forms": "forms", "views": "doors", "manage": "doors",
    "api": "doors",
    "commands": "doors",
}  # fmt: skip
NAMED = {
    "pure": (
        "billing/numbering", "intake/frab", "intake/proposals", "intake/prose", "intake/reading",
        "lottery/explaining", "lottery/exchange", "lottery/solver", "network/tables",
        "office/log_words",
        "office/manifest", "organisations/municipalities", "organisations/renewing", "people/guessable",
        "people/roles",
        "planning/solver", "programmes/days", "releases/changes", "releases/difference", "releases/picture",
        "schedules/ical", "schedules/timeline", "site/frab", "site/metadata",
    ),
    "tables": ("office/backups", "office/heart"),
    "reads": (
        "attendance/tokens", "choices/draw/problems", "delegations/at_desk", "delegations/board",
        "choices/seating", "choices/draw/results", "delegations/standing", "desk/kind",
        "desk/lines",
        "desk/reading", "network/comparing", "office/dumps", "office/health", "office/log",
        "organisations/brand", "people/passwords", "planning/grid", "planning/warnings", "programmes/parts",
        "programmes/rows",
        "releases/news", "releases/snapshot", "site/cards",
    ),
    "mails": ("network/contact_emails", "network/partner_emails"),
    "acts": (
        "billing/documents", "choices/following", "choices/moving_up", "choices/waiting",
        "attendance/feeds", "attendance/interest", "choices/draw/publishing", "choices/draw/wishes",
        "delegations/asking", "delegations/joining", "delegations/naming", "delegations/reminding",
        "delegations/passing_on", "delegations/substituting",
        "desk/placing", "desk/removing", "desk/saving", "desk/starting",
        "insights/reports",
        "mail/delivery", "network/contacts", "network/importing", "network/merging", "network/partners",
        "office/organisers",
        "office/restoring", "office/saving", "office/steps", "organisations/proving", "people/colleagues",
        "people/invitations", "speakers/hand_ins", "speakers/photos",
        "people/contacts",
        "people/entering", "people/sign_ins", "people/tries", "planning/suggestions", "prices/codes",
        "printing/documents", "releases/places",
        "schedules/digest",
    ),
    "forms": (
        "desk/forms_brand", "desk/forms_new", "desk/kinds/blocks", "desk/kinds/meetings",
        "desk/kinds/modules",
        "desk/kinds/parties", "desk/kinds/places", "desk/kinds/prices", "desk/kinds/programme",
        "desk/kinds/sessions",
        "desk/kinds/themes", "network/beside", "network/contact_forms", "network/kinds", "speakers/kinds",
    ),
    "doors": (
        "billing/identity", "delegations/register_pages", "desk/doors", "office/audit", "office/installation",
        "office/machine", "people/invited", "site/files",
    ),
}  # fmt: skip
ROLES = {name: role for role, names in NAMED.items() for name in names}


def files() -> list[Path]:
    """Every file of an area."""
    found = (
        path
        for area in ROOT.iterdir()
        if area.is_dir() and area.name not in OPEN
        for path in area.rglob("*.py")
    )
    return sorted(path for path in found if path.name != "__init__.py")


def name_of(path: Path) -> str:
    """The area and the file in it."""
    return path.relative_to(ROOT).with_suffix("").as_posix()


def role_of(name: str) -> str:
    """In which kind of room a file stands; a file in `manage/` is a door."""
    within = name.partition("/")[2]
    if within.startswith("manage/") or "/manage/" in within:
        return "doors"
    return ROLES.get(name) or FIXED.get(within.rpartition("/")[2], "")


def leans_on(path: Path) -> set[str]:
    """The files of its own area that a file imports."""
    area, found = name_of(path).partition("/")[0], set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"learning.{area}"):
            inside = node.module.removeprefix("learning.").replace(".", "/")
            found |= {f"{inside}/{alias.name}" for alias in node.names} | {inside}
    return {name for name in found if (ROOT / f"{name}.py").exists()}


def test_every_file_stands_in_a_room():
    stray = [name_of(path) for path in files() if not role_of(name_of(path))]
    gone = [name for name in ROLES if not (ROOT / f"{name}.py").exists()]

    assert (stray, gone) == ([], [])


def test_rooms_lean_downwards():
    wrong = [
        f"{name_of(path)} ({role_of(name_of(path))}) leans on {other} ({role_of(other)})"
        for path in files()
        for other in sorted(leans_on(path))
        if ORDER.index(role_of(name_of(path))) < ORDER.index(role_of(other))
    ]

    assert wrong == []
