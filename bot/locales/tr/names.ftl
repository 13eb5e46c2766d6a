look-alike = { $name } (⚠️ { $ticker } değil)
look-alike-typed = ⚠️ Bu, { $ticker } gibi görünen ama öyle olmayan harflerle yazılmış. Hiçbir şey yapılmadı. Kendiniz yazın: <code>{ $ticker }</code>
