internal import Configuration
internal import Templates

/// What a kind of message says, with places for what differs from one to the next.
public struct MailTemplate: Sendable, Equatable {
    /// A file of a template.
    public struct File: Sendable, Equatable {
        /// What people call it, in errors.
        public let name: String
        /// UTF-8.
        public let content: [UInt8]

        /// A file's content under its name.
        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    private let subject: TemplateText
    private let text: TemplateText
    private let html: TemplateText?

    /// Reads a template of two files: the text, which begins with a line `Subject: …` and an empty one, and the HTML.
    ///
    /// - Parameters:
    ///   - placeholders: all there are.
    ///   - required: those that the text and the HTML each must have, since a message without is of no use.
    /// - Throws: `MailTemplateRefused` for the first thing that is wrong.
    public init(
        text file: File, html htmlFile: File?, placeholders: [String], required: [String]
    ) throws(MailTemplateRefused) {
        let lines = try Self.decoded(file).split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, lines[0].hasPrefix("Subject:"), lines[1].isEmpty else {
            throw MailTemplateRefused(
                file: file.name, reason: "does not begin with a line \"Subject: …\" and an empty line")
        }
        subject = TemplateText(lines[0].dropFirst("Subject:".count).drop { $0 == " " })
        text = TemplateText(lines[2])
        html = try htmlFile.map { file throws(MailTemplateRefused) in TemplateText(try Self.decoded(file)) }
        try Self.check(subject, of: file, placeholders, required: [])
        try Self.check(text, of: file, placeholders, required: required)
        if let html, let htmlFile { try Self.check(html, of: htmlFile, placeholders, required: required) }
    }

    /// The words with these values, which are escaped in HTML.
    public func filled(with values: [String: String]) -> MailContent {
        MailContent(
            subject: subject.filled(with: values), text: text.filled(with: values),
            html: html?.filled(with: values, escape: HTML.escaped))
    }

    /// Lines end in a line feed afterwards.
    private static func decoded(_ file: File) throws(MailTemplateRefused) -> String {
        guard let text = String(validating: file.content, as: UTF8.self) else {
            throw MailTemplateRefused(file: file.name, reason: "is not UTF-8")
        }
        return String(text.map { $0 == "\r\n" ? "\n" : $0 })
    }

    private static func check(
        _ text: TemplateText, of file: File, _ placeholders: [String], required: [String]
    ) throws(MailTemplateRefused) {
        for name in text.placeholders where !placeholders.contains(name) {
            let advice =
                NearestName.of(name, among: placeholders).map { "did you mean {\($0)}?" }
                ?? "there are \(placeholders.map { "{\($0)}" }.joined(separator: ", "))"
            throw MailTemplateRefused(file: file.name, reason: "{\(name)} is not a placeholder; \(advice)")
        }
        for name in required where !text.placeholders.contains(name) {
            throw MailTemplateRefused(file: file.name, reason: "{\(name)} is missing")
        }
    }
}

/// Why a template cannot be used.
public struct MailTemplateRefused: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// What is wrong with it, and the way out.
    public let reason: String

    /// A refusal of a file.
    public init(file: String, reason: String) {
        self.file = file
        self.reason = reason
    }

    /// One line for a terminal.
    public var description: String { "\(file): \(reason)" }
}
