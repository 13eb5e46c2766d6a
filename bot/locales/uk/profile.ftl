# Що Telegram показує про бота.
command-start = Відкрити рахунок
command-buy = Купити: /buy BTC/USDT 100
command-sell = Продати: /sell BTC/USDT 50%
command-limit = Лімітний ордер, крок за кроком
command-portfolio = Ваші активи та прибуток
command-orders = Відкриті та завершені ордери
command-alerts = Сповіщення про ціну, рух і обсяг
command-settings = Мова, прослизання, сповіщення, ваша фраза
command-status = Стан сервісу
command-about = Яка збірка тут відповідає
command-help = Усі команди
description = Strongroom — торговий термінал у вашому чаті: демо-купівля й продаж за реальними записаними цінами, з усіма комісіями та джерелами цін.
short-description = Торговий термінал у вашому чаті.
