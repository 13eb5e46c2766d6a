# لماذا أوقف حدٌّ أمرًا وما يغيّره.
denied-too-many-orders = عدد أوامرك خلال دقيقة { $count } والمسموح { $limit } على الأكثر. حاول بعد { $wait_ms }.
denied-too-many-open-orders = عدد أوامرك المفتوحة { $count } والمسموح { $limit } على الأكثر. انتظر اكتمال أحدها أو ألغِ واحدًا: /orders
denied-price-band = { $order_price } أسوأ من سعر السوق ({ $market_price }) بنسبة { $worse_bps } والمسموح { $limit_bps } على الأكثر. تحقق من السعر.
denied-protection-band = قد ينتهي هذا الأمر أسوأ من سعر السوق ({ $market_price }) بنسبة { $worse_bps } والمسموح { $limit_bps } على الأكثر. اختر مبلغًا أصغر أو انزلاقًا أقل.
denied-price-impact = سيحرّك هذا الأمر السعر بنسبة { $impact_bps }، وما يزيد على { $limit_bps } يحتاج إلى موافقتك. اختر مبلغًا أصغر أو اقبل ذلك لهذا الأمر.
denied-depth-share = يأخذ هذا الأمر { $share_bps } من المعروض في دفتر الأوامر والمسموح { $limit_bps } على الأكثر. اختر { $most } { $asset } على الأكثر.
denied-daily-loss = خسرت اليوم { $loss } { $asset }، وعند { $limit } { $asset } يتوقف الشراء. يمكنك البيع في أي وقت؛ ويعود الشراء في { $until }.
denied-drawdown = تراجعت نتيجتك عن أعلى مستوى لها بنسبة { $drawdown_bps }، وعند { $limit_bps } يتوقف الشراء. يمكنك البيع في أي وقت؛ ويعود الشراء في { $until } أو بقرار من المشغّل.
denied-breaker-open = بعد خسارة كبيرة يمكنك البيع فقط حتى { $until } أو حتى يقرر المشغّل.
denied-exposure = لديك { $exposure } { $asset } في المراكز والأوامر المفتوحة والمسموح { $limit } { $asset } على الأكثر. اختر { $most } { $asset } على الأكثر أو بِع شيئًا أولًا.
denied-concentration = سيشكّل { $symbol } نسبة { $share_bps } مما لديك والمسموح { $limit_bps } على الأكثر. اختر { $most } { $asset } على الأكثر.
