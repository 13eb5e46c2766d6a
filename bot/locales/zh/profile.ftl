# Telegram 显示的机器人信息。
command-start = 开通账户
command-buy = 买入：/buy BTC/USDT 100
command-sell = 卖出：/sell BTC/USDT 50%
command-limit = 逐步下限价单
command-portfolio = 您的资产与盈亏
command-orders = 当前挂单和已结束订单
command-alerts = 价格、波动和成交量提醒
command-settings = 语言、滑点、通知、防伪短语
command-status = 系统状态
command-about = 当前运行的版本
command-help = 全部命令
description = Strongroom 是聊天中的交易台：以真实历史行情进行模拟买卖，每笔手续费和价格来源一目了然。
short-description = 聊天中的交易台。
