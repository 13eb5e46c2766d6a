start-welcome = 👋 Welcome to Strongroom. Your account is open, with 10,000 USDT of paper money to trade with.
start-again = 👋 Your account is open.
start-token = You came for { $token }: its card comes with a later version.
start-what-to-do = Try <code>/buy BTC/USDT 100</code>, or use the buttons. /help shows everything.
start-live = Your account is in live mode; live venues come later, so orders go to paper.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (and { $held } held for orders)
balance-none = No balances yet.
menu-buy = 🛒 Buy
menu-sell = 💱 Sell
menu-portfolio = 💼 Portfolio
menu-orders = 📋 Orders
menu-positions = 📊 Positions
menu-history = 🧾 History
menu-alerts = 🔔 Alerts
menu-settings = ⚙️ Settings
menu-help = ❓ Help
help =
    <b>Buy</b>: <code>/buy BTC/USDT 100</code> spends 100 USDT, fees included · <code>/buy BTC/USDT 0.01 BTC</code> receives 0.01 BTC
    <b>Sell</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Limit</b>: <code>/buy BTC/USDT 100 limit 58000</code> waits for its price · add <code>post</code>, <code>ioc</code>, <code>fok</code> or <code>gtd 2h</code> · /limit asks step by step
    <b>Conditions</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    Amounts: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. Add <code>slippage 1%</code> to accept a worse price by that much at most.
    <b>Look</b>: send a ticker such as <code>BTC</code> for its card · /positions value and profit, with a sell panel · /history fills, and as CSV
    <b>Be told</b>: <code>/alerts BTC/USDT 70000</code> · /settings language, notifications, quiet hours, your phrase
    /portfolio what you have · /orders what is open · /why what was decided and why · /status how the desk is
    A button works once. An order asks before it goes.
help-operator = Operators: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = What would you like to buy?
choose-amount = { $symbol }: how much { $quote } do you want to spend? You have { $available } { $quote }. Or type <code>/buy { $symbol } 75</code>.
choose-holding = What would you like to sell?
choose-share = { $symbol }: you have { $available } { $base }. How much of it?
no-instruments = Nothing can be traded yet: prices are still starting. Try again in a moment.
nothing-to-sell = You have nothing to sell yet. Example: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } at { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (no price now)
position-source = { "  " }Price: { $source }, { $age } old
portfolio-head = 💼 Portfolio on { $venue }
portfolio-total = Positions: { $value } { $quote } · open profit { $unrealized } { $quote } · realised { $realized } { $quote }
orders-open = 📋 Open orders
orders-none-open = 📋 No open orders.
orders-finished = Finished lately
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Everything works.
status-degraded = 🟡 Working, with something missing.
status-paused = ⏸ Trading is paused.
status-pause = ⏸ Paused: { $scope }, since { $since }
status-market = { $symbol }: { $source }, { $age } old
status-part = { $part }: { $state }, { $age } ago
paused = ⏸ Paused: { $scope }. New orders there are denied until /resume.
paused-already = ⏸ { $scope } was paused already.
resumed = ▶️ Resumed: { $scope }.
resumed-already = ▶️ { $scope } was not paused.

toast-accepted = Accepted
toast-canceled = Canceled
toast-cancel-requested = Asked to cancel
toast-refreshed = Up to date
toast-done = { "" }

usage-buy = Not understood, nothing happened. Example: <code>/buy BTC/USDT 100</code> (amounts: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, and a unit)
usage-sell = Not understood, nothing happened. Example: <code>/sell BTC/USDT 50%</code> (or 0.01 · $50 · max · initials)
usage-pause = Not understood, nothing happened. Example: <code>/pause venue paper</code> (or <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = Not understood, nothing happened. Example: <code>/resume venue paper</code> (or <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } is neither { $base } nor { $quote }, nothing happened. Example: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = { $venue } cannot be traded here yet, nothing happened. Leave “on { $venue }” out to trade on paper: <code>/buy BTC/USDT 100</code>
unknown-command = I do not know this command, nothing happened. /help shows all; an example: <code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } takes nothing after it, nothing happened. Example: /{ $command }
too-long = That is too long for a command, nothing happened. Example: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } is not traded here, nothing happened. /buy shows what is; an example: <code>/buy BTC/USDT 100</code>
free-text = I understand commands: <code>/buy BTC/USDT 100</code> for example. /help shows all.
forwarded = A forwarded message is not run as a command, nothing happened. Type it yourself: <code>/buy BTC/USDT 100</code>
private-only = This is only for your private chat with me: open @{ $bot } and send it there.
