/// Writes the small XML documents of AWS's REST protocols.
public struct XMLDocument: Sendable {
    /// The document so far.
    public private(set) var text: String

    /// The document so far, UTF-8.
    public var bytes: [UInt8] { Array(text.utf8) }

    /// A document that holds nothing but its declaration.
    public init() {
        text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    }

    /// An element with children; `namespace` becomes the default namespace in it.
    public mutating func element(
        _ name: String, namespace: String? = nil, attributes: KeyValuePairs<String, String> = [:],
        _ children: (inout XMLDocument) -> Void
    ) {
        text += "<\(name)"
        if let namespace { text += " xmlns=\"\(XMLDocument.escaped(namespace))\"" }
        for (name, value) in attributes { text += " \(name)=\"\(XMLDocument.escaped(value))\"" }
        text += ">"
        children(&self)
        text += "</\(name)>"
    }

    /// An element with text.
    public mutating func element(_ name: String, _ value: String) {
        text += "<\(name)>\(XMLDocument.escaped(value))</\(name)>"
    }

    /// Text inside the element that is open.
    public mutating func appendText(_ value: String) { text += XMLDocument.escaped(value) }

    /// Escapes what ends text or an attribute, and what XML 1.0 cannot hold.
    public static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\r": result += "&#13;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
