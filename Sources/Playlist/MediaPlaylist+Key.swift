extension MediaPlaylist {
    /// EXT-X-KEY: how segments are encrypted, and where the key is.
    public struct Key: Sendable, Equatable {
        /// METHOD; other texts than those named here are carried as they are.
        public struct Method: RawRepresentable, Sendable, Hashable {
            /// The attribute's text.
            public let rawValue: String

            /// A method by its text.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Whole segments, AES-128 in CBC mode with PKCS7 padding.
            public static let aes128 = Method(rawValue: "AES-128")
            /// Samples; `cbcs` in fragmented MP4.
            public static let sampleAES = Method(rawValue: "SAMPLE-AES")
            /// Samples, `cenc`; forbidden on Apple's devices.
            public static let sampleAESCTR = Method(rawValue: "SAMPLE-AES-CTR")
        }

        /// METHOD; segments in the clear have no key at all.
        public var method: Method
        /// Address of the key, relative to the playlist.
        public var uri: String
        /// IV as `0x` and hexadecimal digits; nil means the segment's number.
        public var initializationVector: String?
        /// KEYFORMAT; nil means "identity".
        public var format: String?
        /// KEYFORMATVERSIONS.
        public var formatVersions: String?

        /// A key at `uri`.
        public init(
            method: Method, uri: String, initializationVector: String? = nil, format: String? = nil,
            formatVersions: String? = nil
        ) {
            self.method = method
            self.uri = uri
            self.initializationVector = initializationVector
            self.format = format
            self.formatVersions = formatVersions
        }
    }
}

extension MediaPlaylist.Key {
    /// - Returns: nil for METHOD=NONE.
    init?(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let method = try attributes.bare("METHOD") else { throw attributes.missing("METHOD") }
        if method == "NONE" { return nil }
        self.init(method: Method(rawValue: String(method)), uri: try attributes.requiredQuoted("URI"))
        if let vector = try attributes.bare("IV") {
            let digits = vector.dropFirst(2)
            guard vector.hasPrefix("0x") || vector.hasPrefix("0X"), (1...32).contains(digits.utf8.count),
                digits.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit })
            else { throw PlaylistError(line: line, reason: "IV must be 0x and up to 32 hexadecimal digits") }
            initializationVector = String(vector)
        }
        format = try attributes.quoted("KEYFORMAT")
        formatVersions = try attributes.quoted("KEYFORMATVERSIONS")
    }

    var text: String {
        var text = "#EXT-X-KEY:METHOD=\(method.rawValue),URI=\"\(uri)\""
        if let initializationVector { text += ",IV=\(initializationVector)" }
        if let format { text += ",KEYFORMAT=\"\(format)\"" }
        if let formatVersions { text += ",KEYFORMATVERSIONS=\"\(formatVersions)\"" }
        return text + "\n"
    }
}
