look-alike = { $name } (⚠️ no es { $ticker })
look-alike-typed = ⚠️ Está escrito con letras que se parecen a { $ticker } y no lo son. No ha pasado nada. Escríbelo tú: <code>{ $ticker }</code>
