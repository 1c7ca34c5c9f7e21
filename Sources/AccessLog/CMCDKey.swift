/// A key of Common Media Client Data (CTA-5004 §3.1): what a player says of itself with each request.
public enum CMCDKey: UInt8, Sendable, CaseIterable {
    /// `br`: kilobits per second of the object asked for.
    case encodedBitrate
    /// `bl`: milliseconds of media that the player holds.
    case bufferLength
    /// `bs`: whether the player ran out of media since its last request.
    case bufferStarvation
    /// `cid`: names the content.
    case contentID
    /// `d`: milliseconds that the object plays.
    case objectDuration
    /// `dl`: milliseconds until the first byte is needed.
    case deadline
    /// `mtp`: kilobits per second that the player measured.
    case measuredThroughput
    /// `nor`: path of the object asked for next.
    case nextObjectRequest
    /// `nrr`: range of the object asked for next.
    case nextRangeRequest
    /// `ot`: kind of the object.
    case objectType
    /// `pr`: 1 is real time.
    case playbackRate
    /// `rtp`: kilobits per second that would be enough.
    case requestedMaximumThroughput
    /// `sf`: HLS, DASH and so on.
    case streamingFormat
    /// `sid`: names the session of the player.
    case sessionID
    /// `st`: live or on demand.
    case streamType
    /// `su`: whether the object is needed to start, to seek or after a stall.
    case startup
    /// `tb`: kilobits per second of the best rendition the player may play.
    case topBitrate
    /// `v`: version of CMCD.
    case version

    /// What a value of this key looks like (CTA-5004 §3.2).
    enum Form {
        case integer
        case decimal
        case flag
        case token
        case text
    }

    var form: Form {
        switch self {
        case .encodedBitrate, .bufferLength, .objectDuration, .deadline, .measuredThroughput,
            .requestedMaximumThroughput, .topBitrate, .version:
            .integer
        case .playbackRate: .decimal
        case .bufferStarvation, .startup: .flag
        case .objectType, .streamingFormat, .streamType: .token
        case .contentID, .nextObjectRequest, .nextRangeRequest, .sessionID: .text
        }
    }

    /// The key of that name, which is case-sensitive; nil for keys of players' own.
    init?(_ name: UnsafeRawBufferPointer) {
        guard (1...3).contains(name.count) else { return nil }
        var word: UInt32 = 0
        for byte in name { word = word << 8 | UInt32(byte) }
        guard let key = Self.byName(word) else { return nil }
        self = key
    }

    /// By the name's bytes in one number.
    private static func byName(_ word: UInt32) -> CMCDKey? {
        switch word {
        case 0x6272: .encodedBitrate
        case 0x626c: .bufferLength
        case 0x6273: .bufferStarvation
        case 0x63_6964: .contentID
        case 0x64: .objectDuration
        case 0x646c: .deadline
        case 0x6d_7470: .measuredThroughput
        case 0x6e_6f72: .nextObjectRequest
        case 0x6e_7272: .nextRangeRequest
        case 0x6f74: .objectType
        case 0x7072: .playbackRate
        case 0x72_7470: .requestedMaximumThroughput
        case 0x7366: .streamingFormat
        case 0x73_6964: .sessionID
        case 0x7374: .streamType
        case 0x7375: .startup
        case 0x7462: .topBitrate
        case 0x76: .version
        default: nil
        }
    }

    /// The name of the log field, as in CloudFront's real-time logs.
    public var fieldName: StaticString {
        switch self {
        case .encodedBitrate: "cmcd-encoded-bitrate"
        case .bufferLength: "cmcd-buffer-length"
        case .bufferStarvation: "cmcd-buffer-starvation"
        case .contentID: "cmcd-content-id"
        case .objectDuration: "cmcd-object-duration"
        case .deadline: "cmcd-deadline"
        case .measuredThroughput: "cmcd-measured-throughput"
        case .nextObjectRequest: "cmcd-next-object-request"
        case .nextRangeRequest: "cmcd-next-range-request"
        case .objectType: "cmcd-object-type"
        case .playbackRate: "cmcd-playback-rate"
        case .requestedMaximumThroughput: "cmcd-requested-maximum-throughput"
        case .streamingFormat: "cmcd-streaming-format"
        case .sessionID: "cmcd-session-id"
        case .streamType: "cmcd-stream-type"
        case .startup: "cmcd-startup"
        case .topBitrate: "cmcd-top-bitrate"
        case .version: "cmcd-version"
        }
    }
}
