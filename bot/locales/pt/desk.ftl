start-welcome = 👋 Boas-vindas à Strongroom. Sua conta está aberta, com 10,000 USDT simulados para negociar.
start-again = 👋 Sua conta está aberta.
start-token = Você veio por { $token }: a ficha dele chega em uma versão futura.
start-what-to-do = Experimente <code>/buy BTC/USDT 100</code> ou use os botões. /help mostra tudo.
start-live = Sua conta está em modo real; os mercados reais chegam depois, então as ordens vão para o simulador.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (e { $held } reservado para ordens)
balance-none = Você ainda não tem saldos.
menu-buy = 🛒 Comprar
menu-sell = 💱 Vender
menu-portfolio = 💼 Carteira
menu-orders = 📋 Ordens
menu-positions = 📊 Posições
menu-history = 🧾 Histórico
menu-alerts = 🔔 Alertas
menu-settings = ⚙️ Configurações
menu-help = ❓ Ajuda
help =
    <b>Comprar</b>: <code>/buy BTC/USDT 100</code> gasta 100 USDT, taxas incluídas · <code>/buy BTC/USDT 0.01 BTC</code> recebe 0.01 BTC
    <b>Vender</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Limite</b>: <code>/buy BTC/USDT 100 limit 58000</code> espera o preço · acrescente <code>post</code>, <code>ioc</code>, <code>fok</code> ou <code>gtd 2h</code> · /limit pergunta passo a passo
    <b>Condições</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    Valores: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. Acrescente <code>slippage 1%</code> para aceitar um preço pior até esse limite.
    <b>Consultar</b>: envie um ticker como <code>BTC</code> para ver a ficha · /positions valor e lucro, com painel de venda · /history execuções, também em CSV
    <b>Avisos</b>: <code>/alerts BTC/USDT 70000</code> · /settings idioma, notificações, horário de silêncio, sua frase
    /portfolio o que você tem · /orders o que está aberto · /why o que foi decidido e por quê · /status como está a mesa
    Cada botão funciona uma vez. Uma ordem pergunta antes de ser enviada.
help-operator = Operadores: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = O que você quer comprar?
choose-amount = { $symbol }: quanto de { $quote } você quer gastar? Você tem { $available } { $quote }. Ou digite <code>/buy { $symbol } 75</code>.
choose-holding = O que você quer vender?
choose-share = { $symbol }: você tem { $available } { $base }. Quanto quer vender?
no-instruments = Ainda não dá para negociar: os preços estão iniciando. Tente de novo em instantes.
nothing-to-sell = Você ainda não tem nada para vender. Exemplo: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } a { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (sem preço agora)
position-source = { "  " }Preço: { $source }, de { $age } atrás
portfolio-head = 💼 Carteira em { $venue }
portfolio-total = Posições: { $value } { $quote } · lucro não realizado { $unrealized } { $quote } · realizado { $realized } { $quote }
orders-open = 📋 Ordens abertas
orders-none-open = 📋 Nenhuma ordem aberta.
orders-finished = Encerradas há pouco
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Tudo funciona.
status-degraded = 🟡 Funcionando, mas falta algo.
status-paused = ⏸ As negociações estão pausadas.
status-pause = ⏸ Em pausa: { $scope }, desde { $since }
status-market = { $symbol }: { $source }, de { $age } atrás
status-part = { $part }: { $state }, há { $age }
paused = ⏸ Em pausa: { $scope }. Novas ordens ali são negadas até /resume.
paused-already = ⏸ { $scope } já estava em pausa.
resumed = ▶️ Retomado: { $scope }.
resumed-already = ▶️ { $scope } não estava em pausa.

toast-accepted = Aceita
toast-canceled = Cancelada
toast-cancel-requested = Cancelamento solicitado
toast-refreshed = Atualizado
toast-done = { "" }

usage-buy = Não entendi; nada aconteceu. Exemplo: <code>/buy BTC/USDT 100</code> (valores: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, e uma unidade)
usage-sell = Não entendi; nada aconteceu. Exemplo: <code>/sell BTC/USDT 50%</code> (ou 0.01 · $50 · max · initials)
usage-pause = Não entendi; nada aconteceu. Exemplo: <code>/pause venue paper</code> (ou <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = Não entendi; nada aconteceu. Exemplo: <code>/resume venue paper</code> (ou <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } não é { $base } nem { $quote }; nada aconteceu. Exemplo: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = Ainda não dá para negociar em { $venue } por aqui; nada aconteceu. Tire “on { $venue }” para negociar no simulado: <code>/buy BTC/USDT 100</code>
unknown-command = Não conheço esse comando; nada aconteceu. /help mostra todos; um exemplo: <code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } não leva nada depois; nada aconteceu. Exemplo: /{ $command }
too-long = Longo demais para um comando; nada aconteceu. Exemplo: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } não é negociado aqui; nada aconteceu. /buy mostra o que é; um exemplo: <code>/buy BTC/USDT 100</code>
free-text = Eu entendo comandos, por exemplo <code>/buy BTC/USDT 100</code>. /help mostra todos.
forwarded = Uma mensagem encaminhada não é executada como comando; nada aconteceu. Digite você mesmo: <code>/buy BTC/USDT 100</code>
private-only = Isso é só para o seu chat privado comigo: abra @{ $bot } e envie por lá.
