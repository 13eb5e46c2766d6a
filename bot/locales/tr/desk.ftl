start-welcome = 👋 Strongroom’a hoş geldiniz. Hesabınız, işlem yapmanız için 10,000 USDT sanal parayla açıldı.
start-again = 👋 Hesabınız açık.
start-token = { $token } için geldiniz: kartı sonraki bir sürümde gelecek.
start-what-to-do = <code>/buy BTC/USDT 100</code> yazmayı deneyin ya da düğmeleri kullanın. /help her şeyi gösterir.
start-live = Hesabınız gerçek modda; gerçek borsalar daha sonra gelecek, bu yüzden emirler sanala gider.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (ayrıca { $held } emirler için bloke)
balance-none = Henüz bakiye yok.
menu-buy = 🛒 Al
menu-sell = 💱 Sat
menu-portfolio = 💼 Portföy
menu-orders = 📋 Emirler
menu-positions = 📊 Pozisyonlar
menu-history = 🧾 Geçmiş
menu-alerts = 🔔 Alarmlar
menu-settings = ⚙️ Ayarlar
menu-help = ❓ Yardım
help =
    <b>Alış</b>: <code>/buy BTC/USDT 100</code> komisyonlar dahil 100 USDT harcar · <code>/buy BTC/USDT 0.01 BTC</code> ile 0.01 BTC alırsınız
    <b>Satış</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Limit</b>: <code>/buy BTC/USDT 100 limit 58000</code> fiyatını bekler · <code>post</code>, <code>ioc</code>, <code>fok</code> veya <code>gtd 2h</code> ekleyin · /limit adım adım sorar
    <b>Koşullar</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    Tutarlar: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. En fazla ne kadar kötü bir fiyatı kabul ettiğinizi <code>slippage 1%</code> ekleyerek belirtin.
    <b>Bakmak</b>: kartını görmek için <code>BTC</code> gibi bir sembol gönderin · /positions değer ve kâr, satış paneliyle · /history gerçekleşen işlemler, CSV olarak da
    <b>Haber almak</b>: <code>/alerts BTC/USDT 70000</code> · /settings dil, bildirimler, sessiz saatler, ifadeniz
    /portfolio elinizdekiler · /orders açık olanlar · /why neye neden karar verildiği · /status masanın durumu
    Her düğme bir kez çalışır. Emir gönderilmeden önce sorulur.
help-operator = Operatörler: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = Ne almak istersiniz?
choose-amount = { $symbol }: ne kadar { $quote } harcamak istersiniz? Bakiyeniz { $available } { $quote }. Ya da <code>/buy { $symbol } 75</code> yazın.
choose-holding = Ne satmak istersiniz?
choose-share = { $symbol }: elinizde { $available } { $base } var. Ne kadarı satılsın?
no-instruments = Henüz işlem yapılamıyor: fiyatlar başlatılıyor. Birazdan tekrar deneyin.
nothing-to-sell = Henüz satacak bir şeyiniz yok. Örnek: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote }, fiyat { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (şu an fiyat yok)
position-source = { "  " }Fiyat: { $source }, { $age } önce
portfolio-head = 💼 Portföy: { $venue }
portfolio-total = Pozisyonlar: { $value } { $quote } · gerçekleşmemiş kâr { $unrealized } { $quote } · gerçekleşen { $realized } { $quote }
orders-open = 📋 Açık emirler
orders-none-open = 📋 Açık emir yok.
orders-finished = Son bitenler
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Her şey çalışıyor.
status-degraded = 🟡 Çalışıyor, bir eksikle.
status-paused = ⏸ İşlemler duraklatıldı.
status-pause = ⏸ Duraklatıldı: { $scope }, başlangıç { $since }
status-market = { $symbol }: { $source }, { $age } önce
status-part = { $part }: { $state }, { $age } önce
paused = ⏸ Duraklatıldı: { $scope }. Oradaki yeni emirler /resume gelene kadar reddedilir.
paused-already = ⏸ { $scope } zaten duraklatılmıştı.
resumed = ▶️ Devam ediyor: { $scope }.
resumed-already = ▶️ { $scope } duraklatılmamıştı.

toast-accepted = Kabul edildi
toast-canceled = İptal edildi
toast-cancel-requested = İptal istendi
toast-refreshed = Güncel
toast-done = { "" }

usage-buy = Anlaşılmadı, hiçbir şey yapılmadı. Örnek: <code>/buy BTC/USDT 100</code> (tutarlar: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max ve bir birim)
usage-sell = Anlaşılmadı, hiçbir şey yapılmadı. Örnek: <code>/sell BTC/USDT 50%</code> (veya 0.01 · $50 · max · initials)
usage-pause = Anlaşılmadı, hiçbir şey yapılmadı. Örnek: <code>/pause venue paper</code> (veya <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = Anlaşılmadı, hiçbir şey yapılmadı. Örnek: <code>/resume venue paper</code> (veya <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } ne { $base } ne de { $quote }; hiçbir şey yapılmadı. Örnek: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = { $venue } üzerinde henüz buradan işlem yapılamıyor; hiçbir şey yapılmadı. Sanal işlem için “on { $venue }” ifadesini çıkarın: <code>/buy BTC/USDT 100</code>
unknown-command = Bu komutu bilmiyorum, hiçbir şey yapılmadı. Tümünü /help gösterir; örnek: <code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } komutundan sonra bir şey yazılmaz, hiçbir şey yapılmadı. Örnek: /{ $command }
too-long = Bu bir komut için fazla uzun, hiçbir şey yapılmadı. Örnek: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } burada işlem görmüyor, hiçbir şey yapılmadı. İşlem görenleri /buy gösterir; örnek: <code>/buy BTC/USDT 100</code>
free-text = Komutlardan anlarım, örneğin: <code>/buy BTC/USDT 100</code>. Tümünü /help gösterir.
forwarded = İletilen bir mesaj komut olarak çalıştırılmaz, hiçbir şey yapılmadı. Kendiniz yazın: <code>/buy BTC/USDT 100</code>
private-only = Bu yalnızca benimle özel sohbetiniz içindir: @{ $bot } sohbetini açıp oradan gönderin.
