# O motivo de cada ação ou omissão automática.
command-why = Por que uma ordem fez o que fez, ou por que nada aconteceu
why-head = 🔎 Motivos
why-nothing = Nada foi decidido para você ainda e nada está aguardando. Exemplo: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> mostra cada passo de uma.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Todos os passos:
why-no-steps = Nenhum passo foi dado ainda.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = Você não tem nenhuma ordem com o código { $code }; nada aconteceu. /orders mostra os códigos; um exemplo: <code>/why 1A2B3C4D</code>
verdict-passed = sim
verdict-denied = não
verdict-scaled = menos
usage-why = Não entendi; nada aconteceu. Exemplo: <code>/why</code> ou <code>/why 1A2B3C4D</code>
