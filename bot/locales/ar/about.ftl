about-head = 🏛 <b>Strongroom { $version }</b>، @{ $bot }
about-commit = الإصدار البرمجي: <code>{ $commit }</code>
about-no-commit = الإصدار البرمجي: غير معروف هنا
about-image = صورة الحاوية: <code>{ $image }</code>
about-no-image = صورة الحاوية: لا توجد، يعمل من الشيفرة المصدرية
about-how = قارن هذه البيانات بما نشره المشغّل. عيّن عبارتك الخاصة عبر /settings phrase: أي رسالة عن أموالك لا تحملها ليست منّا.
