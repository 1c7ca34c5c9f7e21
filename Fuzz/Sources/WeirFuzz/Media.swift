import Bytes
import Conformance
import JSON

/// Segments of any kind: what is measured of them is finite, in proportion to the bytes, and the same every time.
///
/// The input is a byte of switches (1: key frames for scrubbing, 2: two segments instead of one), two with the length of the
/// initialisation section, then that, then the segments.
func fuzzMediaSegments(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 3 else { return }
    let length = min(Int(bytes[1]) << 8 | Int(bytes[2]), bytes.count - 3)
    let initialization = length > 0 ? [UInt8](bytes[3..<3 + length]) : nil
    let rest = [UInt8](bytes[(3 + length)...])
    let half = bytes[0] & 2 != 0 ? rest.count / 2 / 188 * 188 : 0
    let segments = half > 0 ? [Array(rest[..<half]), Array(rest[half...])] : [rest]
    let isIFrames = bytes[0] & 1 != 0
    let first = SegmentInspection.run(initialization: initialization, segments: segments, isIFrames: isIFrames)
    let second = SegmentInspection.run(initialization: initialization, segments: segments, isIFrames: isIFrames)
    require(first.facts == second.facts && first.findings == second.findings, "a second look finds something else")
    require(first.facts.bytes == rest.count, "bytes were not counted")
    require(first.findings.count <= 64, "a segment has more findings than there are rules")
    for rate in [first.facts.frameRate, first.facts.measuredSeconds, first.facts.longestKeyFrameSeconds] {
        require(rate?.isFinite ?? true, "a figure is no number")
    }
    for finding in first.findings {
        require(ConformanceRule.isKnown(finding.rule.number) && !finding.message.isEmpty, "a finding without a rule")
        require(!finding.json.serialized().isEmpty, "a finding that cannot be written")
    }
    require(!first.facts.json.serialized().isEmpty, "facts that cannot be written")
}
