"""Which limit is in force: narrower scopes narrow, only an operator's raise widens, an order never does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.risk.facts import OrderTerms
from core.risk.limits import (
    DEFAULTS,
    GLOBAL,
    KINDS,
    MOST_SCALED,
    REFERENCE_VOLATILITY_BPS,
    Limit,
    Unit,
    in_force,
    require_possible,
    scaled,
    scopes,
)

SCOPES = scopes("binance", "standard", 7)
NAME = "orders_per_minute"
VALUES = st.integers(0, 1_000).map(Decimal)
ROWS = st.lists(
    st.builds(
        Limit, st.sampled_from([*SCOPES, "venue:other", "tier:gold", "user:8"]), st.sampled_from(sorted(KINDS)), VALUES, st.booleans()
    ),
    max_size=12,
).map(lambda rows: [row if row.scope != GLOBAL else Limit(row.scope, row.name, row.value) for row in rows])


def value(rows: list[Limit], order: dict[str, Decimal] | None = None, name: str = NAME) -> tuple[Decimal, str]:
    found = in_force(SCOPES, rows, order)[name]
    return found.value, found.scope


def test_without_a_word_the_defaults_hold() -> None:
    assert value([]) == (Decimal(120), GLOBAL)
    assert {limit.name for limit in DEFAULTS if limit.scope == GLOBAL} <= set(in_force(SCOPES, []))


def test_a_row_of_the_same_scope_replaces_the_default_in_either_direction() -> None:
    for said in (1, 100_000):
        assert value([Limit(GLOBAL, NAME, Decimal(said))]) == (Decimal(said), GLOBAL)


@pytest.mark.parametrize("scope", SCOPES[1:])
def test_a_narrower_scope_narrows_and_does_not_widen(scope: str) -> None:
    assert value([Limit(scope, NAME, Decimal(119))]) == (Decimal(119), scope)
    assert value([Limit(scope, NAME, Decimal(121))]) == (Decimal(120), GLOBAL)


@pytest.mark.parametrize("scope", SCOPES[1:])
def test_an_operators_raise_widens(scope: str) -> None:
    assert value([Limit(scope, NAME, Decimal(500), raises=True)]) == (Decimal(500), scope)


def test_what_is_narrower_than_a_raise_still_narrows() -> None:
    rows = [Limit("tier:standard", NAME, Decimal(500), raises=True), Limit("user:7", NAME, Decimal(300))]
    assert value(rows) == (Decimal(300), "user:7")


def test_scopes_of_others_say_nothing() -> None:
    rows = [Limit(scope, NAME, Decimal(1)) for scope in ("venue:paper", "tier:gold", "user:8", "user:77")]
    assert value(rows) == (Decimal(120), GLOBAL)


def test_paper_has_wider_defaults_and_an_operator_may_take_them_back() -> None:
    paper = scopes("paper", "standard", 7)
    assert in_force(paper, [])["buy_impact_bps"].value == 100_000
    assert in_force(paper, [Limit("venue:paper", "buy_impact_bps", Decimal(300))])["buy_impact_bps"].value == 300


@given(rows=ROWS, order=st.dictionaries(st.sampled_from(sorted(KINDS)), VALUES))
def test_an_order_never_widens_what_holds_for_its_user(rows: list[Limit], order: dict[str, Decimal]) -> None:
    without, with_order = in_force(SCOPES, rows), in_force(SCOPES, rows, order)
    for name, limit in with_order.items():
        assert name not in without or limit.value <= without[name].value
    assert all(with_order[name].value <= said for name, said in order.items())


@given(rows=ROWS, extra=st.builds(Limit, st.sampled_from(SCOPES[1:]), st.sampled_from(sorted(KINDS)), VALUES))
def test_a_word_that_is_no_raise_never_widens_anything(rows: list[Limit], extra: Limit) -> None:
    rows = [row for row in rows if (row.scope, row.name) != (extra.scope, extra.name)]
    defaults = {(limit.scope, limit.name) for limit in DEFAULTS}
    if (extra.scope, extra.name) in defaults:
        return
    before, after = in_force(SCOPES, rows), in_force(SCOPES, [*rows, extra])
    assert all(name in after and after[name].value <= limit.value for name, limit in before.items())


@given(
    volatility=st.one_of(st.none(), st.integers(0, 100_000)), limit=st.integers(1, 9_999).map(Decimal), name=st.sampled_from(sorted(KINDS))
)
def test_scaling_is_bounded_and_goes_the_limits_own_way(volatility: int | None, limit: Decimal, name: str) -> None:
    at = scaled(name, limit, volatility)
    assert limit / MOST_SCALED - 1 <= at <= limit * MOST_SCALED
    if volatility is None or volatility <= REFERENCE_VOLATILITY_BPS or KINDS[name].scaling.value == "none":
        assert at == limit
    elif KINDS[name].scaling.value == "widens":
        assert at > limit
    else:
        assert at < limit


def test_twice_the_volatility_halves_exposure_and_doubles_the_band() -> None:
    assert scaled("exposure:USDT", Decimal(1000), 2 * REFERENCE_VOLATILITY_BPS) == 500
    assert scaled("price_band_bps", Decimal(1000), 2 * REFERENCE_VOLATILITY_BPS) == 2000
    assert scaled("concentration_bps", Decimal(10_000), 100 * REFERENCE_VOLATILITY_BPS) == 10_000, "a share of everything is no limit"


@pytest.mark.parametrize(
    ("scope", "name", "said", "raises"),
    [
        ("world", NAME, 1, False),
        ("user:me", NAME, 1, False),
        ("venue:", NAME, 1, False),
        ("global", "orders_per_hour", 1, False),
        ("global", "exposure", 1, False),
        ("global", "exposure:", 1, False),
        ("global", "exposure:usdt", 1, False),
        ("global", f"{NAME}:USDT", 1, False),
        ("global", NAME, -1, False),
        ("global", NAME, "1.5", False),
        ("global", NAME, "NaN", False),
        ("global", NAME, "Infinity", False),
        ("global", NAME, 10**15, False),
        ("global", "exposure:USDT", "0.000000001", False),
        ("global", NAME, 1, True),
        ("user:7", NAME, None, True),
    ],
)
def test_what_cannot_be_set_is_refused_in_words(scope: str, name: str, said: object, raises: bool) -> None:
    with pytest.raises(ValueError, match=r"[a-z]{4}"):
        require_possible(scope, name, None if said is None else Decimal(str(said)), raises=raises)


def test_every_kind_can_be_set_everywhere() -> None:
    for name, kind in KINDS.items():
        called = f"{name}:USDT" if kind.unit is Unit.COINS else name
        for scope in SCOPES:
            require_possible(scope, called, Decimal(5), raises=scope != GLOBAL)
            require_possible(scope, called, None, raises=False)


def test_every_default_could_be_set() -> None:
    for limit in DEFAULTS:
        require_possible(limit.scope, limit.name, limit.value, raises=limit.raises)


@given(limits=st.dictionaries(st.sampled_from([NAME, "in_flight", "exposure:USDT"]), VALUES), accepted=st.integers(0, 10**6))
def test_an_orders_terms_survive_their_row(limits: dict[str, Decimal], accepted: int) -> None:
    terms = OrderTerms(limits, accepted)
    assert OrderTerms.decode(terms.encode()) == terms
    assert (terms.encode() == {}) == (not limits and accepted == 0)


@pytest.mark.parametrize("bad", [{"limits": {"no_such": Decimal(1)}}, {"limits": {NAME: Decimal(-1)}}, {"accepted_impact_bps": -1}])
def test_impossible_terms_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        OrderTerms(**bad)  # type: ignore[arg-type]
