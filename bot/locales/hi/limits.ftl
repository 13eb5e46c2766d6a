# किस सीमा ने ऑर्डर रोका और क्या बदलें।
denied-too-many-orders = आपने एक मिनट में { $count } ऑर्डर भेजे, ज़्यादा से ज़्यादा { $limit } की अनुमति है। { $wait_ms } बाद फिर कोशिश करें।
denied-too-many-open-orders = आपके { $count } खुले ऑर्डर हैं, ज़्यादा से ज़्यादा { $limit } की अनुमति है। किसी एक के पूरा होने तक रुकें या एक रद्द करें: /orders
denied-price-band = { $order_price } बाज़ार भाव ({ $market_price }) से { $worse_bps } ख़राब है, ज़्यादा से ज़्यादा { $limit_bps } की अनुमति है। भाव जाँचें।
denied-protection-band = यह ऑर्डर बाज़ार भाव ({ $market_price }) से { $worse_bps } तक ख़राब हो सकता है, ज़्यादा से ज़्यादा { $limit_bps } की अनुमति है। राशि या स्लिपेज घटाएँ।
denied-price-impact = यह ऑर्डर भाव को { $impact_bps } हिला देगा; { $limit_bps } से ज़्यादा के लिए आपकी सहमति चाहिए। राशि घटाएँ या इस ऑर्डर के लिए मंज़ूरी दें।
denied-depth-share = यह ऑर्डर ऑर्डर बुक का { $share_bps } ले लेगा, ज़्यादा से ज़्यादा { $limit_bps } की अनुमति है। ज़्यादा से ज़्यादा { $most } { $asset } चुनें।
denied-daily-loss = आज आपको { $loss } { $asset } का घाटा हुआ, { $limit } { $asset } पर ख़रीद रुक जाती है। आप कभी भी बेच सकते हैं; ख़रीद { $until } पर फिर शुरू होगी।
denied-drawdown = आपका परिणाम अपने उच्चतम स्तर से { $drawdown_bps } गिर गया है, { $limit_bps } पर ख़रीद रुक जाती है। आप कभी भी बेच सकते हैं; ख़रीद { $until } पर या ऑपरेटर के कहने पर फिर शुरू होगी।
denied-breaker-open = बड़े घाटे के बाद आप { $until } तक या ऑपरेटर के कहने तक केवल बेच सकते हैं।
denied-exposure = पोज़िशन और खुले ऑर्डर मिलाकर आपके { $exposure } { $asset } लगे हैं, ज़्यादा से ज़्यादा { $limit } { $asset } की अनुमति है। ज़्यादा से ज़्यादा { $most } { $asset } चुनें या पहले कुछ बेचें।
denied-concentration = { $symbol } आपकी कुल राशि का { $share_bps } हो जाएगा, ज़्यादा से ज़्यादा { $limit_bps } की अनुमति है। ज़्यादा से ज़्यादा { $most } { $asset } चुनें।
