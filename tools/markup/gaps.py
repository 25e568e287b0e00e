"""Says of every gap between two pieces whether a reader would see white space in it.

Browsers drop white space at the edges of blocks and between the children of a flexible box. What
stands at an edge is looked up along every way that the conditions and loops of a template leave open.
"""

from dataclasses import dataclass, field

from tools.markup.reading import Piece

_BLOCKS = """
html head body title meta link script style template base div p h h1 h2 h3 h4 h5 h6 ul ol li dl dt dd br hr
table thead tbody tfoot tr td th caption colgroup col section article aside header footer nav main form
fieldset legend details summary figure figcaption blockquote pre address dialog option optgroup datalist
!doctype path circle rect line g
"""
_VOID = "!doctype area base br col embed hr img input link meta source track wbr path circle rect line"
# classes of our style sheets whose children stand in a flexible box or in a grid
_FLEXIBLE = """
row callout badge btn chip choice field error plate sign theme brandmark topnav pagehead card-head filterbar
seg tabs round-head slot3 pips personline suburl stat empty facts avatar pick session tile lang seats
"""
BLOCKS, VOID, FLEXIBLE = (set(words.split()) for words in (_BLOCKS, _VOID, _FLEXIBLE))
HEARD = {"sr"}  # classes of words that are only read aloud: a blank parts them from those before
APART = {"block"}  # classes that make a block of anything
BOXES = {"button", "select", "svg"}  # white space at the edges inside of these is not seen
UNSEEN = {"hidden", "sealed"}  # macros that give nothing one sees
WHOLE = {"errors", "field", "fields", "history", "house"}  # macros that give blocks
TEXTS = {"title", "kind"}  # blocks of a template that stand in a text
BRANCHES = {"if", "for", "block", "macro", "call", "filter", "set"}
MARKS = {"elif", "else"}


@dataclass(eq=False)
class Node:
    """A piece and, when it opens something, what stands in its branches and the marks that end each."""

    piece: Piece
    branches: list[list["Node"]] = field(default_factory=list)
    marks: list[Piece] = field(default_factory=list)

    @property
    def element(self) -> bool:
        """It is an element of HTML."""
        return self.piece.kind == "tag"

    def has(self, names: set[str]) -> bool:
        """One of its classes is among these."""
        words = {
            word
            for each in self.piece.attributes
            if str(each.parts[0]).startswith("class=")
            for part in each.parts
            if isinstance(part, str)
            for word in part.removeprefix("class=").replace('"', " ").split()
        }
        return bool(words & names)


def opens(piece: Piece) -> bool:
    """It has an end further on."""
    if piece.kind == "statement":
        return piece.name in BRANCHES and not (piece.name == "set" and ("operator", "=") in piece.words)
    return piece.kind == "tag" and not piece.closes and piece.name not in VOID


def tree(pieces: list[Piece]) -> list[Node]:
    """The pieces with what stands in what; a tag whose other half is not beside it stands alone."""
    root = Node(Piece("root"), [[]])
    stack = [root]
    for piece in pieces:
        if piece.kind == "statement" and piece.name.startswith("end"):
            while stack[-1].element:
                _leave_alone(stack)
            stack.pop().marks.append(piece)
        elif piece.kind == "statement" and piece.name in MARKS:
            while stack[-1].element:
                _leave_alone(stack)
            stack[-1].marks.append(piece)
            stack[-1].branches.append([])
        elif piece.closes and _is_open(stack, piece.name):
            while stack[-1].piece.name != piece.name:
                _leave_alone(stack)
            stack.pop().marks.append(piece)
        else:
            node = Node(piece)
            stack[-1].branches[-1].append(node)
            if opens(piece):
                node.branches.append([])
                stack.append(node)
    while len(stack) > 1:
        _leave_alone(stack)
    return root.branches[0]


def _is_open(stack: list[Node], name: str) -> bool:
    """Such an element is open, since the last condition."""
    for node in reversed(stack):
        if not node.element:
            return False
        if node.piece.name == name:
            return True
    return False


def _leave_alone(stack: list[Node]) -> None:
    """An opening tag without its end: what follows it stands beside it."""
    node = stack.pop()
    stack[-1].branches[-1] += node.branches.pop()


def mark_gaps(pieces: list[Piece], nodes: list[Node]) -> None:
    """Note at every piece what the white space before it means."""
    extends = any(node.piece.kind == "statement" and node.piece.name == "extends" for node in nodes)
    silent = extends or all(node.piece.trims for node in nodes)
    blocks: dict[Piece, bool] = {pieces[-1]: False}
    for step in (_Before(blocks), _After(blocks)):
        step.walk(nodes, silent, None, top=silent)
    for piece in pieces:
        if not piece.gap:
            piece.gap = "free" if blocks.get(piece) else "space" if piece.space else "none"


