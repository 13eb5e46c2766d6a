# سبب كل إجراء آلي أو عدمه.
command-why = لماذا تصرّف الأمر هكذا، أو لماذا لم يحدث شيء
why-head = 🔎 السبب
why-nothing = لم يتقرر شيء بشأنك بعد ولا شيء في الانتظار. مثال: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> يعرض كل خطوات أمر واحد.
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = كل الخطوات:
why-no-steps = لم تُتخذ أي خطوة بعد.
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }، { $reason } ({ $inputs })
why-unknown = ليس لديك أمر بالرمز { $code }، ولم يُنفَّذ شيء. الرموز في /orders؛ مثال: <code>/why 1A2B3C4D</code>
verdict-passed = نعم
verdict-denied = لا
verdict-scaled = أقل
usage-why = لم يُفهم الطلب ولم يُنفَّذ شيء. مثال: <code>/why</code> أو <code>/why 1A2B3C4D</code>
