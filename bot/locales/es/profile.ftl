# Lo que Telegram muestra del bot: lista de comandos y descripciones.
command-start = Abre tu cuenta
command-buy = Comprar: /buy BTC/USDT 100
command-sell = Vender: /sell BTC/USDT 50%
command-limit = Una orden límite, paso a paso
command-portfolio = Lo que tienes y su ganancia
command-orders = Órdenes abiertas y terminadas
command-alerts = Alertas de precio, movimiento y volumen
command-settings = Idioma, deslizamiento, notificaciones, tu frase
command-status = Cómo está la mesa
command-about = Qué versión responde aquí
command-help = Todo lo que se puede escribir
description = Strongroom es una mesa de operaciones en tu chat: compra y vende en simulado a precios reales grabados, con cada comisión y cada fuente de precio a la vista.
short-description = Una mesa de operaciones en tu chat.
