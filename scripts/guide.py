"""Remakes the pictures of docs/guide: starts a desk of its own, drives the chat page as a newcomer and as an operator, in two languages.

Called by hand: `python -m scripts.guide`. Needs Chromium. What is done in the chat is in `scripts/guide_tour.py`. Never touches another
desk: everything lives in a folder that is removed afterwards.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from PIL import Image
from playwright.async_api import Page, async_playwright

from bot.catalog import Texts, load_catalog
from sandbox.child import free_port
from sandbox.telegram.client import TelegramSandbox
from scripts.guide_tour import Chat, operator_tour, trader_tour

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "guide" / "img"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
LANGUAGES = ("en", "es")
NAMES = {"en": "Ann", "es": "Ana"}
TRADER, OPERATOR = 7_000, 9_000
READY_WITHIN_S = 180
LARGEST_BYTES = 60_000
PAD = 4
WIDTH, HEIGHT, SCALE = 430, 2_400, 1.5
PLAIN = ".pane{background:var(--background-plain)!important}.toast{display:none!important}*{transition:none!important}"


@asynccontextmanager
async def desk() -> AsyncIterator[str]:
    """A desk in a folder of its own; its address."""
    with tempfile.TemporaryDirectory(prefix="strongroom-guide-") as folder:
        port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PGBIN", "TMPDIR", "MARKET_DATA_DIR") if name in os.environ}
        operators = ",".join(str(OPERATOR + number) for number in range(len(LANGUAGES)))
        settings = {"DATA_DIR": folder, "HTTP_PORT": str(port), "SANDBOX": "on", "OPERATOR_IDS": operators}
        process = subprocess.Popen([sys.executable, "-m", "sandbox", "run"], cwd=ROOT, env=kept | settings, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
        try:
            address = f"http://127.0.0.1:{port}"
            async with asyncio.timeout(READY_WITHIN_S):
                while not await _ready(address):  # noqa: ASYNC110  nothing outside a desk tells when it is ready
                    await asyncio.sleep(0.5)
            yield address
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 30)


async def _ready(address: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{address}/health") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def small_png(shot: bytes) -> bytes:
    """The picture in few colors, at most LARGEST_BYTES: fewer colors first, then fewer pixels."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    while True:
        for colors in (64, 32, 16):
            made = io.BytesIO()
            picture.quantize(colors, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
            if made.tell() <= LARGEST_BYTES:
                return made.getvalue()
        picture = picture.resize((picture.width * 4 // 5, picture.height * 4 // 5), Image.Resampling.LANCZOS)


class PageChat(Chat):
    """One person at the chat page; light and dark take turns, and what is light in one language is dark in the other."""

    def __init__(self, page: Page, telegram: TelegramSandbox, user_id: int, texts: Texts, *, dark_first: bool) -> None:
        self._page = page
        self._user = telegram.user(user_id)
        self._name = NAMES[texts.language]
        self._dark = dark_first
        self._seen: dict[int, int] = {}
        self._spoken = False
        self.texts = texts

    async def start(self) -> None:
        """Presses START."""
        await self._look()
        await self._page.get_by_role("button", name="START").click()
        self._spoken = True

    async def say(self, text: str) -> None:
        """Types a text."""
        await self._look()
        box = self._page.get_by_label(f"Message as {self._name}")
        await box.fill(text)
        await box.press("Enter")
        self._spoken = True

    async def press(self, label: str) -> None:
        """Presses the newest button that is called so."""
        await self._look()
        button = self._page.locator(".inline-button").filter(has_text=label).last
        await button.scroll_into_view_if_needed()
        await button.click()
        self._spoken = False

    async def answer(self, regex: str) -> str:
        """The text of the newest message of the bot that came or changed since, once it fits."""
        self._shown = await self._user.wait_for_message(regex=regex, after=0, timeout_s=60)
        async with asyncio.timeout(60):
            while self._seen.get(self._shown.message_id) == self._shown.edit_count:
                await asyncio.sleep(0.1)
                self._shown = await self._user.wait_for_message(regex=regex, after=0, timeout_s=60)
        return self._shown.text

    async def shot(self, name: str) -> None:
        """A picture of the message that `answer` found, with what was typed before it."""
        scheme = "dark" if self._dark else "light"
        self._dark = not self._dark
        await self._page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await self._page.wait_for_timeout(400)
        bubble = self._page.locator(f'[data-id="{self._shown.message_id}"]')
        await bubble.scroll_into_view_if_needed()
        box = await bubble.bounding_box()
        if box is None:
            raise RuntimeError(f"{name} is not in sight")
        top, bottom = box["y"], box["y"] + box["height"]
        said = await self._page.locator(".own").last.bounding_box() if self._spoken else None
        if said is not None and said["y"] < top:
            top = said["y"]
        clip = {"x": 0, "y": max(0.0, top - PAD), "width": WIDTH, "height": bottom - max(0.0, top - PAD) + PAD}
        picture = await self._page.screenshot(clip=clip)  # type: ignore[arg-type]
        (IMAGES / f"{name}.{self.texts.language}.png").write_bytes(small_png(picture))
        print(f"  {name}.{self.texts.language}.png ({scheme})", flush=True)

    async def _look(self) -> None:
        self._seen = {message.message_id: message.edit_count for message in await self._user.chat(history=False)}


async def _person(address: str, number: int, base: int) -> None:
    language = LANGUAGES[number]
    texts = load_catalog().texts(language)
    async with TelegramSandbox(address) as telegram, async_playwright() as playwright:
        await telegram.limits(enabled=False)
        await telegram.add_user(base + number, first_name=NAMES[language], language_code=language)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE, bypass_csp=True)
        page = await context.new_page()
        await page.goto(f"{address}/chat?user={base + number}")
        await page.add_style_tag(content=PLAIN)
        chat = PageChat(page, telegram, base + number, texts, dark_first=bool(number))
        await (trader_tour if base == TRADER else operator_tour)(chat)
        await browser.close()


async def main() -> None:
    """All pictures anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    async with desk() as address:
        print(f"The desk of the pictures: {address}", flush=True)
        for number in range(len(LANGUAGES)):
            await _person(address, number, TRADER)
            await _person(address, number, OPERATOR)


if __name__ == "__main__":
    asyncio.run(main())
