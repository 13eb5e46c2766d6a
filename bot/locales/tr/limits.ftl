# Bir limitin emri neden durdurduğu ve neyin bunu değiştireceği.
denied-too-many-orders = bir dakika içinde { $count } emir gönderdiniz, en fazla { $limit } olabilir. { $wait_ms } sonra tekrar deneyin.
denied-too-many-open-orders = { $count } açık emriniz var, en fazla { $limit } olabilir. Birinin bitmesini bekleyin ya da birini iptal edin: /orders
denied-price-band = { $order_price } piyasadan ({ $market_price }) { $worse_bps } daha kötü, en fazla { $limit_bps } olabilir. Fiyatı kontrol edin.
denied-protection-band = bu emir piyasadan ({ $market_price }) { $worse_bps } daha kötü sonuçlanabilir, en fazla { $limit_bps } olabilir. Daha küçük bir tutar veya daha az kayma seçin.
denied-price-impact = bu emir fiyatı { $impact_bps } oynatır; { $limit_bps } üzeri onayınızı gerektirir. Daha küçük bir tutar seçin ya da bu emir için kabul edin.
denied-depth-share = bu emir, emir defterinin sunduğunun { $share_bps } kadarını alır, en fazla { $limit_bps } olabilir. En fazla { $most } { $asset } seçin.
denied-daily-loss = bugünkü kaybınız { $loss } { $asset }; { $limit } { $asset } kayıpta alışlar durur. İstediğiniz an satabilirsiniz; alışlar yeniden başlar: { $until }.
denied-drawdown = sonucunuz en yüksek seviyesinden { $drawdown_bps } düştü; { $limit_bps } düşüşte alışlar durur. İstediğiniz an satabilirsiniz; alışlar { $until } itibarıyla ya da operatör izin verince yeniden başlar.
denied-breaker-open = büyük bir kaybın ardından { $until } anına ya da operatör izin verene kadar yalnızca satabilirsiniz.
denied-exposure = pozisyonlarda ve açık emirlerde { $exposure } { $asset } var, en fazla { $limit } { $asset } olabilir. En fazla { $most } { $asset } seçin ya da önce bir şey satın.
denied-concentration = { $symbol } varlığınızın { $share_bps } kadarı olurdu, en fazla { $limit_bps } olabilir. En fazla { $most } { $asset } seçin.
