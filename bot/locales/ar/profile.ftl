# ما يعرضه Telegram عن البوت.
command-start = افتح حسابك
command-buy = شراء: /buy BTC/USDT 100
command-sell = بيع: /sell BTC/USDT 50%
command-limit = أمر محدد السعر خطوة بخطوة
command-portfolio = ما لديك وربحه
command-orders = الأوامر المفتوحة والمنتهية
command-alerts = تنبيهات السعر والتحرك وحجم التداول
command-settings = اللغة والانزلاق والإشعارات وعبارتك
command-status = حالة الخدمة
command-about = الإصدار الذي يجيب هنا
command-help = كل ما يمكن كتابته
description = مكتب تداول في محادثتك اسمه Strongroom: اشترِ وبِع تجريبيًا بأسعار حقيقية مسجّلة، مع بيان كل الرسوم ومصادر الأسعار.
short-description = مكتب تداول في محادثتك.
