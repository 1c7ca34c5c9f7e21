extension String {
    /// The text with a `?` for every control character: what others wrote may hold what a terminal would obey.
    var printable: String {
        String(UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
