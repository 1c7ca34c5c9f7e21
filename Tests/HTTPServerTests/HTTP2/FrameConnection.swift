import EventLoop
import TestKit

/// A frame as it stands on the wire (RFC 9113 §4.1).
struct Frame: Equatable, CustomStringConvertible {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: Int = 0
    var payload: [UInt8] = []

    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9

    static let endStream: UInt8 = 1
    static let ack: UInt8 = 1
    static let endHeaders: UInt8 = 4

    var bytes: [UInt8] {
        let count = payload.count
        return [
            UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags, UInt8(stream >> 24),
            UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255), UInt8(stream & 255),
        ] + payload
    }

    var description: String { "frame \(type) flags \(flags) stream \(stream) \(payload.count) bytes" }

    var isEnd: Bool { flags & Self.endStream != 0 }

    /// The error code of a RST_STREAM or GOAWAY.
    var errorCode: Int {
        let bytes = type == Self.goAway ? payload.dropFirst(4).prefix(4) : payload.prefix(4)
        return bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    static func number(_ value: Int) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    static func reset(_ stream: Int, code: Int = 8) -> Frame {
        Frame(type: reset, stream: stream, payload: number(code))
    }

    static func window(_ stream: Int, _ increment: Int) -> Frame {
        Frame(type: windowUpdate, stream: stream, payload: number(increment))
    }

    static func headers(_ stream: Int, _ block: [UInt8], ends: Bool = true) -> Frame {
        Frame(type: headers, flags: endHeaders | (ends ? endStream : 0), stream: stream, payload: block)
    }

    static func data(_ stream: Int, _ bytes: [UInt8], ends: Bool = false) -> Frame {
        Frame(type: data, flags: ends ? endStream : 0, stream: stream, payload: bytes)
    }

    static func settings(_ entries: [(id: Int, value: Int)] = []) -> Frame {
        Frame(type: settings, payload: entries.flatMap { [UInt8(0), UInt8($0.id)] + number($0.value) })
    }
}

/// HPACK without tables and Huffman coding: every field a literal (RFC 7541 §6.2.2).
enum Block {
    static func encode(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + string($0.0) + string($0.1) }
    }

    static func get(
        _ path: String = "/", method: String = "GET", authority: String? = "edge.test", _ fields: (String, String)...
    ) -> [UInt8] {
        var all = [(":method", method), (":scheme", "http"), (":path", path)]
        if let authority { all.append((":authority", authority)) }
        return encode(all + fields)
    }

    static func string(_ text: String) -> [UInt8] { integer(text.utf8.count, prefix: 7) + Array(text.utf8) }

    static func integer(_ value: Int, prefix: Int, pattern: UInt8 = 0) -> [UInt8] {
        let limit = 1 << prefix - 1
        if value < limit { return [pattern | UInt8(value)] }
        var bytes = [pattern | UInt8(limit)]
        var rest = value - limit
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// The status in a response's block, which is its first field: from the static table, or digits.
    static func status(_ block: [UInt8]) -> Int? {
        // Changes of the table's size come first (RFC 7541 §6.3).
        let block = Array(block.drop { $0 & 0xe0 == 0x20 })
        guard let first = block.first else { return nil }
        if first & 0x80 != 0 {
            let known = [8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500]
            return known[Int(first & 0x7f)]
        }
        guard block.count > 2 else { return nil }
        let isHuffman = block[1] & 0x80 != 0
        let value = block.dropFirst(2).prefix(Int(block[1] & 0x7f))
        return Int(isHuffman ? digits(value) : String(decoding: value, as: UTF8.self))
    }

    private static func digits(_ bytes: some Sequence<UInt8>) -> String {
        var bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }[...]
        func take(_ count: Int) -> Int? {
            guard bits.count >= count else { return nil }
            defer { bits = bits.dropFirst(count) }
            return bits.prefix(count).reduce(0) { $0 << 1 | Int($1) }
        }
        var text = ""
        while let head = take(5) {
            if head < 3 {
                text += "\(head)"
            } else if let last = take(1), 0b011001...0b011111 ~= head << 1 | last {
                text += "\((head << 1 | last) - 0b011001 + 3)"
            }
        }
        return text
    }
}

