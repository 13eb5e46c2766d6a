start-welcome = 👋 أهلًا بك في Strongroom. حسابك مفتوح وفيه 10,000 USDT من الأموال الافتراضية للتداول.
start-again = 👋 حسابك مفتوح.
start-token = جئت من أجل { $token }: ستأتي بطاقته في إصدار لاحق.
start-what-to-do = جرّب <code>/buy BTC/USDT 100</code> أو استخدم الأزرار. كل شيء في /help.
start-live = حسابك في الوضع الحقيقي؛ ستُضاف المنصات الحقيقية لاحقًا، وحتى ذلك الحين تذهب الأوامر إلى الوضع التجريبي.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (و{ $held } محجوزة لأوامر)
balance-none = لا توجد أرصدة بعد.
menu-buy = 🛒 شراء
menu-sell = 💱 بيع
menu-portfolio = 💼 المحفظة
menu-orders = 📋 الأوامر
menu-positions = 📊 المراكز
menu-history = 🧾 السجل
menu-alerts = 🔔 التنبيهات
menu-settings = ⚙️ الإعدادات
menu-help = ❓ مساعدة
help =
    <b>شراء</b>: <code>/buy BTC/USDT 100</code> ينفق 100 USDT شاملةً الرسوم · <code>/buy BTC/USDT 0.01 BTC</code> تستلم به 0.01 BTC
    <b>بيع</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>سعر محدد</b>: <code>/buy BTC/USDT 100 limit 58000</code> ينتظر سعره · أضف <code>post</code> أو <code>ioc</code> أو <code>fok</code> أو <code>gtd 2h</code> · /limit يسألك خطوة بخطوة
    <b>شروط</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    <b>عرض</b>: أرسل رمزًا مثل <code>BTC</code> لترى بطاقته · /positions القيمة والربح مع لوحة بيع · /history التنفيذات، وبصيغة CSV أيضًا
    <b>تنبيه</b>: <code>/alerts BTC/USDT 70000</code> · /settings اللغة والإشعارات وساعات الهدوء وعبارتك
    المبالغ: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. أضف <code>slippage 1%</code> لقبول سعر أسوأ بهذا القدر على الأكثر.
    /portfolio ما لديك · /orders المفتوح من الأوامر · /why ما تقرر ولماذا · /status حالة الخدمة
    كل زر يعمل مرة واحدة. ويُطلب تأكيدك قبل إرسال أي أمر.
help-operator = للمشغّلين: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = ماذا تريد أن تشتري؟
choose-amount = { $symbol }: كم { $quote } تريد أن تنفق؟ لديك { $available } { $quote }. أو اكتب <code>/buy { $symbol } 75</code>.
choose-holding = ماذا تريد أن تبيع؟
choose-share = { $symbol }: لديك { $available } { $base }. كم تبيع منها؟
no-instruments = لا يمكن التداول بعد: الأسعار قيد التحميل. حاول بعد قليل.
nothing-to-sell = ليس لديك ما تبيعه بعد. مثال: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } بسعر { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (لا يوجد سعر الآن)
position-source = { "  " }السعر: { $source }، منذ { $age }
portfolio-head = 💼 المحفظة على { $venue }
portfolio-total = المراكز: { $value } { $quote } · الربح غير المحقق { $unrealized } { $quote } · المحقق { $realized } { $quote }
orders-open = 📋 الأوامر المفتوحة
orders-none-open = 📋 لا توجد أوامر مفتوحة.
orders-finished = المنتهية مؤخرًا
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 كل شيء يعمل.
status-degraded = 🟡 الخدمة تعمل مع نقص في بعض الأجزاء.
status-paused = ⏸ التداول متوقف مؤقتًا.
status-pause = ⏸ متوقف مؤقتًا: { $scope }، منذ { $since }
status-market = { $symbol }: { $source }، منذ { $age }
status-part = { $part }: { $state }، منذ { $age }
paused = ⏸ أُوقف مؤقتًا: { $scope }. تُرفض الأوامر الجديدة هناك حتى /resume.
paused-already = ⏸ { $scope } متوقف بالفعل.
resumed = ▶️ استُؤنف: { $scope }.
resumed-already = ▶️ { $scope } لم يكن متوقفًا.

toast-accepted = قُبل
toast-canceled = أُلغي
toast-cancel-requested = طُلب الإلغاء
toast-refreshed = تم التحديث
toast-done = { "" }

usage-buy = لم يُفهم الطلب ولم يُنفَّذ شيء. مثال: <code>/buy BTC/USDT 100</code> (المبالغ: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max، مع وحدة)
usage-sell = لم يُفهم الطلب ولم يُنفَّذ شيء. مثال: <code>/sell BTC/USDT 50%</code> (أو 0.01 · $50 · max · initials)
usage-pause = لم يُفهم الطلب ولم يُنفَّذ شيء. مثال: <code>/pause venue paper</code> (أو <code>/pause</code> أو <code>/pause BTC/USDT</code>)
usage-resume = لم يُفهم الطلب ولم يُنفَّذ شيء. مثال: <code>/resume venue paper</code> (أو <code>/resume</code> أو <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } ليست { $base } ولا { $quote }، ولم يُنفَّذ شيء. مثال: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = لا يمكن التداول على { $venue } هنا بعد، ولم يُنفَّذ شيء. احذف “on { $venue }” للتداول التجريبي: <code>/buy BTC/USDT 100</code>
unknown-command = لا أعرف هذا الأمر، ولم يُنفَّذ شيء. كل شيء في /help؛ مثال: <code>/buy BTC/USDT 100</code>
no-arguments = لا يُكتب شيء بعد /{ $command }، ولم يُنفَّذ شيء. مثال: /{ $command }
too-long = هذا أطول من أن يكون أمرًا، ولم يُنفَّذ شيء. مثال: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } غير متداول هنا، ولم يُنفَّذ شيء. الأزواج المتاحة في /buy؛ مثال: <code>/buy BTC/USDT 100</code>
free-text = أفهم الأوامر المكتوبة، مثل <code>/buy BTC/USDT 100</code>. كل شيء في /help.
forwarded = الرسالة المُعاد توجيهها لا تُنفَّذ أمرًا، ولم يُنفَّذ شيء. اكتبها بنفسك: <code>/buy BTC/USDT 100</code>
private-only = هذا لمحادثتك الخاصة معي فقط: افتح @{ $bot } وأرسله هناك.
