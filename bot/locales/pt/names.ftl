look-alike = { $name } (⚠️ não é { $ticker })
look-alike-typed = ⚠️ Isso está escrito com letras parecidas com { $ticker } que não são as mesmas. Nada aconteceu. Digite você mesmo: <code>{ $ticker }</code>
