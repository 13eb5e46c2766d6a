about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Commit: <code>{ $commit }</code>
about-no-commit = Commit: not known here
about-image = Image: <code>{ $image }</code>
about-no-image = Image: none, it runs from its source
about-how = Compare these with what the operator published. Set your own phrase with /settings phrase: a message about your money without it is not from us.
