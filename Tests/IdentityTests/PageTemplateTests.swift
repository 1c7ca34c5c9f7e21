import Testing

@testable import Identity

@Suite struct PageTemplateTests {
    private static let templates: [[UInt8]] = [
        PackageResources.layout_html, PackageResources.paragraph_html, PackageResources.form_html,
        PackageResources.field_html, PackageResources.hint_html, PackageResources.error_html,
        PackageResources.button_html, PackageResources.link_html, PackageResources.links_html,
        PackageResources.alert_html, PackageResources.notice_html, PackageResources.action_html,
        PackageResources.forward_html, PackageResources.authenticator_html,
    ]

    @Test(arguments: templates)
    func `values stand in quotes or between elements, and no template has a script or a style`(_ bytes: [UInt8]) {
        // The one place within a tag is for attributes that are templates themselves.
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "{attributes}").joined()
        var (isInTag, isQuoted) = (false, false)
        for character in text {
            switch character {
            case "\"" where isInTag: isQuoted.toggle()
            case "<" where !isQuoted: isInTag = true
            case ">" where !isQuoted: isInTag = false
            case "{": #expect(!isInTag || isQuoted, "\(text)")
            default: break
            }
        }
        #expect(!text.contains("<script") && !text.contains("style=") && !text.contains(/\son[a-z]+=/))
    }
}
