/// A piece of HTML; text gets into it escaped and in no other way.
public struct HTML: Sendable, Equatable, ExpressibleByStringLiteral {
    let markup: String

    /// Text within an element or a quoted attribute.
    public init(_ text: String) {
        markup = Self.escaped(text)
    }

    /// Text, as `init(_:)`.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// Pieces one after the other.
    public init(joining pieces: [HTML]) {
        markup = pieces.map(\.markup).joined()
    }

    init(markup: String) {
        self.markup = markup
    }

    /// What is sent, UTF-8.
    public var bytes: [UInt8] { Array(markup.utf8) }

    /// Text within an element or a quoted attribute, for whoever fills a `TemplateText`.
    public static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}

/// A file of HTML with `{placeholders}`, each within an element or a quoted attribute.
public struct HTMLTemplate: Sendable {
    private let text: TemplateText

    /// - Parameter source: a file that is part of the program, UTF-8; never anything that was sent.
    public init(_ source: [UInt8]) {
        text = TemplateText(String(decoding: source, as: UTF8.self))
    }

    /// The HTML with a value in the place of every placeholder; traps for one that is missing, or that has no place, which are
    /// bugs of ours.
    public func filled(with values: [String: HTML]) -> HTML {
        precondition(Set(values.keys) == Set(text.placeholders), "values \(values.keys) for \(text.placeholders)")
        return HTML(markup: text.filled(with: values.mapValues(\.markup)))
    }
}
