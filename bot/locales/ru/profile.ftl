# Что Telegram показывает о боте.
command-start = Открыть счёт
command-buy = Купить: /buy BTC/USDT 100
command-sell = Продать: /sell BTC/USDT 50%
command-limit = Лимитный ордер, шаг за шагом
command-portfolio = Ваши активы и прибыль
command-orders = Открытые и завершённые ордера
command-alerts = Оповещения о цене, движении и объёме
command-settings = Язык, проскальзывание, уведомления, ваша фраза
command-status = Состояние сервиса
command-about = Какая сборка здесь отвечает
command-help = Все команды
description = Strongroom — торговый терминал в вашем чате: демо-покупки и продажи по реальным записанным ценам, со всеми комиссиями и источниками цен.
short-description = Торговый терминал в вашем чате.
