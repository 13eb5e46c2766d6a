# Por que um limite barrou uma ordem e o que mudaria isso.
denied-too-many-orders = você enviou { $count } ordens em um minuto, e o máximo permitido é { $limit }. Tente de novo em { $wait_ms }.
denied-too-many-open-orders = você tem { $count } ordens abertas, e o máximo permitido é { $limit }. Espere uma terminar ou cancele uma: /orders
denied-price-band = { $order_price } é { $worse_bps } pior que o mercado ({ $market_price }), e o máximo permitido é { $limit_bps }. Confira o preço.
denied-protection-band = esta ordem poderia terminar { $worse_bps } pior que o mercado ({ $market_price }), e o máximo permitido é { $limit_bps }. Escolha um valor menor ou menos slippage.
denied-price-impact = esta ordem moveria o preço em { $impact_bps }; acima de { $limit_bps } é preciso sua confirmação. Escolha um valor menor ou aceite para esta ordem.
denied-depth-share = esta ordem toma { $share_bps } do que o livro de ordens oferece, e o máximo permitido é { $limit_bps }. Escolha no máximo { $most } { $asset }.
denied-daily-loss = você perdeu { $loss } { $asset } hoje; com { $limit } { $asset } as compras param. Você pode vender a qualquer momento; as compras voltam em { $until }.
denied-drawdown = seu resultado caiu { $drawdown_bps } desde o topo; com { $limit_bps } as compras param. Você pode vender a qualquer momento; as compras voltam em { $until } ou quando o operador disser.
denied-breaker-open = depois de uma grande perda, você só pode vender até { $until } ou até o operador dizer.
denied-exposure = você tem { $exposure } { $asset } em posições e ordens abertas, e o máximo permitido é { $limit } { $asset }. Escolha no máximo { $most } { $asset } ou venda algo antes.
denied-concentration = { $symbol } seria { $share_bps } do que você tem, e o máximo permitido é { $limit_bps }. Escolha no máximo { $most } { $asset }.
