/// Writes the small XML documents of S3's answers.
struct XMLDocument {
    private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    var bytes: [UInt8] { Array(text.utf8) }

    /// An element with children; `namespace` is S3's, which its clients insist on for lists.
    mutating func element(_ name: String, namespace: Bool = false, _ children: (inout XMLDocument) -> Void) {
        text += "<\(name)"
        if namespace { text += " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"" }
        text += ">"
        children(&self)
        text += "</\(name)>"
    }

    /// An element with text.
    mutating func element(_ name: String, _ value: String) {
        text += "<\(name)>\(XMLDocument.escaped(value))</\(name)>"
    }

    /// Text inside the element that is open.
    mutating func appendText(_ value: String) { text += XMLDocument.escaped(value) }

    /// Escapes what ends text or an attribute, and what XML 1.0 cannot hold.
    static func escaped(_ value: String) -> String {
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
