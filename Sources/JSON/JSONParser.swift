extension JSONValue {
    /// Parses one JSON text, strictly by RFC 8259 and I-JSON: no byte order mark, no duplicate names, no lone
    /// surrogates.
    ///
    /// Recursion is bounded by `limits.maximumDepth`.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(text: bytes, limits: limits)
        return try parser.parseDocument()
    }

    /// Parses one JSON text, under the same rules.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try parse(UnsafeRawBufferPointer(bytes), limits: limits)
        }
    }

    /// Parses one JSON text, under the same rules.
    public static func parse(_ text: String, limits: JSONLimits = .default) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }
}

/// Recursive descent over the bytes; `position` is the next byte to look at.
struct JSONParser {
    let text: UnsafeRawBufferPointer
    let limits: JSONLimits
    var position = 0
    var depth = 0

    init(text: UnsafeRawBufferPointer, limits: JSONLimits) {
        self.text = text
        self.limits = limits
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        if text.count > limits.maximumBytes {
            throw JSONError(.tooLong(limit: limits.maximumBytes), at: limits.maximumBytes, in: text)
        }
        let value = try parseValue()
        skipWhitespace()
        if position < text.count { throw failure(.trailingBytes) }
        return value
    }

    func failure(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
        JSONError(reason, at: offset ?? position, in: text)
    }

    func unexpected(_ expected: String) -> JSONError {
        position < text.count ? failure(.unexpected(byte: text[position], expected: expected)) : failure(.unexpectedEnd)
    }

    mutating func skipWhitespace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func parseValue() throws(JSONError) -> JSONValue {
        skipWhitespace()
        guard position < text.count else { throw failure(.unexpectedEnd) }
        switch text[position] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw unexpected("a value")
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw unexpected("\(word)") }
        }
        return value
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        if depth > limits.maximumDepth { throw failure(.tooDeep(limit: limits.maximumDepth)) }
        position += 1
        skipWhitespace()
    }

    private mutating func parseArray() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if !take(UInt8(ascii: "]")) {
            repeat {
                elements.append(try parseValue())
                skipWhitespace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func parseObject() throws(JSONError) -> JSONValue {
        try enter()
        var object = JSONObject()
        if !take(UInt8(ascii: "}")) {
            repeat {
                skipWhitespace()
                let start = position
                guard position < text.count, text[position] == UInt8(ascii: "\"") else {
                    throw unexpected("a member name in quotes")
                }
                let key = try parseString()
                skipWhitespace()
                guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
                guard object.append(key, try parseValue()) else { throw failure(.duplicateKey(key), at: start) }
                skipWhitespace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
        }
        depth -= 1
        return .object(object)
    }
}
