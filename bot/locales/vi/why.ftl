# Lý do của mọi hành động tự động hoặc không hành động.
command-why = Vì sao một lệnh làm như vậy, hoặc vì sao không có gì xảy ra
why-head = 🔎 Lý do
why-nothing = Chưa có gì được quyết định cho bạn và không có gì đang chờ. Ví dụ: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> hiển thị từng bước của một lệnh.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = Từng bước:
why-no-steps = Chưa có bước nào.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = Bạn không có lệnh nào với mã { $code }, chưa có gì xảy ra. /orders hiển thị mã lệnh; ví dụ: <code>/why 1A2B3C4D</code>
verdict-passed = có
verdict-denied = không
verdict-scaled = ít hơn
usage-why = Không hiểu, chưa có gì xảy ra. Ví dụ: <code>/why</code> hoặc <code>/why 1A2B3C4D</code>
