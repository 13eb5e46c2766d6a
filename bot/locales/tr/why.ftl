# Her otomatik eylemin ya da eylemsizliğin nedeni.
command-why = Bir emir yaptığını neden yaptı ya da neden hiçbir şey olmadı
why-head = 🔎 Nedenler
why-nothing = Sizin için henüz bir karar verilmedi ve bekleyen bir şey yok. Örnek: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> bir emrin her adımını gösterir.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Tüm adımlar:
why-no-steps = Henüz hiçbir adım atılmadı.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = { $code } kodlu bir emriniz yok, hiçbir şey yapılmadı. Kodları /orders gösterir; örnek: <code>/why 1A2B3C4D</code>
verdict-passed = evet
verdict-denied = hayır
verdict-scaled = daha az
usage-why = Anlaşılmadı, hiçbir şey yapılmadı. Örnek: <code>/why</code> veya <code>/why 1A2B3C4D</code>
