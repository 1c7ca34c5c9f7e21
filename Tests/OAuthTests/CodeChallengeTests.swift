import Testing

@testable import OAuth

@Suite struct CodeChallengeTests {
    @Test func `the example of RFC 7636 is met by its verifier and by no other`() throws {
        let challenge = try #require(CodeChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"))
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(challenge.isMet(by: verifier))
        for other in [
            "", challenge.text, String(verifier.dropLast()), verifier + "a", verifier.uppercased(),
            String(repeating: "a", count: 42), String(repeating: "a", count: 129),
        ] {
            #expect(!challenge.isMet(by: other), "\(other)")
        }
    }

    @Test func `a verifier has only bytes that it may have`() throws {
        // The hash of 43 blanks, which a verifier may not hold.
        let blanks = String(repeating: " ", count: 43)
        let challenge = try #require(CodeChallenge("YKNVoCf0iNGlplWBBfEdjFx8Yt6sPzOgwbpZgmPVGGU"))
        #expect(!challenge.isMet(by: blanks))
    }
}
