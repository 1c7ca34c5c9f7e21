import Bytes
import Testing

@testable import OAuth

@Suite struct ClientCredentialsTests {
    private static func basic(_ text: String) -> [String] { ["Basic " + Base64.encode(Array(text.utf8))] }

    private static func read(_ authorization: [String], _ form: String = "") throws(OAuthError) -> ClientCredentials {
        guard let parameters = OAuthParameters(form) else { throw OAuthError(.serverError, "no form") }
        return try ClientCredentials(authorization: authorization, parameters)
    }

    @Test func `a client says who it is by Basic, escaped or not, or in the form`() throws {
        for (field, secret) in [("c:s+t_u", "s+t_u"), ("c:s%2Bt_u", "s+t_u"), ("c:a:b", "a:b"), ("c:", nil)]
            as [(String, String?)]
        {
            let credentials = try Self.read(Self.basic(field))
            #expect(credentials.clientId == "c" && credentials.secret == secret, "\(field)")
        }
        let form = try Self.read([], "client_id=c&client_secret=s%2Bt")
        #expect(form.clientId == "c" && form.secret == "s+t")
        #expect(try Self.read([], "client_id=c&client_secret=").secret == nil)
        #expect(try Self.read(Self.basic("c:s"), "client_id=c").clientId == "c")
    }

    @Test func `two ways at once, two clients and what is no Basic are refused`() {
        for (fields, form, code) in [
            (Self.basic("c:s"), "client_secret=s", .invalidRequest),
            (Self.basic("c:s"), "client_id=d", .invalidRequest),
            (Self.basic("c:s") + Self.basic("c:s"), "", .invalidRequest), (Self.basic("cs"), "", .invalidClient),
            (Self.basic(":s"), "", .invalidClient), (Self.basic("c:%zz"), "", .invalidClient),
            (Self.basic("%ff:s"), "", .invalidClient), (["Basic"], "", .invalidClient),
            (["Basic *"], "", .invalidClient), (["Bearer x"], "client_id=c", .invalidClient),
            ([], "client_secret=s", .invalidClient), ([], "client_id=c&client_id=c", .invalidClient),
        ] as [([String], String, OAuthError.Code)] {
            let error = #expect(throws: OAuthError.self) { try Self.read(fields, form) }
            #expect(error?.code == code, "\(fields) \(form)")
        }
    }
}
