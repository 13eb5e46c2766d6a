start-welcome = 👋 Chào mừng bạn đến với Strongroom. Tài khoản của bạn đã mở, với 10,000 USDT tiền mô phỏng để giao dịch.
start-again = 👋 Tài khoản của bạn đang mở.
start-token = Bạn đến vì { $token }: thẻ của nó sẽ có ở phiên bản sau.
start-what-to-do = Thử <code>/buy BTC/USDT 100</code> hoặc dùng các nút. /help hiển thị mọi thứ.
start-live = Tài khoản của bạn ở chế độ thật; các sàn thật sẽ có sau, nên lệnh được chuyển sang mô phỏng.
balance = { $asset }: { $amount }
balance-held = { $asset }: { $amount } (và { $held } bị phong tỏa cho lệnh)
balance-none = Chưa có số dư.
menu-buy = 🛒 Mua
menu-sell = 💱 Bán
menu-portfolio = 💼 Danh mục
menu-orders = 📋 Lệnh
menu-positions = 📊 Vị thế
menu-history = 🧾 Lịch sử
menu-alerts = 🔔 Cảnh báo
menu-settings = ⚙️ Cài đặt
menu-help = ❓ Trợ giúp
help =
    <b>Mua</b>: <code>/buy BTC/USDT 100</code> chi 100 USDT, đã gồm phí · <code>/buy BTC/USDT 0.01 BTC</code> nhận 0.01 BTC
    <b>Bán</b>: <code>/sell BTC/USDT 50%</code> · <code>/sell BTC/USDT 0.01</code> · <code>/sell BTC/USDT max</code>
    <b>Giới hạn</b>: <code>/buy BTC/USDT 100 limit 58000</code> chờ đến giá · thêm <code>post</code>, <code>ioc</code>, <code>fok</code> hoặc <code>gtd 2h</code> · /limit hỏi từng bước
    <b>Điều kiện</b>: <code>/sell BTC/USDT 50% stop 58000</code> · <code>… trail 2%</code> · <code>… tp 65000:50% 70000:50%</code> · <code>… oco 65000/58000</code> · <code>… exit 2h</code> · <code>/buy BTC/USDT 100 bracket 65000/58000</code>
    Số tiền: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max. Thêm <code>slippage 1%</code> để chấp nhận giá xấu hơn tối đa chừng đó.
    <b>Xem</b>: gửi một mã như <code>BTC</code> để xem thẻ của nó · /positions giá trị và lãi, kèm bảng bán · /history lệnh khớp, có cả CSV
    <b>Nhận tin</b>: <code>/alerts BTC/USDT 70000</code> · /settings ngôn ngữ, thông báo, giờ yên tĩnh, cụm từ của bạn
    /portfolio bạn có gì · /orders lệnh nào đang mở · /why đã quyết định gì và vì sao · /status tình trạng bàn giao dịch
    Mỗi nút dùng được một lần. Lệnh luôn hỏi lại trước khi gửi.
