look-alike = { $name } (⚠️ { $ticker } नहीं)
look-alike-typed = ⚠️ यह ऐसे अक्षरों में लिखा है जो { $ticker } जैसे दिखते हैं, पर हैं नहीं। कुछ नहीं किया गया। ख़ुद लिखें: <code>{ $ticker }</code>
