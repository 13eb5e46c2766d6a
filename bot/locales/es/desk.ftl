start-welcome = 👋 Te damos la bienvenida a Strongroom. Tu cuenta está abierta, con 10,000 USDT simulados para operar.
start-again = 👋 Tu cuenta está abierta.
start-token = Vienes por { $token }: su ficha llegará en una versión posterior.
start-what-to-do = Prueba <code>/buy BTC/USDT 100</code> o usa los botones. /help lo muestra todo.
start-live = Tu cuenta está en modo real; los mercados reales llegarán más adelante, así que las órdenes van al simulador.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (y { $held } retenido por órdenes)
balance-none = Aún no tienes saldos.
menu-buy = 🛒 Comprar
menu-sell = 💱 Vender
menu-portfolio = 💼 Cartera
menu-orders = 📋 Órdenes
menu-positions = 📊 Posiciones
menu-history = 🧾 Historial
menu-alerts = 🔔 Alertas
menu-settings = ⚙️ Ajustes
menu-help = ❓ Ayuda
help =
    <b>Comprar</b>: <code>/buy BTC/USDT 100</code> gasta 100 USDT, comisiones incluidas · <code>/buy BTC/USDT 0.01 BTC</code> recibe 0.01 BTC
    <b>Vender</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Límite</b>: <code>/buy BTC/USDT 100 limit 58000</code> espera su precio · añade <code>post</code>, <code>ioc</code>, <code>fok</code> o <code>gtd 2h</code> · /limit pregunta paso a paso
    <b>Condiciones</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    Importes: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. Añade <code>slippage 1%</code> para aceptar un precio peor hasta ese margen como máximo.
    <b>Consultar</b>: envía un ticker como <code>BTC</code> para ver su ficha · /positions valor y ganancia, con panel de venta · /history ejecuciones, también en CSV
    <b>Avisos</b>: <code>/alerts BTC/USDT 70000</code> · /settings idioma, notificaciones, horas de silencio, tu frase
    /portfolio lo que tienes · /orders lo que está abierto · /why qué se decidió y por qué · /status cómo está la mesa
    Cada botón sirve una vez. Una orden pregunta antes de enviarse.
help-operator = Operadores: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = ¿Qué quieres comprar?
choose-amount = { $symbol }: ¿cuánto { $quote } quieres gastar? Tienes { $available } { $quote }. O escribe <code>/buy { $symbol } 75</code>.
choose-holding = ¿Qué quieres vender?
choose-share = { $symbol }: tienes { $available } { $base }. ¿Cuánto quieres vender?
no-instruments = Aún no se puede operar: los precios están arrancando. Inténtalo de nuevo en un momento.
nothing-to-sell = Aún no tienes nada que vender. Ejemplo: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } a { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (sin precio ahora)
position-source = { "  " }Precio: { $source }, de hace { $age }
portfolio-head = 💼 Cartera en { $venue }
portfolio-total = Posiciones: { $value } { $quote } · ganancia no realizada { $unrealized } { $quote } · realizada { $realized } { $quote }
orders-open = 📋 Órdenes abiertas
orders-none-open = 📋 No hay órdenes abiertas.
orders-finished = Terminadas hace poco
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Todo funciona.
status-degraded = 🟡 Funciona, aunque falta algo.
status-paused = ⏸ La operativa está en pausa.
status-pause = ⏸ En pausa: { $scope }, desde { $since }
status-market = { $symbol }: { $source }, de hace { $age }
status-part = { $part }: { $state }, hace { $age }
paused = ⏸ En pausa: { $scope }. Las órdenes nuevas se deniegan hasta /resume.
paused-already = ⏸ { $scope } ya estaba en pausa.
resumed = ▶️ Reanudado: { $scope }.
resumed-already = ▶️ { $scope } no estaba en pausa.

toast-accepted = Aceptada
toast-canceled = Cancelada
toast-cancel-requested = Cancelación solicitada
toast-refreshed = Actualizado
toast-done = { "" }

usage-buy = No se entendió y no ha pasado nada. Ejemplo: <code>/buy BTC/USDT 100</code> (importes: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, y una unidad)
usage-sell = No se entendió y no ha pasado nada. Ejemplo: <code>/sell BTC/USDT 50%</code> (o 0.01 · $50 · max · initials)
usage-pause = No se entendió y no ha pasado nada. Ejemplo: <code>/pause venue paper</code> (o <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = No se entendió y no ha pasado nada. Ejemplo: <code>/resume venue paper</code> (o <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } no es ni { $base } ni { $quote }; no ha pasado nada. Ejemplo: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = Aún no se puede operar en { $venue } desde aquí; no ha pasado nada. Quita “on { $venue }” para operar en simulado: <code>/buy BTC/USDT 100</code>
unknown-command = No conozco ese comando; no ha pasado nada. /help los muestra todos; un ejemplo: <code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } no lleva nada detrás; no ha pasado nada. Ejemplo: /{ $command }
too-long = Es demasiado largo para un comando; no ha pasado nada. Ejemplo: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } no se negocia aquí; no ha pasado nada. /buy muestra lo que sí; un ejemplo: <code>/buy BTC/USDT 100</code>
free-text = Entiendo comandos, por ejemplo <code>/buy BTC/USDT 100</code>. /help los muestra todos.
forwarded = Un mensaje reenviado no se ejecuta como comando; no ha pasado nada. Escríbelo tú: <code>/buy BTC/USDT 100</code>
private-only = Esto es solo para tu chat privado conmigo: abre @{ $bot } y envíalo allí.
