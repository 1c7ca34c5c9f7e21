/// A part of a line and how it is set.
struct StyledText {
    enum Style {
        case plain, bold, heading, good, bad, faint
    }

    let style: Style
    let text: String

    static func plain(_ text: String) -> StyledText { StyledText(style: .plain, text: text) }
    static func bold(_ text: String) -> StyledText { StyledText(style: .bold, text: text) }
    static func heading(_ text: String) -> StyledText { StyledText(style: .heading, text: text) }
    static func good(_ text: String) -> StyledText { StyledText(style: .good, text: text) }
    static func bad(_ text: String) -> StyledText { StyledText(style: .bad, text: text) }
    static func faint(_ text: String) -> StyledText { StyledText(style: .faint, text: text) }
}

/// A line.
typealias Styled = [StyledText]

extension Styled {
    /// Columns.
    var width: Int { reduce(0) { $0 + $1.text.count } }
}

/// The terminal's own words for styles (ECMA-48), or none.
struct TerminalStyles {
    let areOn: Bool

    func apply(_ style: StyledText.Style, to text: String) -> String {
        let code: Int? =
            switch style {
            case .plain: nil
            case .bold: 1
            case .heading: 36
            case .good: 32
            case .bad: 31
            case .faint: 2
            }
        guard areOn, let code, !text.isEmpty else { return text }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
}
