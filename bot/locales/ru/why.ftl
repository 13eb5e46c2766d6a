# Причина каждого автоматического действия или бездействия.
command-why = Почему ордер так сработал или ничего не произошло
why-head = 🔎 Почему
why-nothing = Решений по вашим ордерам ещё не было, и ничего не ждёт. Пример: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> показывает все шаги одного ордера.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Все шаги:
why-no-steps = Шагов ещё не было.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = У вас нет ордера с кодом { $code }, ничего не сделано. Коды — в /orders; пример: <code>/why 1A2B3C4D</code>
verdict-passed = да
verdict-denied = нет
verdict-scaled = меньше
usage-why = Не удалось разобрать, ничего не сделано. Пример: <code>/why</code> или <code>/why 1A2B3C4D</code>
