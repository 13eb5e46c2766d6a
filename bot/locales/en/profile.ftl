# What Telegram shows about the bot: command list, descriptions.
command-start = Open your account
command-buy = Buy: /buy BTC/USDT 100
command-sell = Sell: /sell BTC/USDT 50%
command-limit = A limit order, step by step
command-portfolio = What you have, and its profit
command-orders = Open and finished orders
command-alerts = Alerts on prices, moves and volume
command-settings = Language, slippage, notifications, your phrase
command-status = How the desk is
command-about = Which build answers here
command-help = Everything that can be typed
description = Strongroom is a trading desk in your chat: buy and sell on paper at real recorded prices, every fee and price source shown.
short-description = A trading desk in your chat.
