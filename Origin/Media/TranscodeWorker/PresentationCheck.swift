internal import Conformance
internal import Crypto
internal import Presentation
internal import Transcode

/// The check of a finished presentation, measured from its bytes, wherever they lie.
enum PresentationCheck {
    /// Largest file that is read whole.
    static let maximumBytes = TranscodeEventReader.maximumBodyBytes

    /// Runs it; what is encrypted opens with `contentKey`, or with what is read at the key's path; `read` answers the bytes at a path such as "720p/00001.m4s", `progressed` is told the share that is done.
    static func run(
        contentKey: ContentKey? = nil,
        read: @escaping @Sendable (String) async throws(ResourceFailure) -> [UInt8],
        progressed: @escaping @Sendable (Double) -> Void
    ) async -> ConformanceReport {
        let check = ConformanceCheck(
            decrypt: { try? AESCBC.open($0, key: $1, vector: $2) },
            progressed: { progressed(Double($0.segments) / Double(max(1, $0.knownSegments))) },
            fetch: { request in
                if let contentKey, request.address == Presentation.keyName {
                    return .success(Resource(content: contentKey.bytes))
                }
                do throws(ResourceFailure) {
                    let content = try await read(request.address)
                    guard let range = request.range else { return .success(Resource(content: content)) }
                    return .success(Resource(content: Array(content[range.clamped(to: 0..<content.count)])))
                } catch {
                    return .failure(error)
                }
            })
        return await check.run(Presentation.playlistName)
    }
}

extension ConformanceReport {
    /// The first rule that a presentation must not break and does, in a sentence; nil if there is none.
    var brokenRule: String? {
        findings.first { $0.rule.level == .must }.map { finding in
            let place =
                finding.place.segment.map { "\(finding.place.playlist), segment \($0)" } ?? finding.place.playlist
            return "The finished video breaks rule \(finding.rule.number) of HLS: \(finding.message) (\(place))"
        }
    }
}
