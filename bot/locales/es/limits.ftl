# Por qué un límite detuvo una orden y qué lo cambiaría.
denied-too-many-orders = enviaste { $count } órdenes en un minuto y se permiten { $limit } como máximo. Inténtalo de nuevo en { $wait_ms }.
denied-too-many-open-orders = tienes { $count } órdenes abiertas y se permiten { $limit } como máximo. Espera a que termine una o cancela una: /orders
denied-price-band = { $order_price } es { $worse_bps } peor que el mercado ({ $market_price }) y se permite { $limit_bps } como máximo. Revisa el precio.
denied-protection-band = esta orden podría acabar { $worse_bps } peor que el mercado ({ $market_price }) y se permite { $limit_bps } como máximo. Elige un importe menor o menos deslizamiento.
denied-price-impact = esta orden movería el precio { $impact_bps }; más de { $limit_bps } requiere tu confirmación. Elige un importe menor o acéptalo para esta orden.
denied-depth-share = esta orden toma { $share_bps } de lo que ofrece el libro de órdenes y se permite { $limit_bps } como máximo. Elige { $most } { $asset } como máximo.
denied-daily-loss = hoy perdiste { $loss } { $asset }; con { $limit } { $asset } se detienen las compras. Puedes vender en cualquier momento; las compras se reanudan el { $until }.
denied-drawdown = tu resultado cayó { $drawdown_bps } desde su máximo; con { $limit_bps } se detienen las compras. Puedes vender en cualquier momento; las compras se reanudan el { $until } o cuando lo diga el operador.
denied-breaker-open = tras una gran pérdida solo puedes vender hasta { $until } o hasta que el operador diga otra cosa.
denied-exposure = tienes { $exposure } { $asset } en posiciones y órdenes abiertas y se permiten { $limit } { $asset } como máximo. Elige { $most } { $asset } como máximo o vende algo antes.
denied-concentration = { $symbol } sería { $share_bps } de lo que tienes y se permite { $limit_bps } como máximo. Elige { $most } { $asset } como máximo.
