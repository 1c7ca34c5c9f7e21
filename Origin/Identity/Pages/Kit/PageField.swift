internal import Templates

/// A field of a form.
struct PageField: Sendable {
    /// Its name in the form, and its id in the page.
    enum Name: String, Sendable {
        case username
        case password
        case newPassword = "new-password"
        case code
        case recoveryCode = "recovery-code"
    }

    private static let template = HTMLTemplate(PackageResources.field_html)
    private static let hint = HTMLTemplate(PackageResources.hint_html)
    private static let error = HTMLTemplate(PackageResources.error_html)
    private static let described = HTMLTemplate(PackageResources.described_html)
    private static let invalid = HTMLTemplate(PackageResources.invalid_html).filled(with: [:])
    private static let autofocus = HTMLTemplate(PackageResources.autofocus_html).filled(with: [:])

    let name: Name
    let label: String
    /// What is said below it.
    var hint: String?
    /// What stands in it; never a password.
    var value = ""

    /// `autocomplete` says what the field is to the programs that fill it in.
    private var kind: (type: String, autocomplete: String, inputMode: String, limit: Int) {
        switch name {
        case .username: ("text", "username", "email", 128)
        case .password: ("password", "current-password", "text", 256)
        case .newPassword: ("password", "new-password", "text", 256)
        case .code: ("text", "one-time-code", "numeric", 16)
        case .recoveryCode: ("text", "off", "text", 32)
        }
    }

    /// - Parameters:
    ///   - problem: what is wrong with what was typed.
    ///   - hasFocus: whether typing begins here.
    func html(_ problem: PageText?, hasFocus: Bool) -> HTML {
        var (below, ids, attributes): ([HTML], [String], [HTML]) = ([], [], [])
        if let problem {
            below.append(Self.error.filled(with: ["name": HTML(name.rawValue), "text": HTML(problem.text)]))
            ids.append("\(name.rawValue)-error")
            attributes.append(Self.invalid)
        }
        if let hint {
            below.append(Self.hint.filled(with: ["name": HTML(name.rawValue), "text": HTML(hint)]))
            ids.append("\(name.rawValue)-hint")
        }
        if !ids.isEmpty { attributes.append(Self.described.filled(with: ["ids": HTML(ids.joined(separator: " "))])) }
        if hasFocus { attributes.append(Self.autofocus) }
        return Self.template.filled(with: [
            "name": HTML(name.rawValue), "label": HTML(label), "type": HTML(kind.type), "value": HTML(value),
            "autocomplete": HTML(kind.autocomplete), "inputmode": HTML(kind.inputMode), "limit": HTML("\(kind.limit)"),
            "attributes": HTML(joining: attributes), "below": HTML(joining: below),
        ])
    }
}
