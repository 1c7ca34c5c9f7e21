/// The attribute list of one tag (RFC 8216 §4.2), each name at most once.
struct AttributeList {
    enum Value: Equatable {
        case quoted(String)
        case bare(Substring)
    }

    private let line: Int
    /// A fault that leaves the list readable: blanks behind a comma.
    private(set) var blemish: PlaylistError?
    private var values: [Substring: Value] = [:]

    init(_ text: Substring, line: Int) throws(PlaylistError) {
        self.line = line
        var rest = text.utf8[...]
        while true {
            if !values.isEmpty, rest.first == UInt8(ascii: " ") {
                blemish = PlaylistError(
                    line: line, reason: "an attribute must be NAME=value right behind the comma, without a blank")
                rest = rest.drop { $0 == UInt8(ascii: " ") }
            }
            let name = Substring(rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") })
            rest = rest.dropFirst(name.utf8.count)
            let isName = name.utf8.allSatisfy { byte in
                (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            }
            guard !name.isEmpty, isName, rest.popFirst() == UInt8(ascii: "=") else {
                throw PlaylistError(line: line, reason: "an attribute must be NAME=value with a name of A-Z, 0-9 and -")
            }
            let value: Value
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                let inner = rest.prefix { $0 != UInt8(ascii: "\"") }
                rest = rest.dropFirst(inner.count)
                guard rest.popFirst() != nil else {
                    throw PlaylistError(line: line, reason: "the quoted value of \(name) does not end")
                }
                value = .quoted(String(Substring(inner)))
            } else {
                let inner = rest.prefix { $0 != UInt8(ascii: ",") }
                rest = rest.dropFirst(inner.count)
                let isBare = inner.allSatisfy { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: " ") }
                guard !inner.isEmpty, isBare else {
                    throw PlaylistError(
                        line: line, reason: "the value of \(name) is empty or has a stray quote or space")
                }
                value = .bare(Substring(inner))
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw PlaylistError(line: line, reason: "\(name) is given twice")
            }
            if rest.isEmpty { return }
            guard rest.popFirst() == UInt8(ascii: ",") else {
                throw PlaylistError(line: line, reason: "attributes must be separated by a single comma")
            }
        }
    }

    func quoted(_ name: Substring) throws(PlaylistError) -> String? {
        switch values[name] {
        case nil: return nil
        case .quoted(let text): return text
        case .bare: throw PlaylistError(line: line, reason: "\(name) must be a quoted string")
        }
    }

    func requiredQuoted(_ name: Substring) throws(PlaylistError) -> String {
        guard let value = try quoted(name) else { throw missing(name) }
        return value
    }

    func bare(_ name: Substring) throws(PlaylistError) -> Substring? {
        switch values[name] {
        case nil: return nil
        case .bare(let text): return text
        case .quoted: throw PlaylistError(line: line, reason: "\(name) must not be quoted")
        }
    }

    func integer(_ name: Substring) throws(PlaylistError) -> Int? {
        guard let text = try bare(name) else { return nil }
        guard let value = PlaylistNumbers.integer(text) else {
            throw PlaylistError(line: line, reason: "\(name) must be a decimal integer")
        }
        return value
    }

    func fixed(_ name: Substring, places: Int, signed: Bool = false) throws(PlaylistError) -> Int64? {
        guard let text = try bare(name) else { return nil }
        guard let value = PlaylistNumbers.fixed(text, places: places, signed: signed) else {
            throw PlaylistError(line: line, reason: "\(name) must be a decimal number")
        }
        return value
    }

    func yesOrNo(_ name: Substring) throws(PlaylistError) -> Bool {
        switch try bare(name) {
        case nil, "NO": return false
        case "YES": return true
        default: throw PlaylistError(line: line, reason: "\(name) must be YES or NO")
        }
    }

    func missing(_ name: Substring) -> PlaylistError {
        PlaylistError(line: line, reason: "\(name) is missing")
    }
}
