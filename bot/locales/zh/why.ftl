# 每个自动动作或未动作的原因。
command-why = 订单为何如此执行，或为何没有动作
why-head = 🔎 原因
why-nothing = 目前没有为您作出的决定，也没有等待触发的订单。示例：<code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> 显示单个订单的每一步。
why-one = <code>{ $code }</code> { $text }
why-order = { $what }：{ $state }
why-order-because = { $what }：{ $state }：{ $why }
why-steps = 每一步：
why-no-steps = 尚无步骤。
why-step = { $at } · { $check }：{ $verdict }（{ $inputs }）
why-step-because = { $at } · { $check }：{ $verdict }，{ $reason }（{ $inputs }）
why-unknown = 您没有编码为 { $code } 的订单，未执行任何操作。编码见 /orders；示例：<code>/why 1A2B3C4D</code>
verdict-passed = 是
verdict-denied = 否
verdict-scaled = 减量
usage-why = 未能识别，未执行任何操作。示例：<code>/why</code> 或 <code>/why 1A2B3C4D</code>
