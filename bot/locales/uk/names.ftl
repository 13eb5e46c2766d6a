look-alike = { $name } (⚠️ не { $ticker })
look-alike-typed = ⚠️ Це написано літерами, схожими на { $ticker }, але це не він. Нічого не зроблено. Введіть самі: <code>{ $ticker }</code>
