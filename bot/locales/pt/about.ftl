about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Commit: <code>{ $commit }</code>
about-no-commit = Commit: não conhecido aqui
about-image = Imagem: <code>{ $image }</code>
about-no-image = Imagem: nenhuma, roda a partir do código-fonte
about-how = Compare com o que o operador publicou. Defina sua própria frase com /settings phrase: uma mensagem sobre seu dinheiro sem ela não é nossa.
