about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = Commit: <code>{ $commit }</code>
about-no-commit = Commit: burada bilinmiyor
about-image = İmaj: <code>{ $image }</code>
about-no-image = İmaj: yok, kaynak kodundan çalışıyor
about-how = Bunları operatörün yayımladıklarıyla karşılaştırın. /settings phrase ile kendi ifadenizi belirleyin: paranızla ilgili olup bu ifadeyi taşımayan bir mesaj bizden değildir.
