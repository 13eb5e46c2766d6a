"""Which handler runs which command. Called by the dispatcher."""

from __future__ import annotations

from bot.context import BotContext, Effect, Request, saying
from bot.grammar import Command, FreeText, Malformed, OrderWords, Plain, Start, Switch
from bot.handlers.account import start_again
from bot.handlers.help import free_text, help_screen
from bot.handlers.operation import status, switch
from bot.handlers.orders import orders
from bot.handlers.portfolio import portfolio
from bot.handlers.trading import order

PLAIN = {"help": help_screen, "portfolio": portfolio, "orders": orders, "status": status}


async def run_command(context: BotContext, request: Request, command: Command) -> Effect:
    """What the command does: reads now, writes in the effect."""
    match command:
        case Malformed():
            return saying(request, command.message, **command.params)
        case OrderWords():
            return await order(context, request, command)
        case Plain():
            return await PLAIN[command.name](context, request)
        case Switch():
            return await switch(context, request, command)
        case FreeText():
            return await free_text(context, request, command.text)
        case Start():
            return start_again(request, command.payload)


def command_name(command: Command) -> str:
    """For the metrics: a word from a small set."""
    match command:
        case OrderWords():
            return command.side.value
        case Plain():
            return command.name
        case Switch():
            return "resume" if command.resume else "pause"
    return type(command).__name__.lower()
