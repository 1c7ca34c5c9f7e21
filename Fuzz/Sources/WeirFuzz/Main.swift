internal import CFuzzer

/// A run over one input, in the shape libFuzzer calls.
typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

/// Every target, by the name that `Scripts/fuzz` and the corpus folders use.
let targets: [(name: String, run: Target)] = [
    ("request-head", { input($0, $1, fuzzRequestHead) }),
    ("response-head", { input($0, $1, fuzzResponseHead) }),
    ("http2-frames", { input($0, $1, fuzzHTTP2Frames) }),
    ("chunked", { input($0, $1, fuzzChunked) }),
    ("aws-chunked", { input($0, $1, fuzzAWSChunked) }),
    ("browser-form", { input($0, $1, fuzzBrowserForm) }),
    ("post-policy", { input($0, $1, fuzzPostPolicy) }),
    ("completion", { input($0, $1, fuzzCompletion) }),
    ("tus-metadata", { input($0, $1, fuzzTusMetadata) }),
    ("tus-concatenation", { input($0, $1, fuzzTusConcatenation) }),
    ("request-target", { input($0, $1, fuzzRequestTarget) }),
    ("ranges", { input($0, $1, fuzzRanges) }),
    ("cookies", { input($0, $1, fuzzCookies) }),
    ("query", { input($0, $1, fuzzQuery) }),
    ("trace-context", { input($0, $1, fuzzTraceContext) }),
    ("dates", { input($0, $1, fuzzDates) }),
    ("encodings", { input($0, $1, fuzzEncodings) }),
    ("json", { input($0, $1, fuzzJSON) }),
    ("xml", { input($0, $1, fuzzXML) }),
    ("cbor", { input($0, $1, fuzzCBOR) }),
    ("passkeys", { input($0, $1, fuzzPasskeys) }),
    ("cache-rules", { input($0, $1, fuzzCacheRules) }),
    ("structured-dictionary", { input($0, $1, fuzzStructuredDictionary) }),
    ("variant-key", { input($0, $1, fuzzVariantKey) }),
    ("oauth-request", { input($0, $1, fuzzOAuthRequest) }),
    ("client-credentials", { input($0, $1, fuzzClientCredentials) }),
    ("cloudfront-policy", { input($0, $1, fuzzCloudFrontPolicy) }),
    ("cloudfront-access", { input($0, $1, fuzzCloudFrontAccess) }),
    ("provider", { input($0, $1, fuzzProvider) }),
    ("sigv4", { input($0, $1, fuzzSigV4) }),
    ("playback-report", { input($0, $1, fuzzPlaybackReport) }),
    ("cmcd", { input($0, $1, fuzzCMCD) }),
    ("secret-parameters", { input($0, $1, fuzzSecretParameters) }),
    ("playlist", { input($0, $1, fuzzPlaylist) }),
    ("playlist-grant", { input($0, $1, fuzzPlaylistGrant) }),
    ("media-segments", { input($0, $1, fuzzMediaSegments) }),
    ("coded-pictures", { input($0, $1, fuzzCodedPictures) }),
    ("cue-text", { input($0, $1, fuzzCueText) }),
    ("upload-answer", { input($0, $1, fuzzUploadAnswer) }),
    ("caption-file", { input($0, $1, fuzzCaptionFile) }),
    ("event-stream", { input($0, $1, fuzzEventStream) }),
    ("distribution", { input($0, $1, fuzzDistribution) }),
    ("path-pattern", { input($0, $1, fuzzPathPattern) }),
]

private func input(_ bytes: UnsafePointer<UInt8>?, _ count: Int, _ run: (UnsafeRawBufferPointer) -> Void) -> Int32 {
    run(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

/// Takes the target's name as first argument and leaves the others to libFuzzer.
///
/// SwiftPM links `main` to this symbol, and libFuzzer's own `main` stays out.
@c(WeirFuzz_main)
public func fuzzMain(
    _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    guard count > 1, let wanted = arguments[1].map({ String(cString: $0) }),
        let target = targets.first(where: { $0.name == wanted })
    else {
        print("usage: WeirFuzz TARGET [libFuzzer options] [corpus]")
        print("targets:", targets.map(\.name).joined(separator: " "))
        return 2
    }
    arguments[1] = arguments[0]
    var remaining = count - 1
    var shifted: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments + 1
    return LLVMFuzzerRunDriver(&remaining, &shifted, target.run)
}

/// Reports a finding: traps, in every build, with a reason that libFuzzer prints.
func require(_ condition: Bool, _ reason: StaticString) {
    if !condition { fatalError("\(reason)") }
}
