# Причина кожної автоматичної дії або бездіяльності.
command-why = Чому ордер так спрацював або нічого не сталося
why-head = 🔎 Чому
why-nothing = Рішень щодо ваших ордерів ще не було, і нічого не чекає. Приклад: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> показує всі кроки одного ордера.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Усі кроки:
why-no-steps = Кроків ще не було.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = У вас немає ордера з кодом { $code }, нічого не зроблено. Коди — у /orders; приклад: <code>/why 1A2B3C4D</code>
verdict-passed = так
verdict-denied = ні
verdict-scaled = менше
usage-why = Не вдалося розібрати, нічого не зроблено. Приклад: <code>/why</code> або <code>/why 1A2B3C4D</code>
