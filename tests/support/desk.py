"""A desk in one process for tests of trading: real database, books by hand, the paper venue, and short words for what a user does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import Clock, SystemClock
from core.kernel.money import Asset
from core.ledger import service as ledger
from core.market.service import save_instruments
from core.market.types import Instrument
from core.outbox.ports import TaskPublisher
from core.trading import repository
from core.trading.context import TradingLimits
from core.trading.onboarding import grant_paper_funds
from core.trading.service import TradingService
from core.trading.types import ChatTarget, Order, OrderCommand, OrderSize, SizeKind
from core.users.service import open_account
from core.venues.ports import Venue
from core.venues.types import Side
from tests.support.books import StaticBooks

USDT = Asset("paper:USDT", 8)
BTC = Asset("paper:BTC", 8)
BTC_USDT = Instrument("paper", "BTC/USDT", BTC, USDT, Decimal("0.01"), Decimal("0.00001"), Decimal(5), 10)
QUICK = TradingLimits(
    send_window=timedelta(seconds=5), price_max_age=timedelta(seconds=30), duplicate_window=timedelta(0), ask_again=timedelta(0)
)
_numbers = count(1)


@dataclass
class Desk:
    """Built by `make_desk`. Users start with 10,000 USDT."""

    pool: Pool
    books: StaticBooks
    clock: Clock
    venue: Venue
    trading: TradingService
    users: list[int] = field(default_factory=list)

    async def user(self) -> int:
        """Opens an account with its paper money."""
        number = next(_numbers)
        async with unit_of_work(self.pool) as uow:
            user = await open_account(
                uow,
                telegram_user_id=10_000 + number,
                private_chat_id=20_000 + number,
                language="en",
                mode="paper",
                start_payload="",
                operator_ids=(),
            )
            await grant_paper_funds(uow, user.id)
        self.users.append(user.id)
        return user.id

    async def request(self, command: OrderCommand, key: str = "") -> Order:
        """Accepts an intent, as a handler does."""
        key = key or f"test:{next(_numbers)}"
        async with unit_of_work(self.pool) as uow:
            return await self.trading.request_order(
                uow,
                command,
                idempotency_key=key,
                chat=ChatTarget(20_000 + command.user_id, f"order:{key}"),
                correlation_id=f"correlation-{key}",
            )

    async def trade(self, command: OrderCommand) -> Order:
        """Requests and places; the order afterwards."""
        order = await self.request(command)
        await self.trading.place_order(order.id)
        return await self.order(order.id)

    async def order(self, order_id: UUID) -> Order:
        """The order as it stands."""
        found = await repository.read_order(self.pool, order_id)
        assert found is not None
        return found

    async def balance(self, user_id: int, asset: Asset = USDT) -> tuple[Decimal, Decimal]:
        """Available and held, in whole coins."""
        async with unit_of_work(self.pool) as uow:
            found = (await ledger.balances(uow, user_id, asset.place)).get(asset.code)
        return (found.available.to_decimal(), found.held.to_decimal()) if found else (Decimal(0), Decimal(0))

    async def messages(self, order: Order) -> list[Mapping[str, Any]]:
        """What the order's message was told to show, in order."""
        rows = await self.pool.fetch("select data from outbox_chat where message_key = $1 order by id", order.chat.message_key)
        return [row["data"] for row in rows]

    async def reasons(self, order: Order) -> list[tuple[str, str, str]]:
        """Check, verdict and reason of each row of the decision."""
        rows = await self.pool.fetch(
            "select check_name, verdict, reason from decisions where subject_id = $1 order by sequence", str(order.id)
        )
        return [(row["check_name"], row["verdict"], row["reason"]) for row in rows]

    async def require_clean(self) -> None:
        """Fails unless the ledger's own check finds every unit."""
        async with unit_of_work(self.pool) as uow:
            assert [line for line in await ledger.check(uow) if not line.ok] == []


async def make_desk(
    pool: Pool,
    *,
    venue: Venue | None = None,
    trouble: Trouble | None = None,
    clock: Clock | None = None,
    limits: TradingLimits = QUICK,
    publisher: TaskPublisher | None = None,
    instrument: Instrument = BTC_USDT,
    books: StaticBooks | None = None,
) -> Desk:
    """A desk with one instrument and the odd book (asks 100 × 1, 200 × 1, 500 × 10)."""
    books, clock = books or StaticBooks(), clock or SystemClock()
    books.set(instrument.symbol, observed_at=clock.now())
    async with unit_of_work(pool) as uow:
        await save_instruments(uow, [instrument])
        for asset in (instrument.base, instrument.quote):
            await ledger.ensure_asset(uow, asset)
    venue = venue or PaperVenue(pool, books, clock, trouble=trouble)
    trading = TradingService(pool=pool, books=books, clock=clock, settings=limits, venues={"paper": venue}, publisher=publisher)
    return Desk(pool, books, clock, venue, trading)


def buy(user_id: int, amount: str | int, kind: SizeKind = SizeKind.QUOTE_AMOUNT, *, slippage_bps: int = 100) -> OrderCommand:
    """`/buy BTC/USDT amount`."""
    return OrderCommand(user_id, "paper", "BTC/USDT", Side.BUY, OrderSize(kind, Decimal(amount)), slippage_bps)


def sell(user_id: int, amount: str | int, kind: SizeKind = SizeKind.BASE_QUANTITY, *, slippage_bps: int = 100) -> OrderCommand:
    """`/sell BTC/USDT amount`."""
    return OrderCommand(user_id, "paper", "BTC/USDT", Side.SELL, OrderSize(kind, Decimal(amount)), slippage_bps)
