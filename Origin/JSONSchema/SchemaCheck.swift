internal import JSON

/// One value on its way through a schema.
struct SchemaCheck {
    let limit: Int
    private(set) var violations: [SchemaViolation] = []

    init(limit: Int) { self.limit = limit }

    mutating func check(_ value: JSONValue, _ schema: JSONSchema, at path: String) {
        guard violations.count < limit else { return }
        if let kinds = schema.kinds, !kinds.contains(where: { $0.holds(value) }) {
            return note(path, "must be \(kinds.map(\.phrase).joined(separator: " or ")).")
        }
        if let allowed = schema.allowed, !allowed.contains(value) {
            return note(path, Self.mustBeOne(of: allowed))
        }
        switch value {
        case .string(let text): checkText(text, schema, at: path)
        case .integer, .number: checkNumber(value.number ?? 0, schema, at: path)
        case .array(let list): checkList(list, schema, at: path)
        case .object(let object): checkObject(object, schema, at: path)
        case .null, .bool: break
        }
        for part in schema.allOf { check(value, part, at: path) }
        checkAlternatives(value, schema, at: path)
    }

    /// Of alternatives none of which holds, the one with the least wrong is what was meant.
    private mutating func checkAlternatives(_ value: JSONValue, _ schema: JSONSchema, at path: String) {
        guard !schema.oneOf.isEmpty else { return }
        let outcomes = schema.oneOf.map { alternative in
            var check = SchemaCheck(limit: limit)
            check.check(value, alternative, at: path)
            return check.violations
        }
        switch outcomes.count(where: \.isEmpty) {
        case 0:
            for violation in outcomes.min(by: { $0.count < $1.count }) ?? [] { note(violation.path, violation.message) }
        case 1: break
        default: note(path, "is more than one of what it may be.")
        }
    }

    private mutating func checkText(_ text: String, _ schema: JSONSchema, at path: String) {
        let length = text.unicodeScalars.count
        if let minimum = schema.lengths.minimum, length < minimum {
            note(path, minimum == 1 ? "must not be empty." : "must have at least \(minimum) characters.")
        } else if let maximum = schema.lengths.maximum, length > maximum {
            note(path, "has more than \(maximum) characters.")
        } else if let pattern = schema.pattern, !pattern.matches(text) {
            note(path, "must match \(pattern.text).")
        }
    }

    private mutating func checkNumber(_ number: Double, _ schema: JSONSchema, at path: String) {
        guard !schema.numbers.hold(number) else { return }
        switch (schema.numbers.minimum.map(Self.short), schema.numbers.maximum.map(Self.short)) {
        case (let minimum?, let maximum?): note(path, "must be from \(minimum) to \(maximum).")
        case (let minimum?, nil): note(path, "must be at least \(minimum).")
        case (nil, let maximum?): note(path, "must be at most \(maximum).")
        case (nil, nil): break
        }
    }

    private mutating func checkList(_ list: [JSONValue], _ schema: JSONSchema, at path: String) {
        if let minimum = schema.counts.minimum, list.count < minimum {
            note(path, "must have at least \(minimum) elements.")
        } else if let maximum = schema.counts.maximum, list.count > maximum {
            return note(path, "has more than \(maximum) elements.")
        }
        guard case .schema(let items) = schema.items else { return }
        for (index, item) in list.enumerated() { check(item, items, at: "\(path)[\(index)]") }
    }

    private mutating func checkObject(_ object: JSONObject, _ schema: JSONSchema, at path: String) {
        for name in schema.required where object[name] == nil { note(path + Self.step(to: name), "is required.") }
        for member in object.members {
            if let property = schema.properties[member.key] {
                check(member.value, property, at: path + Self.step(to: member.key))
                continue
            }
            switch schema.additional {
            case nil: break
            case .none?: note(path + Self.step(to: member.key), "is no member that is known here.")
            case .schema(let other)?: check(member.value, other, at: path + Self.step(to: member.key))
            }
        }
    }

    private mutating func note(_ path: String, _ message: String) {
        guard violations.count < limit else { return }
        violations.append(SchemaViolation(path: path, message: message))
    }

    private static func mustBeOne(of allowed: [JSONValue]) -> String {
        let list = allowed.map { $0.string ?? "\($0)" }.joined(separator: ", ")
        return allowed.count == 1 ? "must be \(list)." : "must be one of \(list)."
    }

    private static func short(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? "\(number)"
    }

    /// The member's place below its object (RFC 9535).
    private static func step(to name: String) -> String {
        let isPlain =
            name.utf8.first.map { !(48...57).contains($0) } ?? false
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
                    || byte >= 0x80
            }
        if isPlain { return "." + name }
        let quoted = name.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return "['\(quoted)']"
    }
}

extension JSONSchema.Kind {
    fileprivate func holds(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.integer, .integer), (.number, .integer), (.number, .number),
            (.string, .string), (.array, .array), (.object, .object):
            true
        case (.integer, .number): value.wholeNumber != nil
        default: false
        }
    }
}
