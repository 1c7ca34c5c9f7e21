/// Container language marks are ISO 639-2, playlists want BCP 47, which prefers the two-letter code where one exists.
enum Language {
    private static let short: [String: String] = [
        "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da", "deu": "de",
        "dut": "nl",
        "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr", "fre": "fr",
        "ger": "de",
        "gle": "ga", "gre": "el", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "isl": "is",
        "ita": "it",
        "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt", "msa": "ms", "nld": "nl", "nob": "nb", "nor": "no",
        "per": "fa",
        "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl",
        "spa": "es",
        "srp": "sr", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "zho": "zh",
    ]

    /// The BCP 47 tag of `mark`; nil for "und" and for anything that is no language subtag.
    static func tag(_ mark: String) -> String? {
        let lowered = mark.lowercased()
        let isSubtag = (2...3).contains(lowered.utf8.count) && lowered.utf8.allSatisfy { (0x61...0x7a).contains($0) }
        guard isSubtag, lowered != "und", lowered != "mul", lowered != "zxx", lowered != "mis" else { return nil }
        return short[lowered] ?? lowered
    }
}
