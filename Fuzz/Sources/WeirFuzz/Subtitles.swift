import Conformance
import WebVTT

/// Texts of subtitles: whatever they say, what comes out is WebVTT that says no more than it should, and every cue is in the
/// segments of its time.
///
/// The input is texts that end with a zero byte, each behind three bytes with its beginning and three with its duration, in
/// milliseconds; a duration of nothing is none that is known.
func fuzzCueText(_ bytes: UnsafeRawBufferPointer) {
    let boundaries: [Int64] = [0, 6_006_000, 12_012_000, 18_018_000, 1_000_000_000]
    var cues = CueList(length: boundaries[4] / 1000)
    for event in bytes.split(separator: 0, maxSplits: 200) where event.count > 6 {
        let numbers = event.prefix(6).map(Int64.init)
        let start = (numbers[0] << 16 | numbers[1] << 8 | numbers[2]) - 1_000_000
        let duration = numbers[3] << 16 | numbers[4] << 8 | numbers[5]
        guard let text = CueText.text(ofDialogue: Array("0,0,,,0,0,0,,".utf8) + event.dropFirst(6)) else { continue }
        check(text)
        cues.add(text, from: start, to: duration > 0 ? start + duration : nil)
    }
    check(cues, at: boundaries)
}

/// Files of subtitles, WebVTT or, where the first byte is odd, SubRip: what is taken is written as a file that reads as the same, and its
/// cues are texts like all others.
func fuzzCaptionFile(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let format = first & 1 == 0 ? CaptionFile.Format.webVTT : .subRip
    guard let file = try? CaptionFile(Array(bytes.dropFirst()), format) else { return }
    require(!file.cues.isEmpty, "a file without texts is taken")
    for cue in file.cues {
        check(cue.text)
        require(0 <= cue.start && cue.start < cue.end, "a cue ends before it begins")
    }
    let again = try? CaptionFile(Array(file.webVTT.utf8), .webVTT)
    require(again == file, "what is written reads as something else")
    let boundaries: [Int64] = [0, 6_006_000, 12_012_000, 18_018_000, 1_000_000_000]
    let list = file.list(length: boundaries[4] / 1000)
    require(list.omitted == 0, "a text is left out")
    check(list, at: boundaries)
}

private func check(_ text: String) {
    let bytes = Array(text.utf8)
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    require(bytes.count <= CueText.maximumBytes, "a text is too long")
    require(lines.count <= CueText.maximumLines, "a text has too many lines")
    require(lines.allSatisfy { !$0.isEmpty && !$0.contains(0x0d) }, "an empty line would end the cue")
    require(!bytes.contains(Array("-->".utf8)), "an arrow would begin another cue")
    var opened: [[UInt8]] = []
    for tag in bytes.split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false).dropFirst() {
        let name = Array(tag.prefix { $0 != UInt8(ascii: ">") })
        if name.first == UInt8(ascii: "/") {
            require(opened.popLast() == Array(name.dropFirst()), "a tag is closed that was not open")
        } else {
            require(["b", "i", "u"].contains { Array($0.utf8) == name }, "a tag that is none of ours")
            opened.append(name)
        }
    }
    require(opened.isEmpty, "a tag stays open")
}

private func check(_ list: CueList, at boundaries: [Int64]) {
    let cues = list.cues
    var segments: [[UInt8]] = []
    list.segments(at: boundaries) { number, bytes in
        let (start, end) = (boundaries[number - 1], boundaries[number])
        let text = String(decoding: bytes, as: UTF8.self)
        require(text.hasPrefix(CueList.header), "a segment without its header")
        let shown = cues.count { $0.start * 1000 < end && $0.end * 1000 > start }
        let written = text.split(separator: "\n").count { $0.contains(" --> ") }
        require(written == min(shown, CueList.maximumCuesPerSegment), "a cue is not in the segment of its time")
        segments.append(bytes)
    }
    require(segments.count == boundaries.count - 1, "a segment is missing")
    require(
        SegmentInspection.run(initialization: nil, segments: segments).findings.isEmpty,
        "the check finds something in our own segments")
    for cue in cues {
        require(0 <= cue.start && cue.start < cue.end && cue.end * 1000 <= boundaries[4], "a cue outside of the film")
    }
}
