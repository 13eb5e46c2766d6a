about-head = 🏛 <b>Strongroom { $version }</b>，@{ $bot }
about-commit = 提交：<code>{ $commit }</code>
about-no-commit = 提交：此处未知
about-image = 镜像：<code>{ $image }</code>
about-no-image = 镜像：无，直接从源代码运行
about-how = 请与运营方公布的信息核对。用 /settings phrase 设置您的防伪短语：涉及您资金的消息若不含该短语，就不是我们发送的。
