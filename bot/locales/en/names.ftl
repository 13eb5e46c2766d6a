look-alike = { $name } (⚠️ not { $ticker })
look-alike-typed = ⚠️ That is written with letters that look like { $ticker } and are not. Nothing happened. Type it yourself: <code>{ $ticker }</code>
