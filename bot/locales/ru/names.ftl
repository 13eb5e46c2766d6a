look-alike = { $name } (⚠️ не { $ticker })
look-alike-typed = ⚠️ Это написано буквами, которые похожи на { $ticker }, но это не он. Ничего не сделано. Введите сами: <code>{ $ticker }</code>
