/// Text with `{placeholders}`, taken apart once.
public struct TemplateText: Sendable, Equatable {
    private enum Piece: Sendable, Equatable {
        case literal(String)
        case value(String)
    }

    private var pieces: [Piece] = []

    /// A placeholder is letters in braces; any other brace is itself, as those of a style sheet are.
    public init(_ source: some StringProtocol) {
        var rest = Substring(source)
        while let open = rest.firstIndex(of: "{") {
            let inner = rest[rest.index(after: open)...]
            let name = inner.prefix { $0.isASCII && $0.isLetter }
            if !name.isEmpty, name.endIndex < inner.endIndex, inner[name.endIndex] == "}" {
                pieces.append(.literal(String(rest[..<open])))
                pieces.append(.value(String(name)))
                rest = inner[inner.index(after: name.endIndex)...]
            } else {
                pieces.append(.literal(String(rest[...open])))
                rest = inner
            }
        }
        pieces.append(.literal(String(rest)))
    }

    /// The placeholders in order.
    public var placeholders: [String] {
        pieces.compactMap { if case .value(let name) = $0 { name } else { nil } }
    }

    /// The text with values in their places, each as `escape` makes it; a value that is missing is nothing.
    public func filled(with values: [String: String], escape: (String) -> String = { $0 }) -> String {
        pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .value(let name): escape(values[name] ?? "")
            }
        }.joined()
    }
}
