import JSON

/// One pass over a document: collects every problem and fills in defaults.
struct Validation {
    var problems: [ConfigurationProblem] = []

    mutating func check(object value: JSONValue, against parameters: [Parameter], at path: String) -> JSONObject {
        guard let object = value.object else {
            refuse(path, "expected an object, found \(value.describedForPeople)")
            return [:]
        }
        refuseUnknownKeys(of: object, known: parameters.map(\.key), at: path)
        var checked = JSONObject()
        for parameter in parameters {
            let place = "\(path).\(parameter.key)"
            guard let found = object[parameter.key] ?? parameter.defaultValue, found != .null else {
                if parameter.isRequired { refuse(place, "is required: \(parameter.meaning)") }
                continue
            }
            checked[parameter.key] = check(found, is: parameter.kind, at: place)
        }
        return checked
    }

    private mutating func check(_ value: JSONValue, is kind: Parameter.Kind, at path: String) -> JSONValue {
        switch kind {
        case .text:
            if value.string == nil { refuse(path, "expected text, found \(value.describedForPeople)") }
        case .boolean:
            if value.bool == nil { refuse(path, "expected true or false, found \(value.describedForPeople)") }
        case .integer(let range, let unit):
            check(value, isWithin: range, unit: unit, at: path)
        case .choice(let allowed):
            if value.string.map(allowed.contains) != true {
                refuse(path, "\(value.describedForPeople) is not one of \(allowed.joined(separator: ", "))")
            }
        case .texts:
            if value.array?.allSatisfy({ $0.string != nil }) != true {
                refuse(path, "expected an array of texts, found \(value.describedForPeople)")
            }
        case .integers(let range, let unit):
            guard let elements = value.array else {
                refuse(path, "expected an array of whole numbers of \(unit), found \(value.describedForPeople)")
                break
            }
            for (index, element) in elements.enumerated() {
                check(element, isWithin: range, unit: unit, at: "\(path)[\(index)]")
            }
        case .secret:
            checkSecret(value, at: path)
        case .section(let nested):
            return .object(check(object: value, against: nested, at: path))
        case .list(let nested):
            return checkList(value, of: nested, at: path)
        case .map(let nested):
            return checkMap(value, of: nested, at: path)
        }
        return value
    }

    private mutating func check(
        _ value: JSONValue, isWithin range: ClosedRange<Int>, unit: String, at path: String
    ) {
        guard let number = value.integer else {
            return refuse(path, "expected a whole number of \(unit), found \(value.describedForPeople)")
        }
        if number < range.lowerBound || number > range.upperBound {
            refuse(path, "\(number) \(unit) is outside the allowed range \(range.lowerBound)…\(range.upperBound)")
        }
    }

    private mutating func checkSecret(_ value: JSONValue, at path: String) {
        if value.string != nil { return }
        if let object = value.object, object.members.count == 1,
            (object["file"] ?? object["environment"])?.string != nil
        {
            return
        }
        refuse(path, #"expected text, {"file": PATH} or {"environment": NAME}, found another shape"#)
    }

    private mutating func checkList(_ value: JSONValue, of nested: [Parameter], at path: String) -> JSONValue {
        guard let elements = value.array else {
            refuse(path, "expected an array, found \(value.describedForPeople)")
            return .array([])
        }
        var checked: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            checked.append(.object(check(object: element, against: nested, at: "\(path)[\(index)]")))
        }
        return .array(checked)
    }

    private mutating func checkMap(_ value: JSONValue, of nested: [Parameter], at path: String) -> JSONValue {
        guard let object = value.object else {
            refuse(path, "expected an object, found \(value.describedForPeople)")
            return [:]
        }
        var checked = JSONObject()
        for member in object.members {
            checked[member.key] = .object(check(object: member.value, against: nested, at: "\(path).\(member.key)"))
        }
        return .object(checked)
    }

    private mutating func refuseUnknownKeys(of object: JSONObject, known: [String], at path: String) {
        for member in object.members where !known.contains(member.key) {
            let advice = NearestName.of(member.key, among: known).map { "did you mean \"\($0)\"?" }
            refuse(
                "\(path).\(member.key)",
                "is not a known key; \(advice ?? "known keys: \(known.joined(separator: ", "))")")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}

extension JSONValue {
    /// Short enough for an error line; nested values are named, not printed.
    var describedForPeople: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        default: description
        }
    }
}
