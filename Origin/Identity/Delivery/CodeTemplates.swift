public import Mail

/// What the messages say that bring codes and notices: one template for each purpose.
///
/// `PURPOSE.txt` begins with a line `Subject: …` and an empty line; `PURPOSE.html` says the same in HTML and may be missing.
/// Placeholders are `{code}`, which text and HTML must have unless they are a notice's, `{username}` and `{site}`, the address of the pages.
public struct CodeTemplates: Sendable, Equatable {
    private static let suffixes = (text: ".txt", html: ".html")

    private let templates: [CodeMessage.Purpose: MailTemplate]

    /// The built-in templates, those of `files` in their place: whoever gives the text of a purpose gives its HTML as well, or
    /// there is none.
    ///
    /// - Parameter files: by name.
    /// - Throws: `MailTemplateRefused` for a template that is wrong, and a file that belongs to none.
    public init(files: [String: [UInt8]] = [:]) throws(MailTemplateRefused) {
        let purposes = CodeMessage.Purpose.allCases
        let known = purposes.flatMap { [$0.rawValue + Self.suffixes.text, $0.rawValue + Self.suffixes.html] }
        if let name = files.keys.sorted().first(where: { !known.contains($0) }) {
            throw MailTemplateRefused(file: name, reason: "is no template; there are \(known.joined(separator: ", "))")
        }
        var templates: [CodeMessage.Purpose: MailTemplate] = [:]
        for purpose in purposes { templates[purpose] = try Self.template(for: purpose, files) }
        self.templates = templates
    }

    /// Whether a file of a folder is meant to be a template; other files may lie beside them.
    public static func isTemplate(_ name: String) -> Bool {
        name.hasSuffix(suffixes.text) || name.hasSuffix(suffixes.html)
    }

    private static func template(
        for purpose: CodeMessage.Purpose, _ files: [String: [UInt8]]
    ) throws(MailTemplateRefused) -> MailTemplate {
        let (textName, htmlName) = (purpose.rawValue + suffixes.text, purpose.rawValue + suffixes.html)
        if files[textName] == nil, files[htmlName] != nil {
            throw MailTemplateRefused(file: htmlName, reason: "needs \(textName) beside it, which has the subject")
        }
        let builtIn = purpose.builtIn
        let text = files[textName] ?? builtIn.text
        let html = files[textName] == nil ? builtIn.html : files[htmlName]
        return try MailTemplate(
            text: MailTemplate.File(name: textName, content: text),
            html: html.map { MailTemplate.File(name: htmlName, content: $0) },
            placeholders: ["code", "username", "site"], required: purpose.hasCode ? ["code"] : [])
    }

    func content(of message: CodeMessage, site: String) -> MailContent {
        guard let template = templates[message.purpose] else { preconditionFailure("every purpose has a template") }
        return template.filled(with: ["code": message.code, "username": message.username, "site": site])
    }
}

extension CodeMessage.Purpose {
    fileprivate var builtIn: (text: [UInt8], html: [UInt8]?) {
        switch self {
        case .signUp: (PackageResources.sign_up_txt, PackageResources.sign_up_html)
        case .invitation: (PackageResources.invitation_txt, PackageResources.invitation_html)
        case .passwordReset: (PackageResources.password_reset_txt, PackageResources.password_reset_html)
        case .passwordTaken: (PackageResources.password_taken_txt, PackageResources.password_taken_html)
        case .nameTaken: (PackageResources.name_taken_txt, PackageResources.name_taken_html)
        case .providerLinked: (PackageResources.provider_linked_txt, PackageResources.provider_linked_html)
        case .attributeVerification:
            (PackageResources.attribute_verification_txt, PackageResources.attribute_verification_html)
        case .recoveryCodesMade: (PackageResources.recovery_codes_made_txt, PackageResources.recovery_codes_made_html)
        case .recoveryCodeUsed: (PackageResources.recovery_code_used_txt, PackageResources.recovery_code_used_html)
        case .secondFactorGuessed:
            (PackageResources.second_factor_guessed_txt, PackageResources.second_factor_guessed_html)
        }
    }
}
