"""The chat page in a real browser: a person can do here what he does in Telegram, and nothing a bot or user writes becomes markup."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright, expect
from telegram import Bot, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, WebAppInfo

from sandbox.telegram.client import TelegramSandbox
from tests.sandbox.telegram.pictures import png

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no /usr/bin/chromium: install Debian's `chromium` to run the browser tests"),
]


@pytest.fixture
async def page(bot: Bot, sandbox: TelegramSandbox) -> AsyncIterator[Page]:
    """The page of Ann and Bob; a complaint of the browser or a request to anywhere else fails the test."""
    await sandbox.limits(enabled=False)
    await bot.set_my_commands([("buy", "Buy at market"), ("portfolio", "What you hold")])
    await bot.set_my_description("Trades on paper.")
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        opened = await browser.new_page()
        opened.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda request: complaints.append(request.url) if not request.url.startswith(sandbox.url) else None)
        await opened.goto(f"{sandbox.url}/chat?user=7&user=8&start=ref_1")
        yield opened
        await browser.close()
    assert complaints == []


async def test_from_start_to_a_fill(page: Page, bot: Bot, sandbox: TelegramSandbox):
    ann = page.locator("#pane-7")
    await expect(ann.get_by_text("Trades on paper.")).to_be_visible()
    await ann.get_by_role("button", name="START").click()
    assert (await bot.get_updates(timeout=5))[0].message.text == "/start ref_1"  # type: ignore[union-attr]
    await ann.get_by_label("Message as Ann").fill("/buy 100 usdt of BTC")
    await ann.get_by_label("Message as Ann").press("Enter")
    update = (await bot.get_updates(offset=-1, timeout=5))[0]
    await expect(ann.locator(".own")).to_have_count(2)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Confirm", callback_data="c")]])
    asked = await bot.send_message(7, "<b>Buy</b> 0.001 BTC?", parse_mode="HTML", reply_markup=keyboard)
    await ann.get_by_role("button", name="Confirm").click()
    query = (await bot.get_updates(offset=update.update_id + 1, timeout=5))[0].callback_query
    assert query
    await query.answer("Working")
    await expect(ann.get_by_text("Working")).to_be_visible()
    await bot.edit_message_text("Bought 0.001 BTC", 7, asked.message_id)
    await expect(ann.get_by_text("Bought 0.001 BTC")).to_be_visible()
    await expect(ann.get_by_text("edited")).to_be_visible()
    await expect(ann.get_by_role("button", name="Confirm")).to_have_count(0)
    await expect(page.locator("#pane-8").get_by_role("button", name="START")).to_be_visible()


async def test_what_is_written_never_becomes_markup(page: Page, bot: Bot, sandbox: TelegramSandbox):
    hostile = "<img src=x onerror=document.title='owned'> <script>document.title='owned'</script>"
    await sandbox.user(7).send(hostile)
    await bot.send_message(7, f"<b>{hostile.replace('<', '&lt;')}</b>", parse_mode="HTML")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(hostile, callback_data="x")]])
    await bot.send_message(7, "javascript:alert(1)", reply_markup=keyboard)
    ann = page.locator("#pane-7")
    await expect(ann.locator(".bubble")).to_have_count(3)
    await expect(ann.locator(".log img, .log script")).to_have_count(0)
    assert await ann.locator(".text").first.inner_text() == hostile
    assert "owned" not in await page.title()


async def test_a_message_that_comes_while_the_chat_is_being_read_is_shown(page: Page, bot: Bot):
    read, sent = asyncio.Event(), asyncio.Event()

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        read.set()
        await sent.wait()
        await route.fulfill(response=answer)

    await page.route(re.compile("/chats/7"), slowly)
    await page.goto(re.sub(r"\?.*", "?user=8&user=7", page.url))
    await read.wait()
    await bot.send_message(7, "in between")
    await bot.send_message(8, "and then")  # the stream is in order: once this is shown, the page was told of the other
    await expect(page.locator("#pane-8").get_by_text("and then")).to_be_visible()
    async with page.expect_response(re.compile("/chats/7")):
        sent.set()
    await bot.send_message(7, "at last")
    await expect(page.locator("#pane-7").get_by_text("at last")).to_be_visible()
    await expect(page.locator("#pane-7").get_by_text("in between")).to_have_count(1)


async def test_keyboards_forced_replies_pictures_and_alerts(page: Page, bot: Bot, sandbox: TelegramSandbox):
    ann = page.locator("#pane-7")
    await bot.send_photo(7, png(40, 30), caption="Chart")
    await expect(ann.get_by_alt_text("Chart")).to_be_visible()
    await bot.send_document(7, b"a", filename="statement.csv")
    await expect(ann.get_by_text("statement.csv")).to_be_visible()
    await bot.send_message(7, "Which?", reply_markup=ReplyKeyboardMarkup([["BTC", "ETH"]], one_time_keyboard=True))
    await ann.get_by_role("button", name="START").click()
    await ann.get_by_role("button", name="ETH").click()
    await expect(ann.locator(".own").last).to_contain_text("ETH")
    await expect(ann.get_by_role("button", name="ETH")).to_have_count(0)
    forced = await bot.send_message(7, "How much?", reply_markup=ForceReply())
    await expect(ann.locator(".banner")).to_contain_text("Reply to Strongroom")
    await ann.get_by_label("Message as Ann").fill("5")
    await ann.get_by_label("Message as Ann").press("Enter")
    await expect(ann.locator(".own .quote")).to_contain_text("How much?")
    asked = await bot.send_message(7, "?", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="g")]]))
    await ann.get_by_role("button", name="Go").click()
    query = [update.callback_query for update in await bot.get_updates(timeout=5) if update.callback_query][-1]
    await query.answer("Not now", show_alert=True)
    await page.get_by_role("button", name="OK").click()
    await bot.delete_messages(7, [asked.message_id, forced.message_id])
    await expect(ann.get_by_role("button", name="Go")).to_have_count(0)


async def test_commands_typing_blocking_and_more_users(page: Page, bot: Bot, sandbox: TelegramSandbox):
    await sandbox.user(8).send("/start")
    bob = page.locator("#pane-8")
    await bob.get_by_label("Message as Bob").press_sequentially("/po")
    await expect(bob.get_by_role("option")).to_have_count(1)
    await bob.get_by_role("option", name="/portfolio").click()
    await expect(bob.locator(".own").last).to_contain_text("/portfolio")
    await bot.send_chat_action(8, "typing")
    await expect(bob.get_by_text("typing…")).to_be_visible()
    await bob.get_by_role("button", name="Block", exact=True).click()
    await expect(bob.get_by_role("button", name="RESTART BOT")).to_be_visible()
    await bob.get_by_role("button", name="RESTART BOT").click()
    await expect(bob.locator(".own").last).to_contain_text("/start")
    await page.get_by_role("button", name="Add user").click()
    await expect(page.locator(".pane")).to_have_count(3)
    await page.set_viewport_size({"width": 390, "height": 800})
    await expect(page.locator(".pane:visible")).to_have_count(1)
    await page.get_by_role("tab", name="Ann").click()
    await expect(page.locator("#pane-7")).to_be_visible()


async def test_a_mini_app_opens_with_its_data(page: Page, bot: Bot, sandbox: TelegramSandbox):
    app = WebAppInfo(f"{sandbox.url}/chat/static/icon.svg")
    await sandbox.user(8).send("/start")
    await bot.send_message(8, "Desk", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Open", web_app=app)]]))
    await page.locator("#pane-8").get_by_role("button", name="Open").click()
    source = await page.locator("iframe").get_attribute("src")
    assert source
    assert "#tgWebAppData=" in source
    await page.get_by_role("button", name="Close").click()
    await expect(page.locator("iframe")).to_have_count(0)
