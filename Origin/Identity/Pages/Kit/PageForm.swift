internal import HTTPServer
internal import Templates

/// A page with a form, as data.
struct PageForm: Sendable {
    private static let form = HTMLTemplate(PackageResources.form_html)
    private static let button = HTMLTemplate(PackageResources.button_html)
    private static let link = HTMLTemplate(PackageResources.link_html)
    private static let links = HTMLTemplate(PackageResources.links_html)
    private static let alert = HTMLTemplate(PackageResources.alert_html)
    private static let notice = HTMLTemplate(PackageResources.notice_html)

    let title: String
    /// What it is for, in a sentence.
    let introduction: String
    /// Where the form goes.
    let path: String
    /// Which step of several on one path it answers; empty where there is one.
    var step = ""
    /// What stands between the introduction and the form.
    var figure: HTML = ""
    var fields: [PageField] = []
    /// What the button says that sends it.
    let submit: String
    /// Whether that is what people are here for.
    var isMain = true
    /// Buttons that want something else, by the value of `do`.
    var others: [(value: String, label: String)] = []
    /// Other pages.
    var links: [(path: String, label: String)] = []

    /// The page.
    func page(_ visit: PageVisit) -> Response {
        let said = visit.notice.text
        let subject = fields.first { $0.name == said?.field }
        let focus = subject ?? fields.first { $0.value.isEmpty }
        let html = fields.map { field in
            field.html(field.name == subject?.name ? said : nil, hasFocus: field.name == focus?.name)
        }
        var content: [HTML] = []
        if let said, subject == nil {
            content.append((said.isError ? Self.alert : Self.notice).filled(with: ["text": HTML(said.text)]))
        }
        content += [PageLook.text(introduction), figure, form(html, visit)]
        if !links.isEmpty {
            let items = links.map { link in
                Self.link.filled(with: ["address": HTML(visit.purpose.address(link.path)), "label": HTML(link.label)])
            }
            content.append(Self.links.filled(with: ["links": HTML(joining: items)]))
        }
        return PageLook.page(title, isError: said?.isError ?? false, HTML(joining: content))
    }

    private func form(_ fields: [HTML], _ visit: PageVisit) -> HTML {
        let others = others.map { Self.button.filled(with: ["value": HTML($0.value), "label": HTML($0.label)]) }
        return Self.form.filled(with: [
            "action": HTML(visit.purpose.address(path)), "token": HTML(visit.token), "step": HTML(step),
            "fields": HTML(joining: fields), "submit": HTML(submit), "rank": isMain ? "main" : "other",
            "others": HTML(joining: others),
        ])
    }
}
