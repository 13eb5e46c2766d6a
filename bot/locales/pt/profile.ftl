# O que o Telegram mostra sobre o bot: lista de comandos e descrições.
command-start = Abra sua conta
command-buy = Comprar: /buy BTC/USDT 100
command-sell = Vender: /sell BTC/USDT 50%
command-limit = Uma ordem limite, passo a passo
command-portfolio = O que você tem e seu lucro
command-orders = Ordens abertas e encerradas
command-alerts = Alertas de preço, variação e volume
command-settings = Idioma, slippage, notificações, sua frase
command-status = Como está a mesa
command-about = Qual versão responde aqui
command-help = Tudo o que se pode digitar
description = Strongroom é uma mesa de operações no seu chat: compre e venda no simulado a preços reais gravados, com cada taxa e cada fonte de preço à vista.
short-description = Uma mesa de operações no seu chat.
