start-welcome = 👋 Вітаємо у Strongroom. Ваш рахунок відкрито, на ньому 10,000 віртуальних USDT для торгівлі.
start-again = 👋 Ваш рахунок відкрито.
start-token = Ви прийшли по { $token }: картка з'явиться в одній із наступних версій.
start-what-to-do = Спробуйте <code>/buy BTC/USDT 100</code> або кнопки. Усе інше — у /help.
start-live = Ваш рахунок у реальному режимі; реальні майданчики з'являться пізніше, поки що ордери йдуть на демо.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (і { $held } зарезервовано під ордери)
balance-none = Балансів поки немає.
menu-buy = 🛒 Купити
menu-sell = 💱 Продати
menu-portfolio = 💼 Портфель
menu-orders = 📋 Ордери
menu-positions = 📊 Позиції
menu-history = 🧾 Історія
menu-alerts = 🔔 Сповіщення
menu-settings = ⚙️ Налаштування
menu-help = ❓ Допомога
help =
    <b>Купівля</b>: <code>/buy BTC/USDT 100</code> — витратити 100 USDT разом із комісіями · <code>/buy BTC/USDT 0.01 BTC</code> — отримати 0.01 BTC
    <b>Продаж</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Ліміт</b>: <code>/buy BTC/USDT 100 limit 58000</code> чекає на свою ціну · можна додати <code>post</code>, <code>ioc</code>, <code>fok</code> або <code>gtd 2h</code> · /limit запитає все крок за кроком
    <b>Умови</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    <b>Дивитися</b>: надішліть тикер, наприклад <code>BTC</code>, щоб відкрити картку · /positions — вартість і прибуток, з панеллю продажу · /history — угоди, також у CSV
    <b>Дізнаватися</b>: <code>/alerts BTC/USDT 70000</code> · /settings — мова, сповіщення, тихі години, ваша фраза
    Суми: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. Додайте <code>slippage 1%</code>, щоб ціна могла бути гіршою щонайбільше на стільки.
    /portfolio — ваші активи · /orders — відкриті ордери · /why — що вирішено й чому · /status — стан сервісу
    Кнопка спрацьовує один раз. Перед надсиланням ордера буде запитання.
help-operator = Операторам: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = Що хочете купити?
choose-amount = { $symbol }: скільки { $quote } витратити? У вас { $available } { $quote }. Або введіть <code>/buy { $symbol } 75</code>.
choose-holding = Що хочете продати?
choose-share = { $symbol }: у вас { $available } { $base }. Яку частину продати?
no-instruments = Торгувати поки нічим: ціни ще завантажуються. Спробуйте за хвилину.
nothing-to-sell = Продавати поки нічого. Приклад: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } за ціною { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (зараз немає ціни)
position-source = { "  " }Ціна: { $source }, { $age } тому
portfolio-head = 💼 Портфель на { $venue }
portfolio-total = Позиції: { $value } { $quote } · нереалізований PnL { $unrealized } { $quote } · реалізований { $realized } { $quote }
orders-open = 📋 Відкриті ордери
orders-none-open = 📋 Відкритих ордерів немає.
orders-finished = Нещодавно завершені
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Усе працює.
status-degraded = 🟡 Працює, але доступно не все.
status-paused = ⏸ Торгівлю призупинено.
status-pause = ⏸ Призупинено: { $scope }, з { $since }
status-market = { $symbol }: { $source }, { $age } тому
status-part = { $part }: { $state }, { $age } тому
paused = ⏸ Призупинено: { $scope }. Нові ордери там відхиляються до /resume.
paused-already = ⏸ { $scope }: уже призупинено.
resumed = ▶️ Відновлено: { $scope }.
resumed-already = ▶️ { $scope }: не було призупинено.

toast-accepted = Прийнято
toast-canceled = Скасовано
toast-cancel-requested = Запит на скасування
toast-refreshed = Оновлено
toast-done = { "" }

usage-buy = Не вдалося розібрати, нічого не зроблено. Приклад: <code>/buy BTC/USDT 100</code> (суми: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, і одиниця)
usage-sell = Не вдалося розібрати, нічого не зроблено. Приклад: <code>/sell BTC/USDT 50%</code> (або 0.01 · $50 · max · initials)
usage-pause = Не вдалося розібрати, нічого не зроблено. Приклад: <code>/pause venue paper</code> (або <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = Не вдалося розібрати, нічого не зроблено. Приклад: <code>/resume venue paper</code> (або <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } — це ні { $base }, ні { $quote }, нічого не зроблено. Приклад: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = На { $venue } тут поки не можна торгувати, нічого не зроблено. Приберіть «on { $venue }», щоб торгувати на демо: <code>/buy BTC/USDT 100</code>
unknown-command = Такої команди немає, нічого не зроблено. Усі команди — у /help; приклад: <code>/buy BTC/USDT 100</code>
no-arguments = Після /{ $command } нічого не потрібно, нічого не зроблено. Приклад: /{ $command }
too-long = Задовго для команди, нічого не зроблено. Приклад: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } тут не торгується, нічого не зроблено. Доступні пари — у /buy; приклад: <code>/buy BTC/USDT 100</code>
free-text = Я розумію команди, наприклад <code>/buy BTC/USDT 100</code>. Усі команди — у /help.
forwarded = Переслані повідомлення не виконуються як команди, нічого не зроблено. Введіть самі: <code>/buy BTC/USDT 100</code>
private-only = Це лише для особистого чату зі мною: відкрийте @{ $bot } і надішліть там.
