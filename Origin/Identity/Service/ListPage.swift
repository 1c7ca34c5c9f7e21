internal import Bytes
internal import JSON

/// One page of a list: how many, and after which name; the token for the next page is the last name of this one.
struct ListPage: Sendable {
    /// As many as Cognito gives at once.
    private static let usualLargest: Int64 = 60

    let limit: Int
    /// Empty for the first page.
    let after: String
    private let token: String

    /// Reads the fields `limit` and `token` of an input.
    init(
        _ input: CognitoInput, limit name: String = "Limit", token: String, largest: Int64 = usualLargest
    ) throws(CognitoError) {
        self.token = token
        let wanted = try input.optionalInteger(name, in: 0...largest) ?? 0
        limit = Int(wanted == 0 ? largest : wanted)
        guard let text = try input.optionalText(token) else {
            after = ""
            return
        }
        guard let bytes = Base64.decode(text.utf8, alphabet: .url), let name = String(validating: bytes, as: UTF8.self)
        else { throw .invalidParameter("Value at '\(token)' is not a token that this list has given") }
        after = name
    }

    /// The page of `found`, of which there is one more than fits if the list goes on.
    func output<Item>(
        _ name: String, _ found: [Item], _ describe: (Item) -> JSONValue, key: (Item) -> String
    ) -> JSONValue {
        let page = found.prefix(limit)
        var output: JSONObject = [name: .array(page.map(describe))]
        if found.count > limit, let last = page.last {
            output[token] = .string(Base64.encode(Array(key(last).utf8), alphabet: .url))
        }
        return .object(output)
    }
}
