about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Коммит: <code>{ $commit }</code>
about-no-commit = Коммит: здесь неизвестен
about-image = Образ: <code>{ $image }</code>
about-no-image = Образ: нет, запущено из исходного кода
about-how = Сверьте эти данные с тем, что опубликовал оператор. Задайте свою фразу: /settings phrase. Сообщение о ваших деньгах без неё — не от нас.
