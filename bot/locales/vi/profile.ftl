# Những gì Telegram hiển thị về bot: danh sách lệnh, mô tả.
command-start = Mở tài khoản của bạn
command-buy = Mua: /buy BTC/USDT 100
command-sell = Bán: /sell BTC/USDT 50%
command-limit = Lệnh giới hạn, từng bước
command-portfolio = Bạn có gì và lãi bao nhiêu
command-orders = Lệnh đang mở và đã kết thúc
command-alerts = Cảnh báo giá, biến động và khối lượng
command-settings = Ngôn ngữ, trượt giá, thông báo, cụm từ của bạn
command-status = Tình trạng bàn giao dịch
command-about = Phiên bản nào đang trả lời
command-help = Mọi lệnh có thể nhập
description = Strongroom là bàn giao dịch ngay trong khung chat: mua và bán mô phỏng theo giá thật đã ghi lại, hiển thị mọi khoản phí và mọi nguồn giá.
short-description = Bàn giao dịch ngay trong khung chat.
