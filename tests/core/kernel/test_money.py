"""Money: integers that do not mix, one way in, rounding as said."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import (
    MAX_UNITS,
    Amount,
    Asset,
    Price,
    Quantity,
    Rounding,
    basis_points,
    convert,
    divide,
    multiply,
    round_to_step,
)

USDT = Asset("paper:USDT", 8)
BTC = Asset("paper:BTC", 8)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12)
positive = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("1e-12"), max_value=10**12, places=12)


@given(decimals)
def test_converting_down_and_up_brackets_the_value_within_one_unit(value: Decimal) -> None:
    down, up = convert(value, USDT, Rounding.DOWN), convert(value, USDT, Rounding.UP)
    assert down.to_decimal() <= value <= up.to_decimal()
    assert up.units - down.units <= 1


@given(st.integers(-(10**70), 10**70))
def test_an_amount_survives_the_way_to_a_decimal_and_back(units: int) -> None:
    amount = Amount(USDT, units)
    assert convert(amount.to_decimal(), USDT, Rounding.DOWN) == amount == convert(amount.to_decimal(), USDT, Rounding.UP)


@given(positive, st.sampled_from(["0.01", "0.00001", "1", "0.5"]))
def test_round_to_step_gives_the_neighbouring_multiples(value: Decimal, step_text: str) -> None:
    step = Decimal(step_text)
    down, up = round_to_step(value, step, Rounding.DOWN), round_to_step(value, step, Rounding.UP)
    assert down <= value <= up
    assert up - down in (0, step)
    assert down % step == 0
    assert up % step == 0


@given(positive, positive)
def test_products_are_exact_whatever_the_ambient_precision(left: Decimal, right: Decimal) -> None:
    with localcontext() as context:
        context.prec = 5
        product = multiply(left, right)
    assert Fraction(product) == Fraction(left) * Fraction(right)


@given(positive, positive)
def test_a_quotient_rounded_down_never_gives_more_back(numerator: Decimal, denominator: Decimal) -> None:
    assert multiply(divide(numerator, denominator, Rounding.DOWN), denominator) <= numerator
    assert multiply(divide(numerator, denominator, Rounding.UP), denominator) >= numerator


@given(st.integers(0, 10**30), st.integers(0, 10_000))
def test_basis_points_round_as_said(units: int, bps: int) -> None:
    down = basis_points(Amount(USDT, units), bps, Rounding.DOWN).units
    up = basis_points(Amount(USDT, units), bps, Rounding.UP).units
    assert down * 10_000 <= units * bps <= up * 10_000
    assert up - down <= 1


def test_two_assets_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Amount(USDT, 1) + Amount(BTC, 1)
    with pytest.raises(ValueError, match="do not mix"):
        Amount(USDT, 1) - Amount(BTC, 1)
    with pytest.raises(ValueError, match="do not mix"):
        assert Amount(USDT, 1) < Amount(BTC, 1)
    with pytest.raises(ValueError, match="do not mix"):
        assert Amount(USDT, 1) <= Amount(BTC, 1)


def test_amounts_add_subtract_and_compare() -> None:
    one, two = Amount(USDT, 1), Amount(USDT, 2)
    assert one + one == two
    assert two - one == one
    assert one < two
    assert one <= one  # noqa: PLR0124
    assert Amount.zero(USDT) == one - one


@pytest.mark.parametrize("units", [1.0, Decimal(1), True, "1"])
def test_an_amount_counts_integers_only(units: object) -> None:
    with pytest.raises(TypeError, match="whole units"):
        Amount(USDT, units)  # type: ignore[arg-type]


def test_an_amount_out_of_the_columns_range_is_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        Amount(USDT, MAX_UNITS)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), 1.5, 3])
def test_only_a_finite_decimal_converts(value: object) -> None:
    with pytest.raises(ValueError, match="finite Decimal"):
        convert(value, USDT, Rounding.DOWN)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 1])
def test_a_price_is_positive_and_finite(value: object) -> None:
    with pytest.raises(ValueError, match="positive finite"):
        Price(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 1])
def test_a_quantity_is_finite_and_not_negative(value: object) -> None:
    with pytest.raises(ValueError, match="finite Decimal"):
        Quantity(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "scale"), [("USDT", 8), ("paper:USDT", -1), ("paper:USDT", 37)])
def test_an_asset_names_its_place_and_a_sane_scale(code: str, scale: int) -> None:
    with pytest.raises(ValueError, match="place:symbol"):
        Asset(code, scale)


def test_an_asset_knows_its_place_and_symbol() -> None:
    assert (USDT.place, USDT.symbol) == ("paper", "USDT")
