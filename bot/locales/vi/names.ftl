look-alike = { $name } (⚠️ không phải { $ticker })
look-alike-typed = ⚠️ Mã này viết bằng các chữ trông giống { $ticker } nhưng không phải. Chưa có gì xảy ra. Hãy tự nhập: <code>{ $ticker }</code>
