import Audit
import Bytes
import Catalog
import JSON
import Testing

@testable import Identity

@Suite struct AuthenticatorTests {
    private static let named: JSONObject = ["UserPoolId": .string(Pool.id), "Username": .string(Pool.administrator)]

    private static func verify(_ code: String, in pool: Pool) async -> Answer {
        var input = named
        input["UserCode"] = .string(code)
        return await pool.signedCall("AdminVerifySoftwareToken", .object(input))
    }

    @Test func `the label of a setup address is percent-encoded and its secret is what people type`() {
        let setup = AuthenticatorSetup(
            secret: Array("12345678901234567890".utf8), issuer: "Ann & Bob: films", account: "änn+1@example.com")
        #expect(setup.secretCode == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(
            setup.uri
                == "otpauth://totp/Ann%20%26%20Bob%3A%20films:%C3%A4nn%2B1%40example.com"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ann%20%26%20Bob%3A%20films")
        #expect(
            AuthenticatorSetup(secretCode: setup.secretCode, issuer: "Ann & Bob: films", account: "änn+1@example.com")
                == setup)
    }

    @Test func `an administrator enrols somebody, and is asked for a code of it before anybody else is`() async throws {
        let pool = try await Pool { $0.authenticatorIssuer = "Films" }
        let made = await pool.signedCall("AdminAssociateSoftwareToken", .object(Self.named))
        let code = try #require(made.body["SecretCode"]?.string)
        let secret = try #require(Base32.decode(code))
        #expect(
            made.body["SetupURI"]?.string
                == "otpauth://totp/Films:admin%40example.com?secret=\(code)&issuer=Films")
        #expect(await pool.signIn().tokens != nil)

        #expect(await Self.verify(pool.wrongCode(secret), in: pool).error == "CodeMismatchException")
        #expect(await pool.signIn().tokens != nil)
        #expect(await Self.verify(pool.code(secret), in: pool).body == ["Status": "SUCCESS"])
        let session = await pool.signIn().session
        #expect(await pool.answerCode(pool.code(secret), session: session).error == "ExpiredCodeException")
        #expect(await pool.answerCode(pool.code(secret, stepsFromNow: 1), session: session).tokens != nil)

        let entries = try await pool.catalog.read { try $0.auditLines(after: 0, limit: 100) }.map(\.document)
        let told = entries.filter { $0["action"]?.string?.hasPrefix("authenticator_") == true }
        #expect(told.map { $0["action"]?.string } == ["authenticator_prepared", "authenticator_enrolled"])
        #expect(told.allSatisfy { $0["actor"] == "access-key:AKIATEST" })
        #expect(!entries.contains { $0.description.contains(code) })
    }

    @Test func `what an administrator prepares leaves the authenticator in use alone`() async throws {
        let pool = try await Pool()
        let old = try await pool.enrol()
        #expect(await pool.signedCall("AdminAssociateSoftwareToken", .object(Self.named)).status == 200)
        #expect(await pool.answerCode(pool.code(old), session: await pool.signIn().session).tokens != nil)
    }

    @Test func `nobody enrols others without the key of an administrator`() async throws {
        let pool = try await Pool()
        for operation in ["AdminAssociateSoftwareToken", "AdminVerifySoftwareToken"] {
            #expect(
                await pool.call(operation, .object(Self.named)).error == "MissingAuthenticationTokenException")
            #expect(
                await pool.signedCall(operation, .object(Self.named), key: "AKIAEDGE").error
                    == "UnrecognizedClientException")
        }
    }

    @Test func `a code before anything was prepared, and a name nobody has, are refused`() async throws {
        let pool = try await Pool()
        #expect(await Self.verify("123456", in: pool).error == "SoftwareTokenMFANotFoundException")
        let nobody: JSONValue = ["UserPoolId": .string(Pool.id), "Username": "nobody"]
        #expect(await pool.signedCall("AdminAssociateSoftwareToken", nobody).error == "UserNotFoundException")
    }
}