/// A client that writes exactly the frames a test wants and reads what comes back.
final class FrameConnection {
    static let preface = [UInt8]("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    let raw: RawConnection
    private var input: [UInt8] = []
    private(set) var seen: [Frame] = []

    /// Connects and says hello, with the server's own settings acknowledged unless told otherwise.
    init(
        to server: TestServer, settings: [(id: Int, value: Int)] = [], acknowledges: Bool = true,
        receiveBuffer: Int32? = nil
    ) throws {
        raw = try RawConnection(to: server.address, receiveBuffer: receiveBuffer)
        // No table, so that every response's status can be read by itself.
        raw.send(Self.preface + Frame.settings([(1, 0)] + settings).bytes)
        if acknowledges { send(Frame(type: Frame.settings, flags: Frame.ack)) }
    }

    @discardableResult
    func send(_ frames: Frame...) -> Bool { raw.send(frames.flatMap(\.bytes)) }

    @discardableResult
    func send(_ frames: [Frame]) -> Bool { raw.send(frames.flatMap(\.bytes)) }

    /// The next frame, or nil at the end of the connection.
    func receive() -> Frame? {
        while true {
            if input.count >= 9 {
                let count = Int(input[0]) << 16 | Int(input[1]) << 8 | Int(input[2])
                if input.count >= 9 + count {
                    let stream = input[5..<9].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
                    let frame = Frame(
                        type: input[3], flags: input[4], stream: stream, payload: Array(input[9..<(9 + count)]))
                    input.removeFirst(9 + count)
                    seen.append(frame)
                    return frame
                }
            }
            let piece = raw.receive()
            if piece.isEmpty { return nil }
            input += piece
        }
    }

    /// Frames up to and with the first that fits, or all until the connection ends.
    @discardableResult
    func receive(until isLast: (Frame) -> Bool) -> Frame? {
        while let frame = receive() { if isLast(frame) { return frame } }
        return nil
    }

    /// The response on `stream`, windows opened as it comes.
    func response(on stream: Int) -> (status: Int?, body: [UInt8], reset: Int?) {
        var status: Int?
        var body: [UInt8] = []
        while let frame = receive() {
            guard frame.stream == stream else { continue }
            switch frame.type {
            case Frame.headers: status = status ?? Block.status(frame.payload)
            case Frame.data:
                body += frame.payload
                if !frame.payload.isEmpty, !frame.isEnd {
                    send(.window(stream, frame.payload.count), .window(0, frame.payload.count))
                }
            case Frame.reset: return (status, body, frame.errorCode)
            default: break
            }
            if frame.isEnd { return (status, body, nil) }
        }
        return (status, body, nil)
    }

    /// Sends a body of `count` bytes as the server's windows allow; false if they stay closed.
    func upload(_ count: Int, on stream: Int, streamWindow: Int) -> Bool {
        var left = count
        var room = (connection: 65_535, stream: streamWindow)
        while left > 0 {
            let size = min(left, room.connection, room.stream, 16_384)
            if size > 0 {
                left -= size
                room.connection -= size
                room.stream -= size
                send(.data(stream, [UInt8](repeating: 7, count: size), ends: left == 0))
            } else {
                guard let frame = receive(until: { $0.type == Frame.windowUpdate }) else { return false }
                let increment = frame.payload.reduce(0) { $0 << 8 | Int($1) }
                if frame.stream == 0 { room.connection += increment } else { room.stream += increment }
            }
        }
        return true
    }

    /// The status of a GET on stream 1.
    func ask(_ path: String) -> Int? {
        send(.headers(1, Block.get(path)))
        return response(on: 1).status
    }

    /// The error code of the GOAWAY that ends the connection.
    func goAway() -> Int? {
        receive { $0.type == Frame.goAway }?.errorCode
    }
}
