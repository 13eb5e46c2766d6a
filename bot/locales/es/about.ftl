about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Commit: <code>{ $commit }</code>
about-no-commit = Commit: se desconoce aquí
about-image = Imagen: <code>{ $image }</code>
about-no-image = Imagen: ninguna, se ejecuta desde el código fuente
about-how = Compáralo con lo que publicó el operador. Define tu propia frase con /settings phrase: un mensaje sobre tu dinero que no la lleve no es nuestro.
