look-alike = { $name } (⚠️ ليس { $ticker })
look-alike-typed = ⚠️ هذا مكتوب بحروف تشبه { $ticker } وليست هي. لم يُنفَّذ شيء. اكتبه بنفسك: <code>{ $ticker }</code>