class _Before:
    """Notes at which gaps what stands before them ends as a block."""

    def __init__(self, blocks: dict[Piece, bool]) -> None:
        self.blocks = blocks

    def note(self, piece: Piece, block: bool) -> None:
        """One of the two sides is enough."""
        self.blocks[piece] = self.blocks.get(piece, False) or block

    def walk(self, nodes: list[Node], block: bool, box: Node | None, top: bool = False) -> bool:
        """What stands before the end of these, when this stands before them."""
        for node in nodes:
            self.note(node.piece, block)
            if not node.branches:
                edge = _edge(node.piece, box)
                block = block if edge is None else edge
            elif node.element:
                outer, inner = _edges(node, box)
                self.note(node.marks[0], self.walk(node.branches[0], inner, node))
                block = outer
            elif node.piece.name in ("if", "for"):
                block = self.condition(node, block, box)
            else:
                inner = _inside(node)
                self.note(node.marks[0], self.walk(node.branches[0], inner, box))
                block = block if top or node.piece.name in ("macro", "set") else inner
        return block

    def condition(self, node: Node, block: bool, box: Node | None) -> bool:
        """Each branch begins with what stands before all; a body that is repeated also with its own end."""
        ends = [] if any(mark.name == "else" for mark in node.marks) else [block]
        for number, (branch, mark) in enumerate(zip(node.branches, node.marks, strict=True)):
            loops = node.piece.name == "for" and not number
            start = block and _Before({}).walk(branch, block, box) if loops else block
            ends.append(self.walk(branch, start, box))
            self.note(mark, ends[-1])
        return all(ends)


class _After:
    """Notes at which gaps what stands after them begins as a block."""

    def __init__(self, blocks: dict[Piece, bool]) -> None:
        self.blocks = blocks
        self.note = _Before(blocks).note

    def walk(self, nodes: list[Node], block: bool, box: Node | None, top: bool = False) -> bool:
        """What stands after the beginning of these, when this stands after them."""
        for node in reversed(nodes):
            if not node.branches:
                edge = _edge(node.piece, box)
                block = block if edge is None else edge
            elif node.element:
                block, inner = _edges(node, box)
                self.note(node.marks[0], inner)
                self.walk(node.branches[0], inner, node)
            elif node.piece.name in ("if", "for"):
                block = self.condition(node, block, box)
            else:
                inner = _inside(node)
                self.note(node.marks[0], inner)
                self.walk(node.branches[0], inner, box)
                block = block if top or node.piece.name in ("macro", "set") else inner
            self.note(node.piece, block)
        return block

    def condition(self, node: Node, block: bool, box: Node | None) -> bool:
        """Each branch ends with what stands after all; a body that is repeated also with its beginning."""
        starts = [] if any(mark.name == "else" for mark in node.marks) else [block]
        for number, (branch, mark) in enumerate(zip(node.branches, node.marks, strict=True)):
            loops = node.piece.name == "for" and not number
            end = block and _After({}).walk(branch, block, box) if loops else block
            self.note(mark, end)
            starts.append(self.walk(branch, end, box))
        return all(starts)


def _edge(piece: Piece, box: Node | None) -> bool | None:
    """Whether this shows the edge of a block; none when it shows nothing at all."""
    flexible = box is not None and box.has(FLEXIBLE)
    if piece.kind == "tag":
        unseen = piece.name == "input" and any('"hidden"' in str(each.parts[0]) for each in piece.attributes)
        return None if unseen else piece.name in BLOCKS or flexible or Node(piece).has(APART)
    if piece.kind == "statement":
        return True if piece.name == "include" else None
    if piece.kind == "expression":
        called = piece.words[1:2] == [("operator", "(")]
        if called and piece.name in UNSEEN:
            return None
        return called and (piece.name in WHOLE or (piece.name == "icon" and flexible))
    return None if piece.kind == "comment" else False


def _edges(node: Node, box: Node | None) -> tuple[bool, bool]:
    """The same for the outside and the inside of an element."""
    block = node.piece.name in BLOCKS or node.has(APART)
    outer = block or (box is not None and box.has(FLEXIBLE))
    return outer, not node.has(HEARD) and (outer or node.piece.name in BOXES or node.has(FLEXIBLE))


def _inside(node: Node) -> bool:
    """Whether what stands in this block of a template, or in a macro, stands between blocks."""
    return node.piece.name == "block" and node.piece.words[1][1] not in TEXTS
