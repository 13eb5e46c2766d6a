# Telegram बॉट के बारे में क्या दिखाता है।
command-start = खाता खोलें
command-buy = ख़रीदें: /buy BTC/USDT 100
command-sell = बेचें: /sell BTC/USDT 50%
command-limit = लिमिट ऑर्डर, एक-एक कदम
command-portfolio = आपके पास क्या है और उसका लाभ
command-orders = खुले और समाप्त ऑर्डर
command-alerts = भाव, बदलाव और वॉल्यूम के अलर्ट
command-settings = भाषा, स्लिपेज, सूचनाएँ, आपका वाक्यांश
command-status = सेवा की स्थिति
command-about = यहाँ कौन-सा बिल्ड चल रहा है
command-help = सभी कमांड
description = Strongroom आपकी चैट में एक ट्रेडिंग डेस्क है: असली रिकॉर्ड किए भावों पर पेपर ट्रेडिंग से ख़रीदें और बेचें, हर शुल्क और भाव का स्रोत साफ़ दिखता है।
short-description = आपकी चैट में एक ट्रेडिंग डेस्क।
