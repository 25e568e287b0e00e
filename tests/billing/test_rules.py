"""Amounts to the cent, and what an invoice needs."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.billing.numbering import format_number
from learning.billing.rules import Line, Party, complaints, totals

NUMBERS = {"kvk": "12345678", "vat_id": "NL1", "iban": "NL91ABNA0417164300"}
SELLER = Party("Stichting", "Weg 1", "1234 AB", "Utrecht", **NUMBERS, vat_category="S")
BUYER = Party("Gemeente", "Markt 1", "1234 AB", "Zutphen")
LINE = Line("Deelname", D(1), D(3000), "S", D(21))


def lines(*amounts: tuple[str, str, int]) -> list[Line]:
    """Lines of quantity, unit price and rate."""
    return [Line("x", D(quantity), D(price), "S", D(rate)) for quantity, price, rate in amounts]


@pytest.mark.parametrize(
    ("given_lines", "net", "vat", "gross"),
    [
        ([("1", "3000", 21)], "3000.00", "630.00", "3630.00"),
        ([("1", "2500", 21)], "2500.00", "525.00", "3025.00"),
        ([("1", "395", 21)], "395.00", "82.95", "477.95"),
        ([("3", "395", 21)], "1185.00", "248.85", "1433.85"),
        ([("1", "37.50", 21), ("1", "12.50", 21)], "50.00", "10.50", "60.50"),
        ([("3", "1.50", 9)], "4.50", "0.41", "4.91"),
        ([("3", "0.07", 21)], "0.21", "0.04", "0.25"),
        ([("1", "2.50", 21)], "2.50", "0.53", "3.03"),
        ([("1", "0.50", 21), ("1", "0.50", 9)], "1.00", "0.16", "1.16"),
        ([("7", "13.215", 9)], "92.51", "8.33", "100.84"),
        ([("0.5", "2500", 21)], "1250.00", "262.50", "1512.50"),
    ],
)
def test_sums(given_lines: list[tuple[str, str, int]], net: str, vat: str, gross: str):
    sums = totals(lines(*given_lines))

    assert (sums.net, sums.vat, sums.gross) == (D(net), D(vat), D(gross))


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 500_000), st.sampled_from([9, 21])), max_size=8))
def test_sums_agree_with_their_parts(parts: list[tuple[int, int, int]]):
    sums = totals([Line("x", D(q), D(cents) / 100, "S", D(rate)) for q, cents, rate in parts])

    assert sums.gross == sums.net + sums.vat
    assert sums.net == sum((D(q) * D(cents) / 100 for q, cents, _ in parts), D(0))
    for group in sums.groups:
        assert abs(group.vat - group.net * group.rate / 100) <= D("0.005")


@pytest.mark.parametrize(
    ("seller", "buyer", "line", "reference", "codes"),
    [
        (SELLER, BUYER, LINE, "4500", []),
        (replace(SELLER, iban=""), BUYER, LINE, "4500", ["seller_incomplete"]),
        (SELLER, replace(BUYER, street=""), LINE, "4500", ["buyer_incomplete"]),
        (SELLER, BUYER, replace(LINE, vat_category=None, vat_rate=None), "4500", ["vat_unknown"]),
        (SELLER, BUYER, replace(LINE, vat_category="E", vat_rate=None), "4500", ["no_ground"]),
        (SELLER, BUYER, LINE, "", ["no_reference"]),
        (
            replace(SELLER, kvk=""),
            replace(BUYER, city=""),
            LINE,
            "",
            ["seller_incomplete", "buyer_incomplete", "no_reference"],
        ),
    ],
)
def test_what_is_missing(seller: Party, buyer: Party, line: Line, reference: str, codes: list[str]):
    assert [refusal.code for refusal in complaints(seller, buyer, [line], reference)] == codes


def test_no_lines_is_no_invoice():
    assert [refusal.code for refusal in complaints(SELLER, BUYER, [], "4500")] == ["no_lines"]


def test_numbers_have_five_digits():
    assert [format_number(2026, 1), format_number(2027, 12345)] == ["2026-00001", "2027-12345"]
