start-welcome = 👋 Добро пожаловать в Strongroom. Ваш счёт открыт, на нём 10,000 виртуальных USDT для торговли.
start-again = 👋 Ваш счёт открыт.
start-token = Вы пришли за { $token }: карточка появится в одной из следующих версий.
start-what-to-do = Попробуйте <code>/buy BTC/USDT 100</code> или кнопки. Всё остальное — в /help.
start-live = Ваш счёт в реальном режиме; реальные площадки появятся позже, пока ордера идут на демо.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (и { $held } зарезервировано под ордера)
balance-none = Балансов пока нет.
menu-buy = 🛒 Купить
menu-sell = 💱 Продать
menu-portfolio = 💼 Портфель
menu-orders = 📋 Ордера
menu-positions = 📊 Позиции
menu-history = 🧾 История
menu-alerts = 🔔 Оповещения
menu-settings = ⚙️ Настройки
menu-help = ❓ Помощь
help =
    <b>Покупка</b>: <code>/buy BTC/USDT 100</code> — потратить 100 USDT с учётом комиссий · <code>/buy BTC/USDT 0.01 BTC</code> — получить 0.01 BTC
    <b>Продажа</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Лимит</b>: <code>/buy BTC/USDT 100 limit 58000</code> ждёт своей цены · можно добавить <code>post</code>, <code>ioc</code>, <code>fok</code> или <code>gtd 2h</code> · /limit спросит всё по шагам
    <b>Условия</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    <b>Смотреть</b>: отправьте тикер, например <code>BTC</code>, чтобы открыть карточку · /positions — стоимость и прибыль, с панелью продажи · /history — сделки, также в CSV
    <b>Узнавать</b>: <code>/alerts BTC/USDT 70000</code> · /settings — язык, уведомления, тихие часы, ваша фраза
    Суммы: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. Добавьте <code>slippage 1%</code>, чтобы цена могла быть хуже не более чем на столько.
    /portfolio — ваши активы · /orders — открытые ордера · /why — что решено и почему · /status — состояние сервиса
    Кнопка срабатывает один раз. Перед отправкой ордера будет вопрос.
help-operator = Операторам: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = Что хотите купить?
choose-amount = { $symbol }: сколько { $quote } потратить? У вас { $available } { $quote }. Или введите <code>/buy { $symbol } 75</code>.
choose-holding = Что хотите продать?
choose-share = { $symbol }: у вас { $available } { $base }. Какую часть продать?
no-instruments = Торговать пока нечем: цены ещё загружаются. Попробуйте через минуту.
nothing-to-sell = Продавать пока нечего. Пример: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } по { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (сейчас нет цены)
position-source = { "  " }Цена: { $source }, { $age } назад
portfolio-head = 💼 Портфель на { $venue }
portfolio-total = Позиции: { $value } { $quote } · нереализованный PnL { $unrealized } { $quote } · реализованный { $realized } { $quote }
orders-open = 📋 Открытые ордера
orders-none-open = 📋 Открытых ордеров нет.
orders-finished = Недавно завершённые
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Всё работает.
status-degraded = 🟡 Работает, но не всё доступно.
status-paused = ⏸ Торговля приостановлена.
status-pause = ⏸ Приостановлено: { $scope }, с { $since }
status-market = { $symbol }: { $source }, { $age } назад
status-part = { $part }: { $state }, { $age } назад
paused = ⏸ Приостановлено: { $scope }. Новым ордерам там отказывают до /resume.
paused-already = ⏸ { $scope }: уже приостановлено.
resumed = ▶️ Возобновлено: { $scope }.
resumed-already = ▶️ { $scope }: не было приостановлено.

toast-accepted = Принято
toast-canceled = Отменено
toast-cancel-requested = Отмена запрошена
toast-refreshed = Обновлено
toast-done = { "" }

usage-buy = Не удалось разобрать, ничего не сделано. Пример: <code>/buy BTC/USDT 100</code> (суммы: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, и единица)
usage-sell = Не удалось разобрать, ничего не сделано. Пример: <code>/sell BTC/USDT 50%</code> (или 0.01 · $50 · max · initials)
usage-pause = Не удалось разобрать, ничего не сделано. Пример: <code>/pause venue paper</code> (или <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = Не удалось разобрать, ничего не сделано. Пример: <code>/resume venue paper</code> (или <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } — не { $base } и не { $quote }, ничего не сделано. Пример: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = На { $venue } здесь пока нельзя торговать, ничего не сделано. Уберите «on { $venue }», чтобы торговать на демо: <code>/buy BTC/USDT 100</code>
unknown-command = Такой команды нет, ничего не сделано. Все команды — в /help; пример: <code>/buy BTC/USDT 100</code>
no-arguments = После /{ $command } ничего не нужно, ничего не сделано. Пример: /{ $command }
too-long = Слишком длинно для команды, ничего не сделано. Пример: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } здесь не торгуется, ничего не сделано. Доступные пары — в /buy; пример: <code>/buy BTC/USDT 100</code>
free-text = Я понимаю команды, например <code>/buy BTC/USDT 100</code>. Все команды — в /help.
forwarded = Пересланные сообщения как команды не выполняются, ничего не сделано. Введите сами: <code>/buy BTC/USDT 100</code>
private-only = Это только для личного чата со мной: откройте @{ $bot } и отправьте там.
