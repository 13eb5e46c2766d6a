# The reason of every automated action or inaction.
command-why = Why an order did what it did, or why nothing happened
why-head = 🔎 Why
why-nothing = Nothing was decided for you yet, and nothing waits. Example: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> shows every step of one.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Every step:
why-no-steps = No step was taken yet.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = You have no order with the code { $code }, nothing happened. /orders shows their codes; an example: <code>/why 1A2B3C4D</code>
verdict-passed = yes
verdict-denied = no
verdict-scaled = less
usage-why = Not understood, nothing happened. Example: <code>/why</code> or <code>/why 1A2B3C4D</code>
