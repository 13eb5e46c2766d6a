# Чому ліміт зупинив ордер і що це змінить.
denied-too-many-orders = за хвилину надіслано ордерів: { $count }, допустимо не більше { $limit }. Спробуйте через { $wait_ms }.
denied-too-many-open-orders = відкритих ордерів: { $count }, допустимо не більше { $limit }. Дочекайтеся завершення одного або скасуйте: /orders
denied-price-band = { $order_price } на { $worse_bps } гірше за ринок ({ $market_price }), допустимо не більше { $limit_bps }. Перевірте ціну.
denied-protection-band = цей ордер може виконатися на { $worse_bps } гірше за ринок ({ $market_price }), допустимо не більше { $limit_bps }. Зменште суму або прослизання.
denied-price-impact = цей ордер зсуне ціну на { $impact_bps }; понад { $limit_bps } — лише з вашої згоди. Зменште суму або погодьтеся для цього ордера.
denied-depth-share = цей ордер забирає { $share_bps } пропозиції в книзі ордерів, допустимо не більше { $limit_bps }. Виберіть не більше { $most } { $asset }.
denied-daily-loss = сьогодні ви втратили { $loss } { $asset }, за { $limit } { $asset } купівля зупиняється. Продавати можна завжди; купівля відновиться { $until }.
denied-drawdown = ваш результат упав на { $drawdown_bps } від максимуму, за { $limit_bps } купівля зупиняється. Продавати можна завжди; купівля відновиться { $until } або за рішенням оператора.
denied-breaker-open = після великого збитку можна лише продавати — до { $until } або до рішення оператора.
denied-exposure = у позиціях і відкритих ордерах у вас { $exposure } { $asset }, допустимо не більше { $limit } { $asset }. Виберіть не більше { $most } { $asset } або спершу щось продайте.
denied-concentration = { $symbol } становитиме { $share_bps } ваших коштів, допустимо не більше { $limit_bps }. Виберіть не більше { $most } { $asset }.
