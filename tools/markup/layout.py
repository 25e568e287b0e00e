"""Decides where the lines of a template end."""

from itertools import pairwise

from tools.markup.gaps import BLOCKS, UNSEEN, WHOLE, Node
from tools.markup.reading import LIMIT, Piece
from tools.markup.writing import Writer, blank_before, text_of

STEP = 2
SHORT = 110  # what holds a block or has several branches stands on one line up to here
ROOM = LIMIT - 2  # for a mark that takes white space, and the like
OPEN = {"block", "macro", "ul", "ol", "table", "form"}  # never on one line with a block in them
BY_ITSELF = {"extends", "from", "import", "set", "include"}


def write(nodes: list[Node]) -> str:
    """The whole template."""
    layout = Layout()
    layout.content(nodes, None, 0)
    return layout.writer.text()


def width(node: Node) -> int:
    """How long it is on one line."""
    length, last = len(text_of(node.piece)), node.piece
    for branch, mark in zip(node.branches, node.marks, strict=True):
        for child in branch:
            length += len(blank_before(last, child.piece)) + width(child)
            last = (child.marks or [child.piece])[-1]
        length += len(blank_before(last, mark)) + len(text_of(mark))
        last = mark
    return length


def is_block(node: Node) -> bool:
    """An element that stands below what is before it."""
    return node.element and node.piece.name in BLOCKS and node.piece.name != "br"


def all_in(node: Node) -> list[Node]:
    """What stands in it, at every depth."""
    found = []
    for branch in node.branches:
        for child in branch:
            found += [child, *all_in(child)]
    return found


def most(node: Node) -> int:
    """Up to which column it may stand in one line; 0 when it never does."""
    inside = all_in(node)
    if any(is_block(each) or _by_itself(each) for each in inside):
        alone = all(len(branch) <= 1 for branch in node.branches) and len(node.branches) == 1
        child = node.branches[0][0] if alone and node.branches[0] else None
        if child is None or _by_itself(child) or node.piece.name in OPEN:
            return 0
        return min(SHORT, most(child))
    if len(node.branches) > 1 or sum(len(each.branches) > 0 and not each.element for each in inside) > 1:
        return SHORT
    return ROOM


def _by_itself(node: Node) -> bool:
    if node.piece.kind == "expression":
        return node.piece.name in UNSEEN | WHOLE and node.piece.words[1:2] == [("operator", "(")]
    return node.piece.kind == "comment" or (
        node.piece.kind == "statement" and node.piece.name in BY_ITSELF and not node.branches
    )


def glued(nodes: list[Node], mark: Piece | None) -> int:
    """How long is what must stand on the same line as the end of the first of these."""
    length = 0
    for before, node in pairwise(nodes):
        last = (before.marks or [before.piece])[-1]
        if node.piece.gap != "none" or node.piece.trims or last.trims:
            return length
        length += width(node)
    last = (nodes[-1].marks or [nodes[-1].piece])[-1]
    if mark is None or mark.gap != "none" or mark.trims or last.trims or last.kind == "expression":
        return length
    return length + len(text_of(mark))


class Layout:
    """Goes through a tree and tells the writer where to begin a line."""

    def __init__(self) -> None:
        self.writer = Writer()

    def content(self, nodes: list[Node], mark: Piece | None, indent: int, element: bool = False) -> None:
        """Nodes that do not stand on one line together, up to the mark that ends them."""
        after_big = True
        for at, node in enumerate(nodes):
            big = self.is_big(node, indent)
            tail = glued(nodes[at:], mark)
            blank = blank_before(self.writer.last, node.piece)
            fits = len(self.writer.line + blank) + width(node) + tail <= ROOM
            may = self.writer.may_break(node.piece, forced=element and (not at or not fits))
            breaks = may and (big or after_big or not fits)
            self.node(node, indent if breaks else None, indent, tail)
            after_big = big

    def is_big(self, node: Node, indent: int) -> bool:
        """It stands on lines of its own."""
        if is_block(node) or _by_itself(node):
            return True
        if not node.branches:
            return False
        return indent + width(node) > most(node) or (not node.element and width(node) > 80)

    def node(self, node: Node, breaks: int | None, indent: int, tail: int) -> None:
        """One of them."""
        start = len(self.writer.line) if breaks is None else breaks
        if not node.branches or start + width(node) + tail <= most(node):
            self.flat(node, breaks)
            return
        self.writer.put(node.piece, breaks)
        for branch, mark in zip(node.branches, node.marks, strict=True):
            self.content(branch, mark, indent + STEP, node.element)
            self.writer.put(mark, indent if self.writer.may_break(mark, forced=node.element) else None)

    def flat(self, node: Node, breaks: int | None) -> None:
        """On one line."""
        self.writer.put(node.piece, breaks)
        for branch, mark in zip(node.branches, node.marks, strict=True):
            for child in branch:
                self.flat(child, None)
            self.writer.put(mark, None)