help-operator = Nhà vận hành: <code>/pause</code> · <code>/pause venue paper</code> · <code>/pause BTC/USDT</code> · <code>/resume …</code>
choose-pair = Bạn muốn mua gì?
choose-amount = { $symbol }: bạn muốn chi bao nhiêu { $quote }? Bạn có { $available } { $quote }. Hoặc nhập <code>/buy { $symbol } 75</code>.
choose-holding = Bạn muốn bán gì?
choose-share = { $symbol }: bạn có { $available } { $base }. Bán bao nhiêu?
no-instruments = Chưa giao dịch được: giá đang khởi động. Hãy thử lại sau giây lát.
nothing-to-sell = Bạn chưa có gì để bán. Ví dụ: <code>/buy BTC/USDT 100</code>
position = <b>{ $symbol }</b>: { $quantity } { $base } = { $value } { $quote } tại giá { $price } ({ $pnl } { $quote })
position-unpriced = <b>{ $symbol }</b>: { $quantity } { $base } (hiện không có giá)
position-source = { "  " }Giá: { $source }, { $age } trước
portfolio-head = 💼 Danh mục trên { $venue }
portfolio-total = Vị thế: { $value } { $quote } · lãi chưa thực hiện { $unrealized } { $quote } · đã thực hiện { $realized } { $quote }
orders-open = 📋 Lệnh đang mở
orders-none-open = 📋 Không có lệnh đang mở.
orders-finished = Vừa kết thúc
orders-line = <code>{ $code }</code> { $side } { $symbol } · { $state } · { $filled } · { $at }
status-ok = 🟢 Mọi thứ hoạt động.
status-degraded = 🟡 Đang hoạt động nhưng thiếu một phần.
status-paused = ⏸ Giao dịch đang tạm dừng.
status-pause = ⏸ Tạm dừng: { $scope }, từ { $since }
status-market = { $symbol }: { $source }, { $age } trước
status-part = { $part }: { $state }, { $age } trước
paused = ⏸ Tạm dừng: { $scope }. Lệnh mới ở đó bị từ chối cho đến khi có /resume.
paused-already = ⏸ { $scope } đã tạm dừng từ trước.
resumed = ▶️ Tiếp tục: { $scope }.
resumed-already = ▶️ { $scope } không bị tạm dừng.

toast-accepted = Đã nhận
toast-canceled = Đã hủy
toast-cancel-requested = Đã yêu cầu hủy
toast-refreshed = Đã cập nhật
toast-done = { "" }

usage-buy = Không hiểu, chưa có gì xảy ra. Ví dụ: <code>/buy BTC/USDT 100</code> (số tiền: 100 · 0.5 · 1,250.75 · 1.2k · $50 · 25% · max, và một đơn vị)
usage-sell = Không hiểu, chưa có gì xảy ra. Ví dụ: <code>/sell BTC/USDT 50%</code> (hoặc 0.01 · $50 · max · initials)
usage-pause = Không hiểu, chưa có gì xảy ra. Ví dụ: <code>/pause venue paper</code> (hoặc <code>/pause</code>, <code>/pause BTC/USDT</code>)
usage-resume = Không hiểu, chưa có gì xảy ra. Ví dụ: <code>/resume venue paper</code> (hoặc <code>/resume</code>, <code>/resume BTC/USDT</code>)
unit-unknown = { $unit } không phải { $base } cũng không phải { $quote }, chưa có gì xảy ra. Ví dụ: <code>/buy { $base }/{ $quote } 100 { $quote }</code>
venue-not-available = Chưa thể giao dịch trên { $venue } tại đây, chưa có gì xảy ra. Bỏ “on { $venue }” để giao dịch mô phỏng: <code>/buy BTC/USDT 100</code>
unknown-command = Tôi không biết lệnh này, chưa có gì xảy ra. /help hiển thị tất cả; ví dụ: <code>/buy BTC/USDT 100</code>
no-arguments = /{ $command } không nhận gì phía sau, chưa có gì xảy ra. Ví dụ: /{ $command }
too-long = Quá dài cho một lệnh, chưa có gì xảy ra. Ví dụ: <code>/buy BTC/USDT 100</code>
symbol-unknown = { $symbol } không được giao dịch tại đây, chưa có gì xảy ra. /buy hiển thị những gì có; ví dụ: <code>/buy BTC/USDT 100</code>
free-text = Tôi hiểu các lệnh, chẳng hạn <code>/buy BTC/USDT 100</code>. /help hiển thị tất cả.
forwarded = Tin nhắn chuyển tiếp không được chạy như lệnh, chưa có gì xảy ra. Hãy tự nhập: <code>/buy BTC/USDT 100</code>
private-only = Chỉ dùng trong cuộc trò chuyện riêng của bạn với tôi: mở @{ $bot } và gửi ở đó.
