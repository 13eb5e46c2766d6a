# Telegram’ın bot hakkında gösterdikleri: komut listesi ve açıklamalar.
command-start = Hesabınızı açın
command-buy = Alış: /buy BTC/USDT 100
command-sell = Satış: /sell BTC/USDT 50%
command-limit = Adım adım limit emri
command-portfolio = Elinizdekiler ve kârı
command-orders = Açık ve bitmiş emirler
command-alerts = Fiyat, hareket ve hacim alarmları
command-settings = Dil, kayma, bildirimler, ifadeniz
command-status = Masanın durumu
command-about = Burada hangi sürüm yanıt veriyor
command-help = Yazılabilecek her şey
description = Strongroom, sohbetinizdeki işlem masasıdır: kaydedilmiş gerçek fiyatlarla sanal olarak alıp satın; her komisyon ve her fiyat kaynağı gösterilir.
short-description = Sohbetinizdeki işlem masası.
