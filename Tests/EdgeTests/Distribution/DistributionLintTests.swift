import Configuration
import JSON
import Testing

@testable import Edge

@Suite struct DistributionLintTests {
    private static let signed: JSONValue = ["Enabled": true, "Items": ["playback"]]

    /// Behaviors by pattern; those with a `+` want signatures.
    private func warnings(
        _ patterns: [String], signedDefault: Bool = false, _ change: (inout JSONObject) -> Void = { _ in }
    ) throws -> [String] {
        var document = try #require(DistributionTests.minimal.object)
        document["CacheBehaviors"] = .array(
            patterns.map { text in
                var behavior: JSONObject = [
                    "PathPattern": .string(text.replacing("+", with: "")), "TargetOriginId": "app",
                ]
                if text.hasPrefix("+") { behavior["TrustedKeyGroups"] = Self.signed }
                return .object(behavior)
            })
        if signedDefault {
            document["DefaultCacheBehavior"] = ["TargetOriginId": "app", "TrustedKeyGroups": Self.signed]
        }
        change(&document)
        return DistributionLint(try Distribution(.object(document))).warnings.map(\.description)
    }

    @Test(arguments: [
        ["+/media/*", "/media/*.jpg"], ["/assets/*", "+/media/*"], ["+/media/private/*", "/media/*"],
        ["/a/*", "+/b/*", "/c/*"], ["+/a/*", "+/a/b/*.jpg"],
    ])
    func `an order that protects what it says has no warnings`(patterns: [String]) throws {
        #expect(try warnings(patterns).filter { !$0.contains("never reached") } == [])
    }

    @Test func `the distribution that Weir ships has no warnings`() throws {
        let document = try JSONValue.parse(try RepositoryFile.read("EdgeConfig/distribution.json"))
        #expect(DistributionLint(try Distribution(document)).warnings == [])
    }

    @Test func `a public behavior that opens some of a signed one's paths is named, with such a path`() throws {
        #expect(
            try warnings(["/media/*.jpg", "+/media/*"]) == [
                "$.CacheBehaviors[1].PathPattern: \"/media/*\" wants signatures, but \"/media/*.jpg\" comes first and opens "
                    + "some of its paths to everybody, such as /media/.jpg. List \"/media/*\" before it, or give "
                    + "\"/media/*.jpg\" TrustedKeyGroups"
            ])
    }

    @Test func `a signed behavior that is never reached is said to be open`() throws {
        #expect(
            try warnings(["/media/*", "+/media/private/*"]) == [
                "$.CacheBehaviors[1].PathPattern: \"/media/private/*\" is never reached: \"/media/*\" matches all of its paths "
                    + "and comes first; what it protects is open to everybody. List it earlier, or remove it"
            ])
    }

    @Test func `behaviors that others match together are unreachable too, also the default one`() throws {
        #expect(
            try warnings(["/a", "/a?*", "/a*"]).first?.contains(
                "\"/a*\" is never reached: \"/a\", \"/a?*\" match all of its paths and come first. List") == true)
        let found = try warnings(["/*"], signedDefault: true)
        #expect(found.first?.hasPrefix("$.DefaultCacheBehavior: \"default\" is never reached") == true)
        #expect(found.first?.contains("open to everybody") == true)
    }

    @Test func `public exceptions of a signed default are no accident`() throws {
        #expect(try warnings(["/assets/*", "/favicon.ico"], signedDefault: true) == [])
    }

    @Test func `an origin that nobody uses is named`() throws {
        let found = try warnings([]) {
            $0["Origins"] = [["Id": "app"], ["Id": "old"], ["Id": "a"]]
            $0["OriginGroups"] = [["Id": "g", "Members": [["OriginId": "app"], ["OriginId": "a"]]]]
        }
        #expect(
            found == [
                "$.OriginGroups[0].Id: \"g\" is used by no behavior",
                "$.Origins[1].Id: \"old\" is used by no behavior and no origin group that one uses",
                "$.Origins[2].Id: \"a\" is used by no behavior and no origin group that one uses",
            ])
    }

    @Test func `what one client's request makes of everybody's response is named`() throws {
        let found = try warnings([]) {
            $0["CachePolicies"] = [
                [
                    "Id": "p", "SetCookieBehavior": "replayed",
                    "ParametersInCacheKeyAndForwardedToOrigin": [
                        "HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": ["User-Agent"]]
                    ],
                ]
            ]
            $0["OriginRequestPolicies"] = [["Id": "o", "CookiesConfig": ["CookieBehavior": "all"]]]
            $0["DefaultCacheBehavior"] = [
                "TargetOriginId": "app", "CachePolicyId": "p", "OriginRequestPolicyId": "o", "Compress": true,
            ]
        }
        #expect(found.count == 4)
        #expect(found[0].contains("replays Set-Cookie"))
        #expect(found[1].hasPrefix("$.DefaultCacheBehavior.OriginRequestPolicyId: \"o\" sends cookies"))
        #expect(found[2].contains("user-agent in its key"))
        #expect(found[3].hasPrefix("$.DefaultCacheBehavior.Compress: does nothing"))
    }

    @Test func `a page that is not cached is a second request in bad times`() throws {
        let found = try warnings([]) {
            $0["CustomErrorResponses"] = [["ErrorCode": 502, "ResponsePagePath": "/e/502.html"]]
        }
        #expect(
            found.first?.hasPrefix("$.CustomErrorResponses: the page /e/502.html for 502 is of \"default\"") == true)
    }
}
