# El motivo de cada acción u omisión automática.
command-why = Por qué una orden hizo lo que hizo o por qué no pasó nada
why-head = 🔎 Motivos
why-nothing = Aún no se ha decidido nada por ti y nada está a la espera. Ejemplo: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> muestra cada paso de una.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Todos los pasos:
why-no-steps = Aún no se ha dado ningún paso.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = No tienes ninguna orden con el código { $code }; no ha pasado nada. /orders muestra sus códigos; un ejemplo: <code>/why 1A2B3C4D</code>
verdict-passed = sí
verdict-denied = no
verdict-scaled = menos
usage-why = No se entendió y no ha pasado nada. Ejemplo: <code>/why</code> o <code>/why 1A2B3C4D</code>
