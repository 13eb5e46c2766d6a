about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Коміт: <code>{ $commit }</code>
about-no-commit = Коміт: тут невідомий
about-image = Образ: <code>{ $image }</code>
about-no-image = Образ: немає, запущено з вихідного коду
about-how = Звірте ці дані з тим, що опублікував оператор. Задайте свою фразу: /settings phrase. Повідомлення про ваші гроші без неї — не від нас.
