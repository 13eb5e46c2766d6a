about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Commit: <code>{ $commit }</code>
about-no-commit = Commit: không rõ ở đây
about-image = Ảnh đóng gói: <code>{ $image }</code>
about-no-image = Ảnh đóng gói: không có, đang chạy từ mã nguồn
about-how = Hãy so sánh với những gì nhà vận hành đã công bố. Đặt cụm từ riêng của bạn bằng /settings phrase: tin nhắn về tiền của bạn mà không có cụm từ đó thì không phải từ chúng tôi.
