internal import Bytes
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import JSONSchema

/// A JSON object from outside, read field by field; a wrong field is refused by its name.
struct APIInput {
    /// The largest body that any call takes; the description says how large each may be.
    static let maximumBytes = 16 << 20

    let object: JSONObject

    /// What the body says, which was found to be as described; nothing where there was none.
    init(_ request: Request) { object = request.content as? JSONObject ?? [:] }

    /// The object that the bytes of a body are.
    static func object(_ bytes: [UInt8], of request: Request) throws(Problem) -> JSONObject {
        let type = (request.headers.first("content-type") ?? "").split(separator: ";").first.map { ASCII.trimmed($0) }
        guard let type, ASCII.equalsIgnoringCase(type, "application/json") else {
            throw Problem(.unsupportedMediaType, "not_json", "Send the body as 'Content-Type: application/json'.")
        }
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: JSONLimits(maximumBytes: maximumBytes))
        } catch {
            throw Problem(.badRequest, "invalid_json", "The body is no JSON: \(error)")
        }
        guard let object = value.object else {
            throw Problem(.badRequest, "invalid_json", "The body must be a JSON object.")
        }
        return object
    }

    init(_ object: JSONObject) { self.object = object }

    /// The whole body of a request, or the refusal of one that is larger.
    static func collect(_ request: Request, limit: Int) async throws -> [UInt8] {
        do {
            return try await request.body.collect(upTo: limit)
        } catch RequestBodyError.tooLarge {
            throw Problem(.contentTooLarge, "body_too_large", "The body has more than \(limit) bytes.")
        }
    }

    subscript(name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// Text of at most `limit` characters without control characters (line feeds and tabs only where `isMultiline`).
    /// Characters are Unicode's scalars, as in JSON Schema's `maxLength`: what Swift calls one may be of any length.
    func text(_ name: String, limit: Int, isMultiline: Bool = false) throws(Problem) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .unprocessable(name, "must be text.") }
        guard text.unicodeScalars.count <= limit else {
            throw .unprocessable(name, "has more than \(limit) characters.")
        }
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            return !isControl || (isMultiline && (scalar == "\n" || scalar == "\t"))
        }
        guard isClean else { throw .unprocessable(name, "holds a control character.") }
        return text
    }

    func requiredText(_ name: String, limit: Int) throws(Problem) -> String {
        guard let text = try text(name, limit: limit), !ASCII.trimmed(text).isEmpty else {
            throw .unprocessable(name, "is required.")
        }
        return text
    }

    /// Text from one of our own programs: what would be refused from a stranger is made harmless instead.
    func cleanedText(_ name: String, limit: Int) -> String? {
        guard let text = self[name]?.string else { return nil }
        let clean = text.unicodeScalars.prefix(limit).map {
            $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : $0
        }
        return String(String.UnicodeScalarView(clean))
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64? {
        guard let value = self[name] else { return nil }
        guard let number = value.wholeNumber, range.contains(number) else {
            throw .unprocessable(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    func requiredInteger(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64 {
        guard let number = try integer(name, in: range) else { throw .unprocessable(name, "is required.") }
        return number
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(Problem) -> Double? {
        guard let value = self[name] else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw .unprocessable(name, "must be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    func requiredNumber(_ name: String, in range: ClosedRange<Double>) throws(Problem) -> Double {
        guard let number = try number(name, in: range) else { throw .unprocessable(name, "is required.") }
        return number
    }

    /// A list of texts; an absent one is empty.
    func texts(_ name: String, limit: Int, characters: Int) throws(Problem) -> [String] {
        guard let value = self[name] else { return [] }
        guard let list = value.array, list.count <= limit else {
            throw .unprocessable(name, "must be a list of at most \(limit) texts.")
        }
        var texts: [String] = []
        for (index, item) in list.enumerated() {
            guard let text = item.string, text.unicodeScalars.count <= characters else {
                throw .unprocessable("\(name)[\(index)]", "must be text of at most \(characters) characters.")
            }
            texts.append(text)
        }
        return texts
    }

    /// An object or a list that is kept as it is and never looked into.
    func document(_ name: String, limit: Int) throws(Problem) -> String? {
        guard let value = self[name] else { return nil }
        guard value.object != nil || value.array != nil else {
            throw .unprocessable(name, "must be an object or a list.")
        }
        let bytes = value.serialized()
        guard bytes.count <= limit else { throw .unprocessable(name, "has more than \(limit) bytes.") }
        return String(decoding: bytes, as: UTF8.self)
    }

    func bool(_ name: String) throws(Problem) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let flag = value.bool else { throw .unprocessable(name, "must be true or false.") }
        return flag
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Problem) -> Choice? {
        guard let value = self[name] else { return nil }
        guard let text = value.string, let choice = Choice(rawValue: text) else {
            throw .unprocessable(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return choice
    }
}

/// A query from outside, read like the body.
struct APIQuery {
    private let query: Query

    init(_ request: Request) throws(Problem) {
        guard let query = Query(request.query ?? "", plusIsSpace: true) else {
            throw Problem(.badRequest, "invalid_query", "The query is not valid percent-encoded UTF-8.")
        }
        self.query = query
    }

    /// Refuses a parameter that is not as it is described.
    func check(_ parameter: APIDescription.Parameter) throws(Problem) {
        let values = query.values(parameter.name)
        guard values.count <= 1 else { throw .invalidParameter(parameter.name, "is given more than once.") }
        guard let text = values.first, let violation = parameter.schema.violations(ofText: text).first else { return }
        throw .invalidParameter(parameter.name, violation.message)
    }

    func text(_ name: String) -> String? { query.first(name).flatMap { $0.isEmpty ? nil : $0 } }

    func limit(default usual: Int, maximum: Int) throws(Problem) -> Int {
        guard let text = text("limit") else { return usual }
        guard let value = ASCII.parseDecimal(text), (1...UInt64(maximum)).contains(value) else {
            throw .invalidParameter("limit", "must be a whole number from 1 to \(maximum).")
        }
        return Int(value)
    }

    func flag(_ name: String) throws(Problem) -> Bool {
        switch text(name) {
        case nil, "false": return false
        case "true": return true
        default: throw .invalidParameter(name, "must be true or false.")
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Problem) -> Choice? {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw .invalidParameter(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return choice
    }
}
