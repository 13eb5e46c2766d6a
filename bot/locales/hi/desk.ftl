start-welcome = 👋 Strongroom में आपका स्वागत है। आपका खाता खुल गया है, ट्रेडिंग के लिए उसमें 10,000 USDT की पेपर राशि है।
start-again = 👋 आपका खाता खुला है।
start-token = आप { $token } के लिए आए हैं: इसका कार्ड अगले किसी वर्शन में आएगा।
start-what-to-do = <code>/buy BTC/USDT 100</code> आज़माएँ या बटन इस्तेमाल करें। सब कुछ /help में है।
start-live = आपका खाता लाइव मोड में है; लाइव एक्सचेंज बाद में आएँगे, तब तक ऑर्डर पेपर पर जाते हैं।
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (और { $held } ऑर्डर के लिए होल्ड)
balance-none = अभी कोई बैलेंस नहीं।
menu-buy = 🛒 ख़रीदें
menu-sell = 💱 बेचें
menu-portfolio = 💼 पोर्टफ़ोलियो
menu-orders = 📋 ऑर्डर
menu-positions = 📊 पोज़िशन
menu-history = 🧾 इतिहास
menu-alerts = 🔔 अलर्ट
menu-settings = ⚙️ सेटिंग्स
menu-help = ❓ मदद
help =
    <b>ख़रीदें</b>: <code>/buy BTC/USDT 100</code> शुल्क सहित 100 USDT ख़र्च करता है · <code>/buy BTC/USDT 0.01 BTC</code> से 0.01 BTC मिलता है
    <b>बेचें</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>लिमिट</b>: <code>/buy BTC/USDT 100 limit 58000</code> अपने भाव का इंतज़ार करता है · साथ में <code>post</code>, <code>ioc</code>, <code>fok</code> या <code>gtd 2h</code> जोड़ें · /limit एक-एक करके पूछता है
    <b>शर्तें</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    <b>देखें</b>: कार्ड के लिए <code>BTC</code> जैसा टिकर भेजें · /positions मूल्य और लाभ, बेचने के पैनल के साथ · /history सौदे, CSV में भी
    <b>सूचना पाएँ</b>: <code>/alerts BTC/USDT 70000</code> · /settings भाषा, सूचनाएँ, शांत समय, आपका वाक्यांश
    राशि: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max। <code>slippage 1%</code> जोड़ें, तो भाव ज़्यादा से ज़्यादा इतना ही ख़राब हो सकेगा।
    /portfolio आपके पास क्या है · /orders खुले ऑर्डर · /why क्या तय हुआ और क्यों · /status सेवा की स्थिति
    हर बटन एक बार काम करता है। ऑर्डर भेजने से पहले आपसे पूछा जाता है।
help-operator = ऑपरेटर के लिए: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = आप क्या ख़रीदना चाहते हैं?
choose-amount = { $symbol }: आप कितने { $quote } ख़र्च करना चाहते हैं? आपके पास { $available } { $quote } है। या लिखें <code>/buy { $symbol } 75</code>।
choose-holding = आप क्या बेचना चाहते हैं?
choose-share = { $symbol }: आपके पास { $available } { $base } है। कितना बेचें?
no-instruments = अभी ट्रेडिंग नहीं हो सकती: भाव शुरू हो रहे हैं। थोड़ी देर में फिर कोशिश करें।
nothing-to-sell = आपके पास अभी बेचने को कुछ नहीं है। उदाहरण: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote }, भाव { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (अभी कोई भाव नहीं)
position-source = { "  " }भाव: { $source }, { $age } पहले का
portfolio-head = 💼 { $venue } पर पोर्टफ़ोलियो
portfolio-total = पोज़िशन: { $value } { $quote } · अनरियलाइज़्ड PnL { $unrealized } { $quote } · रियलाइज़्ड { $realized } { $quote }
orders-open = 📋 खुले ऑर्डर
orders-none-open = 📋 कोई खुला ऑर्डर नहीं।
orders-finished = हाल में समाप्त
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 सब ठीक चल रहा है।
status-degraded = 🟡 चल रहा है, पर कुछ उपलब्ध नहीं है।
status-paused = ⏸ ट्रेडिंग रुकी हुई है।
status-pause = ⏸ रुका हुआ: { $scope }, { $since } से
status-market = { $symbol }: { $source }, { $age } पहले का
status-part = { $part }: { $state }, { $age } पहले
paused = ⏸ रोका गया: { $scope }। /resume तक वहाँ नए ऑर्डर अस्वीकार होंगे।
paused-already = ⏸ { $scope } पहले से रुका हुआ था।
resumed = ▶️ फिर शुरू: { $scope }।
resumed-already = ▶️ { $scope } रुका हुआ नहीं था।

toast-accepted = स्वीकार हुआ
toast-canceled = रद्द हुआ
toast-cancel-requested = रद्द करने का अनुरोध भेजा गया
toast-refreshed = ताज़ा किया गया
toast-done = { "" }

usage-buy = समझ नहीं आया, कुछ नहीं किया गया। उदाहरण: <code>/buy BTC/USDT 100</code> (राशि: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, और इकाई)
usage-sell = समझ नहीं आया, कुछ नहीं किया गया। उदाहरण: <code>/sell BTC/USDT 50%</code> (या 0.01 · $50 · max · initials)
usage-pause = समझ नहीं आया, कुछ नहीं किया गया। उदाहरण: <code>/pause venue paper</code> (या <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = समझ नहीं आया, कुछ नहीं किया गया। उदाहरण: <code>/resume venue paper</code> (या <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } न { $base } है, न { $quote }, कुछ नहीं किया गया। उदाहरण: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = { $venue } पर यहाँ अभी ट्रेडिंग नहीं हो सकती, कुछ नहीं किया गया। पेपर पर ट्रेड करने के लिए “on { $venue }” हटा दें: <code>/buy BTC/USDT 100</code>
unknown-command = यह कमांड मौजूद नहीं है, कुछ नहीं किया गया। सब कुछ /help में है; उदाहरण: <code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } के बाद कुछ नहीं लिखा जाता, कुछ नहीं किया गया। उदाहरण: /{ $command }
too-long = कमांड के लिए यह बहुत लंबा है, कुछ नहीं किया गया। उदाहरण: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } की ट्रेडिंग यहाँ नहीं होती, कुछ नहीं किया गया। उपलब्ध पेयर /buy में हैं; उदाहरण: <code>/buy BTC/USDT 100</code>
free-text = मैं कमांड समझता हूँ, जैसे <code>/buy BTC/USDT 100</code>। सब कुछ /help में है।
forwarded = फ़ॉरवर्ड किया हुआ संदेश कमांड की तरह नहीं चलता, कुछ नहीं किया गया। ख़ुद लिखें: <code>/buy BTC/USDT 100</code>
private-only = यह केवल मेरे साथ निजी चैट के लिए है: @{ $bot } खोलें और वहाँ भेजें।
