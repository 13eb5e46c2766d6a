# Why a limit stopped an order, and what would change it.
denied-too-many-orders = you sent { $count } orders within a minute, at most { $limit } are allowed. Try again in { $wait_ms }.
denied-too-many-open-orders = you have { $count } open orders, at most { $limit } are allowed. Wait until one is done, or cancel one: /orders
denied-price-band = { $order_price } is { $worse_bps } worse than the market ({ $market_price }), at most { $limit_bps } is allowed. Check the price.
denied-protection-band = this order could end { $worse_bps } worse than the market ({ $market_price }), at most { $limit_bps } is allowed. Choose a smaller amount or less slippage.
denied-price-impact = this order would move the price by { $impact_bps }, more than { $limit_bps } needs your word. Choose a smaller amount, or accept it for this order.
denied-depth-share = this order takes { $share_bps } of what the order book offers, at most { $limit_bps } is allowed. Choose at most { $most } { $asset }.
denied-daily-loss = you lost { $loss } { $asset } today, at { $limit } { $asset } buying stops. You can sell at any time; buying goes on at { $until }.
denied-drawdown = your result fell by { $drawdown_bps } from its highest, at { $limit_bps } buying stops. You can sell at any time; buying goes on at { $until }, or when the operator says so.
denied-breaker-open = after a large loss you can only sell until { $until }, or until the operator says so.
denied-exposure = you have { $exposure } { $asset } in positions and open orders, at most { $limit } { $asset } is allowed. Choose at most { $most } { $asset }, or sell something first.
denied-concentration = { $symbol } would be { $share_bps } of what you have, at most { $limit_bps } is allowed. Choose at most { $most } { $asset }.
