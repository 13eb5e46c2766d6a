# 限额为何拦下订单，以及如何改变。
denied-too-many-orders = 您一分钟内发送了 { $count } 个订单，最多允许 { $limit } 个。请在 { $wait_ms } 后再试。
denied-too-many-open-orders = 您有 { $count } 个挂单，最多允许 { $limit } 个。请等其中一个完成，或撤销一个：/orders
denied-price-band = { $order_price } 比市价（{ $market_price }）差 { $worse_bps }，最多允许 { $limit_bps }。请检查价格。
denied-protection-band = 该订单的成交价可能比市价（{ $market_price }）差 { $worse_bps }，最多允许 { $limit_bps }。请减小金额或降低滑点。
denied-price-impact = 该订单会使价格变动 { $impact_bps }，超过 { $limit_bps } 须经您同意。请减小金额，或为此订单接受该影响。
denied-depth-share = 该订单占订单簿可用量的 { $share_bps }，最多允许 { $limit_bps }。请选择不超过 { $most } { $asset }。
denied-daily-loss = 您今日亏损 { $loss } { $asset }，达到 { $limit } { $asset } 即停止买入。您随时可以卖出；买入将于 { $until } 恢复。
denied-drawdown = 您的收益较最高点回撤 { $drawdown_bps }，达到 { $limit_bps } 即停止买入。您随时可以卖出；买入将于 { $until } 恢复，或由运营方提前恢复。
denied-breaker-open = 因出现大额亏损，在 { $until } 之前您只能卖出，或由运营方提前恢复。
denied-exposure = 您的持仓和挂单共 { $exposure } { $asset }，最多允许 { $limit } { $asset }。请选择不超过 { $most } { $asset }，或先卖出一部分。
denied-concentration = { $symbol } 将占您资产的 { $share_bps }，最多允许 { $limit_bps }。请选择不超过 { $most } { $asset }。
