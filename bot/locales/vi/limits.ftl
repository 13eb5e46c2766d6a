# Vì sao một hạn mức chặn lệnh và điều gì sẽ thay đổi việc đó.
denied-too-many-orders = bạn đã gửi { $count } lệnh trong một phút, tối đa cho phép { $limit }. Hãy thử lại sau { $wait_ms }.
denied-too-many-open-orders = bạn có { $count } lệnh đang mở, tối đa cho phép { $limit }. Hãy đợi một lệnh xong hoặc hủy một lệnh: /orders
denied-price-band = { $order_price } xấu hơn thị trường ({ $market_price }) { $worse_bps }, tối đa cho phép { $limit_bps }. Hãy kiểm tra giá.
denied-protection-band = lệnh này có thể kết thúc xấu hơn thị trường ({ $market_price }) { $worse_bps }, tối đa cho phép { $limit_bps }. Hãy chọn số tiền nhỏ hơn hoặc ít trượt giá hơn.
denied-price-impact = lệnh này sẽ làm giá dịch chuyển { $impact_bps }, trên { $limit_bps } cần bạn đồng ý. Hãy chọn số tiền nhỏ hơn hoặc chấp nhận cho lệnh này.
denied-depth-share = lệnh này lấy { $share_bps } lượng có trong sổ lệnh, tối đa cho phép { $limit_bps }. Hãy chọn tối đa { $most } { $asset }.
denied-daily-loss = hôm nay bạn lỗ { $loss } { $asset }; ở mức { $limit } { $asset } việc mua dừng lại. Bạn có thể bán bất cứ lúc nào; được mua lại lúc { $until }.
denied-drawdown = kết quả của bạn giảm { $drawdown_bps } từ mức cao nhất; ở mức { $limit_bps } việc mua dừng lại. Bạn có thể bán bất cứ lúc nào; được mua lại lúc { $until } hoặc khi nhà vận hành cho phép.
denied-breaker-open = sau một khoản lỗ lớn, bạn chỉ có thể bán cho đến { $until } hoặc đến khi nhà vận hành cho phép.
denied-exposure = bạn có { $exposure } { $asset } trong vị thế và lệnh mở, tối đa cho phép { $limit } { $asset }. Hãy chọn tối đa { $most } { $asset } hoặc bán bớt trước.
denied-concentration = { $symbol } sẽ chiếm { $share_bps } những gì bạn có, tối đa cho phép { $limit_bps }. Hãy chọn tối đa { $most } { $asset }.
