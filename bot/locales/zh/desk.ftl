start-welcome = 👋 欢迎使用 Strongroom。您的账户已开通，内有 10,000 USDT 模拟资金可供交易。
start-again = 👋 您的账户已开通。
start-token = 您想查看 { $token }：其行情卡片将在后续版本提供。
start-what-to-do = 试试 <code>/buy BTC/USDT 100</code>，或使用按钮。全部命令见 /help。
start-live = 您的账户处于实盘模式；实盘交易所将在后续版本接入，目前订单走模拟盘。
balance = { $asset }：{ $amount }
balance-held = { $asset }：{ $amount }（另有 { $held } 因挂单冻结）
balance-none = 暂无余额。
menu-buy = 🛒 买入
menu-sell = 💱 卖出
menu-portfolio = 💼 资产
menu-orders = 📋 订单
menu-positions = 📊 持仓
menu-history = 🧾 成交
menu-alerts = 🔔 提醒
menu-settings = ⚙️ 设置
menu-help = ❓ 帮助
help =
    <b>买入</b>：<code>/buy BTC/USDT 100</code> 花费 100 USDT（含手续费）· <code>/buy BTC/USDT 0.01 BTC</code> 买到 0.01 BTC
    <b>卖出</b>：<code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>限价</b>：<code>/buy BTC/USDT 100 limit 58000</code> 等待价格到位 · 可加 <code>post</code>、<code>ioc</code>、<code>fok</code> 或 <code>gtd 2h</code> · /limit 逐步引导
    <b>条件</b>：<code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    <b>查看</b>：发送代码（如 <code>BTC</code>）查看行情卡片 · /positions 价值与盈亏，含卖出面板 · /history 成交记录，可导出 CSV
    <b>提醒</b>：<code>/alerts BTC/USDT 70000</code> · /settings 语言、通知、免打扰时段、防伪短语
    金额：100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max。加上 <code>slippage 1%</code> 表示最多接受这么多的价格滑点。
    /portfolio 您的资产 · /orders 当前挂单 · /why 系统的决定及原因 · /status 系统状态
    每个按钮只能用一次。订单发出前会先请您确认。
help-operator = 运营人员：<code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = 您想买入什么？
choose-amount = { $symbol }：您想花费多少 { $quote }？可用 { $available } { $quote }。也可以输入 <code>/buy { $symbol } 75</code>。
choose-holding = 您想卖出什么？
choose-share = { $symbol }：您持有 { $available } { $base }。要卖出多少？
no-instruments = 暂时无法交易：行情仍在启动。请稍后再试。
nothing-to-sell = 您还没有可卖出的资产。示例：<code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>：{ $quantity } { $base } = { $value } { $quote }，价格 { $price }（{ $pnl } { $quote }）
position-unpriced = <b>{ $symbol }</b>：{ $quantity } { $base }（目前没有价格）
position-source = { "  " }价格：{ $source }，{ $age } 前
portfolio-head = 💼 资产（{ $venue }）
portfolio-total = 持仓：{ $value } { $quote } · 未实现盈亏 { $unrealized } { $quote } · 已实现盈亏 { $realized } { $quote }
orders-open = 📋 当前挂单
orders-none-open = 📋 当前没有挂单。
orders-finished = 最近结束
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 一切正常。
status-degraded = 🟡 运行中，部分功能不可用。
status-paused = ⏸ 交易已暂停。
status-pause = ⏸ 已暂停：{ $scope }，自 { $since } 起
status-market = { $symbol }：{ $source }，{ $age } 前
status-part = { $part }：{ $state }，{ $age } 前
paused = ⏸ 已暂停：{ $scope }。在 /resume 之前，该范围的新订单一律拒绝。
paused-already = ⏸ { $scope } 此前已暂停。
resumed = ▶️ 已恢复：{ $scope }。
resumed-already = ▶️ { $scope } 并未暂停。

toast-accepted = 已受理
toast-canceled = 已撤销
toast-cancel-requested = 已请求撤销
toast-refreshed = 已更新
toast-done = { "" }

usage-buy = 未能识别，未执行任何操作。示例：<code>/buy BTC/USDT 100</code>（金额：100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max，可加单位）
usage-sell = 未能识别，未执行任何操作。示例：<code>/sell BTC/USDT 50%</code>（或 0.01 · $50 · max · initials）
usage-pause = 未能识别，未执行任何操作。示例：<code>/pause venue paper</code>（或 <code>/pause</code>、<code>/pause BTC/USDT</code>）
usage-resume = 未能识别，未执行任何操作。示例：<code>/resume venue paper</code>（或 <code>/resume</code>、<code>/resume BTC/USDT</code>）
unit-unknown = { $unit } 既不是 { $base } 也不是 { $quote }，未执行任何操作。示例：<code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = 暂时不能在 { $venue } 交易，未执行任何操作。去掉“on { $venue }”即可在模拟盘交易：<code>/buy BTC/USDT 100</code>
unknown-command = 没有这个命令，未执行任何操作。全部命令见 /help；示例：<code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } 后面不需要任何内容，未执行任何操作。示例：/{ $command }
too-long = 命令过长，未执行任何操作。示例：<code>/buy BTC/USDT 100</code>
symbol-unknown = 这里不交易 { $symbol }，未执行任何操作。可交易的币对见 /buy；示例：<code>/buy BTC/USDT 100</code>
free-text = 我只认识命令，例如 <code>/buy BTC/USDT 100</code>。全部命令见 /help。
forwarded = 转发的消息不会作为命令执行，未执行任何操作。请自行输入：<code>/buy BTC/USDT 100</code>
private-only = 此功能仅限与我的私聊：请打开 @{ $bot } 并在那里发送。
