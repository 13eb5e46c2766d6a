about-head = 🏛 <b>Strongroom { $version }</b>, @{ $bot }
about-commit = कमिट: <code>{ $commit }</code>
about-no-commit = कमिट: यहाँ पता नहीं
about-image = इमेज: <code>{ $image }</code>
about-no-image = इमेज: कोई नहीं, यह सीधे सोर्स कोड से चल रहा है
about-how = इन्हें ऑपरेटर की प्रकाशित जानकारी से मिलाएँ। /settings phrase से अपना वाक्यांश सेट करें: आपके पैसे से जुड़ा जो संदेश उसके बिना आए, वह हमारा नहीं है।
