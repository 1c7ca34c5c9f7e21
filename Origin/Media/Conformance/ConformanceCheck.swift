/// Checks an HLS presentation by fetching and measuring what it lists.
///
/// Knows no files and no network: where bytes come from is the caller's. Of segments four are fetched, or in memory,
/// at a time; the report does not depend on which of them comes first.
public struct ConformanceCheck: Sendable {
    /// Where bytes come from. Segments that follow each other are asked for side by side.
    public typealias Fetch = @Sendable (ResourceRequest) async -> Result<Resource, ResourceFailure>
    /// AES-128 in CBC mode with PKCS7 padding taken off; nil when the bytes are not what the key encrypts.
    public typealias Decrypt = @Sendable (_ bytes: [UInt8], _ key: [UInt8], _ vector: [UInt8]) -> [UInt8]?

    /// What is looked at, and what is left out.
    public struct Options: Sendable {
        /// Segments measured from the beginning of each playlist; nil, the default, means all.
        public var segmentsPerPlaylist: Int?
        /// Rules to leave out, by number, such as "6.1"; the report names them.
        public var waivedRules: Set<String>

        /// By default everything.
        public init(segmentsPerPlaylist: Int? = nil, waivedRules: Set<String> = []) {
            self.segmentsPerPlaylist = segmentsPerPlaylist
            self.waivedRules = waivedRules
        }
    }

    /// How far a check is.
    public struct Progress: Sendable {
        /// Playlist being measured.
        public var playlist: String
        /// Media segments measured so far.
        public var segments: Int
        /// Media segments known to be measured, those of playlists not yet read not among them.
        public var knownSegments: Int
        /// Bytes fetched so far.
        public var bytes: Int
    }

    let options: Options
    let fetch: Fetch
    let decrypt: Decrypt?
    let progressed: (@Sendable (Progress) -> Void)?

    /// - Parameters:
    ///   - decrypt: for segments under `METHOD=AES-128`; nil leaves them unmeasured, which the report says.
    ///   - progressed: called after each segment.
    public init(
        options: Options = Options(), decrypt: Decrypt? = nil, progressed: (@Sendable (Progress) -> Void)? = nil,
        fetch: @escaping Fetch
    ) {
        self.options = options
        self.decrypt = decrypt
        self.progressed = progressed
        self.fetch = fetch
    }

    /// Checks the multivariant or media playlist at `address`.
    ///
    /// An address relative to some folder of the caller's works as an absolute one does. Never throws: what cannot be fetched
    /// is a finding, and a presentation of which nothing can be fetched has the verdict `unchecked`. Cancelling the task ends the
    /// check after the segment at hand, with the verdict `unchecked`.
    public func run(_ address: String) async -> ConformanceReport {
        var run = CheckRun(check: self, address: address)
        return await run.run()
    }
}
