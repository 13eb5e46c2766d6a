# हर स्वचालित काम या उसके न होने का कारण।
command-why = ऑर्डर ने ऐसा क्यों किया, या कुछ क्यों नहीं हुआ
why-head = 🔎 कारण
why-nothing = आपके लिए अभी कुछ तय नहीं हुआ और कुछ इंतज़ार में नहीं है। उदाहरण: <code>/sell BTC/USDT 50% stop 58000</code>
why-how = <code>/why CODE</code> किसी एक ऑर्डर का हर चरण दिखाता है।
why-one = <code>{ $code }</code> { $text }
why-order = { $what }: { $state }
why-order-because = { $what }: { $state }: { $why }
why-steps = हर चरण:
why-no-steps = अभी कोई चरण नहीं हुआ।
why-step = { $at } · { $check }: { $verdict } ({ $inputs })
why-step-because = { $at } · { $check }: { $verdict }, { $reason } ({ $inputs })
why-unknown = { $code } कोड वाला आपका कोई ऑर्डर नहीं है, कुछ नहीं किया गया। कोड /orders में हैं; उदाहरण: <code>/why 1A2B3C4D</code>
verdict-passed = हाँ
verdict-denied = नहीं
verdict-scaled = कम
usage-why = समझ नहीं आया, कुछ नहीं किया गया। उदाहरण: <code>/why</code> या <code>/why 1A2B3C4D</code>
