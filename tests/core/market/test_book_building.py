"""A book from a snapshot and differences: the same as a plain dictionary would hold, and refused when it cannot be right."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.book_building import BookBroken, DepthDiff, apply_depth_diff, book_from_snapshot


def pairs(*items):
    return [(Decimal(price), Decimal(quantity)) for price, quantity in items]


def diff(first, last, bids=(), asks=()):
    return DepthDiff(first, last, pairs(*bids), pairs(*asks))


def shown(levels):
    return [(level.price.value, level.quantity.value) for level in levels]


def test_levels_come_best_first_however_they_were_told():
    book = book_from_snapshot(7, pairs((98, 1), (99, 2)), pairs((102, 1), (101, 3)))
    assert shown(book.top_bids(10)) == [(99, 2), (98, 1)]
    assert shown(book.top_asks(1)) == [(101, 3)]


def test_a_difference_sets_removes_and_adds_levels():
    book = book_from_snapshot(7, pairs((99, 2)), pairs((101, 3)))
    apply_depth_diff(book, diff(8, 9, bids=[(99, 0), (98, 5), (97, 0)], asks=[(101, 1), (100, 4)]))
    assert shown(book.top_bids(10)) == [(98, 5)]
    assert shown(book.top_asks(10)) == [(100, 4), (101, 1)]
    assert book.sequence == 9


def test_a_difference_already_in_the_snapshot_changes_nothing():
    book = book_from_snapshot(7, pairs((99, 2)), pairs((101, 3)))
    apply_depth_diff(book, diff(5, 7, bids=[(99, 0)]))
    assert shown(book.top_bids(10)) == [(99, 2)]
    assert book.sequence == 7


def test_a_difference_that_straddles_the_snapshot_is_applied():
    book = book_from_snapshot(7, pairs((99, 2)), pairs((101, 3)))
    apply_depth_diff(book, diff(5, 8, bids=[(99, 1)]))
    assert shown(book.top_bids(10)) == [(99, 1)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (diff(9, 10), "sequence gap: expected 8, found 9"),
        (diff(8, 7), "runs backward"),
        (diff(8, 8, bids=[(101, 1)]), "crossed book: bid 101 is not below ask 101"),
        (diff(8, 8, asks=[(98, 1)]), "crossed book"),
        (diff(8, 8, asks=[(105, -1)]), "negative quantity -1 at price 105"),
        (diff(8, 8, bids=[(0, 1)]), "price 0 is not positive"),
        (diff(8, 8, bids=[("NaN", 1)]), "price NaN"),
        (diff(8, 8, bids=[(5, "NaN")]), "not a number"),
        (diff(8, 8, bids=[(5, "Infinity")]), "not a number"),
    ],
)
def test_a_feed_that_cannot_be_right_is_refused(change, why):
    book = book_from_snapshot(7, pairs((99, 2)), pairs((101, 3)))
    with pytest.raises(BookBroken, match=why):
        apply_depth_diff(book, change)


def test_a_crossed_snapshot_is_refused():
    with pytest.raises(BookBroken, match="crossed book"):
        book_from_snapshot(1, pairs((101, 1)), pairs((100, 1)))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50), st.integers(0, 3)), max_size=60))
def test_the_book_is_what_a_plain_dictionary_holds(changes):
    book = book_from_snapshot(0, [], [])
    plain: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for number, (bid, distance, quantity) in enumerate(changes, 1):
        price = 100 - distance if bid else 100 + distance
        plain[bid][price] = quantity
        apply_depth_diff(book, diff(number, number, **{"bids" if bid else "asks": [(price, quantity)]}))
        assert shown(book.top_bids(100)) == sorted(((p, q) for p, q in plain[True].items() if q), reverse=True)
        assert shown(book.top_asks(100)) == sorted((p, q) for p, q in plain[False].items() if q)
