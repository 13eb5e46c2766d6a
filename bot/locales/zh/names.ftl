look-alike = { $name }（⚠️ 不是 { $ticker }）
look-alike-typed = ⚠️ 这里用的字符看起来像 { $ticker }，但并不是。未执行任何操作。请自行输入：<code>{ $ticker }</code>
