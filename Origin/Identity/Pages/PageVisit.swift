internal import Catalog
internal import HTTPServer
internal import HTTPWire

/// A request for a page, with what the pages know of the browser that sent it.
struct PageVisit: Sendable {
    let request: Request
    let purpose: SignInPurpose
    let client: IdentityClient
    /// What the forms of this browser carry.
    let token: String
    /// The secret that `token` is made of, and that notices are sealed for.
    let secret: String
    /// What the form before this page came to.
    let notice: PageNotice
    /// What was typed; empty for a page that is only looked at.
    var form = Query()

    /// The text of a field; empty where it is missing.
    func typed(_ name: PageField.Name) -> String { form.first(name.rawValue) ?? "" }

    /// The user name of the form: the name as it was typed, but for blanks around it.
    var username: String {
        var name = Substring(typed(.username))
        while name.first?.isWhitespace == true { name.removeFirst() }
        while name.last?.isWhitespace == true { name.removeLast() }
        return String(name)
    }
}
