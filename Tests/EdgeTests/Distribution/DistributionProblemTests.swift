import Configuration
import JSON
import Testing

@testable import Edge

/// What `--check` says of a distribution: the place, the value, and the way out, of every problem at once.
@Suite struct DistributionProblemTests {
    private func problems(_ change: (inout JSONObject) -> Void) -> [String] {
        guard case .object(var document) = DistributionTests.minimal else { return [] }
        change(&document)
        return DistributionCheck(JSONValue.object(document).serialized()).problems.map(\.description)
    }

    @Test func `text that is no JSON is refused with its place`() {
        let check = DistributionCheck(Array("{\"Id\": }".utf8))
        #expect(check.problems.count == 1)
        #expect(check.problems.first?.description.hasPrefix("$: is not JSON: ") == true)
    }

    @Test func `all problems are told at once`() {
        let found = problems {
            $0["Id"] = "a/b"
            $0["Aliases"] = ["https://a.test", "b.test", "B.test"]
            $0["DefaultRootObject"] = "/index.html"
            $0["CacheBehaviors"] = [
                ["PathPattern": "/a//b", "TargetOriginId": "nowhere"],
                ["PathPattern": "/b", "TargetOriginId": "app", "AllowedMethods": ["get"]],
            ]
        }
        let expected = [
            "$.CacheBehaviors[0].PathPattern: \"/a//b\" holds \"//\", and the edge refuses paths with an empty segment: "
                + "write one slash",
            "$.CacheBehaviors[0].TargetOriginId: \"nowhere\" is not one of app",
            "$.CacheBehaviors[1].AllowedMethods[0]: \"get\" must be in capitals: GET",
            "$.Id: \"a/b\" is not 1 to 64 letters, digits, '-' and '_'",
            "$.Aliases[0]: \"https://a.test\" must be a host name without scheme, port and path, such as video.example.com",
            "$.Aliases[2]: \"b.test\" is given twice",
            "$.DefaultRootObject: \"/index.html\" is not the path of an object without its first slash, such as index.html",
        ]
        #expect(Set(found) == Set(expected))
    }

    @Test func `a wrong shape and unknown names are told at once`() {
        let found = problems {
            $0["Comment"] = 7
            $0["OriginGroups"] = [["Id": "pair", "Members": [["OriginId": "app"], ["OriginId": "ap"]], "Nonsense": 1]]
            $0["CachePolicies"] = [["Id": "media", "MinTTL": "soon"]]
            $0["CacheBehaviors"] = [
                [
                    "PathPattern": "/a", "TargetOriginId": "pear", "CachePolicyId": "medai", "Compress": "yes",
                    "OriginRequestPolicyId": "o",
                ],
                ["PathPattern": "/b", "TargetOriginId": "pair", "CachePolicyId": "media"],
            ]
            $0["DefaultCacheBehavior"] = ["TargetOriginId": "app", "ResponseHeadersPolicyId": "r"]
        }
        #expect(
            found == [
                "$.Comment: expected text, found 7",
                "$.OriginGroups[0].Nonsense: is not a known key; known keys: Id, FailoverCriteria, Members",
                "$.CachePolicies[0].MinTTL: expected a whole number of seconds, found \"soon\"",
                "$.CacheBehaviors[0].Compress: expected true or false, found \"yes\"",
                "$.OriginGroups[0].Members[1].OriginId: \"ap\" is not one of app; did you mean \"app\"?",
                "$.CacheBehaviors[0].TargetOriginId: \"pear\" is not one of app, pair; did you mean \"pair\"?",
                "$.CacheBehaviors[0].CachePolicyId: \"medai\" is not one of media, CachingDisabled; did you mean \"media\"?",
                "$.CacheBehaviors[0].OriginRequestPolicyId: \"o\" is not defined in this document",
                "$.DefaultCacheBehavior.ResponseHeadersPolicyId: \"r\" is not defined in this document",
            ])
    }

    @Test func `a name is not looked for where nothing could be read`() {
        let found = problems {
            $0["Origins"] = [["Id": "app"], ["id": "media"]]
            $0["CachePolicys"] = [["Id": "media"]]
            $0["ResponseHeadersPolicies"] = "r"
            $0["OriginRequestPolicies"] = [["Id": 7]]
            $0["DefaultCacheBehavior"] = [
                "TargetOriginId": "media", "CachePolicyId": "media", "ResponseHeadersPolicyId": "r",
                "OriginRequestPolicyId": "7",
            ]
        }
        #expect(found.count == 5)
        #expect(!found.contains { $0.hasPrefix("$.DefaultCacheBehavior") })
        let without = problems {
            $0["Origins"] = nil
            $0["DefaultCacheBehavior"] = ["TargetOriginId": "app", "CachePolicyId": 7]
        }
        #expect(without.count == 2)
        #expect(without.contains { $0.hasPrefix("$.Origins: is required") })
        #expect(without.contains { $0.hasPrefix("$.DefaultCacheBehavior.CachePolicyId: expected text") })
    }

    @Test(arguments: [
        ("/a b", "holds a blank"), ("/é", "holds a blank"), ("/a#b", "holds a '#'"), ("/%7Ea", "escapes '~'"),
        ("/%c3%a9", "in small letters"), ("/100%", "without two hexadecimal digits"),
    ])
    func `a pattern that no path can match is refused`(pattern: String, reason: String) {
        let found = problems {
            $0["CacheBehaviors"] = [["PathPattern": .string(pattern), "TargetOriginId": "app"]]
        }
        #expect(found.count == 1)
        #expect(found.first?.contains(reason) == true)
    }

    @Test(arguments: ["/a", "a/*", "*.jpg", "/%C3%A9/?*", "/a%20b", "/*"])
    func `a pattern that paths can match is taken`(pattern: String) {
        #expect(PathPattern.problem(of: pattern) == nil)
    }

    @Test(arguments: [
        ("Cache Tag", "is not the name of a header field"), ("", "is not the name of a header field"),
        ("connection", "is of the connection, which the edge keeps itself"), ("Age", "is the edge's own to write"),
        ("ETag", "tells versions apart, of which ranges and slices are made"),
        ("set-cookie", "says something else to clients"),
    ])
    func `a field that cannot hold tags is refused`(name: String, reason: String) {
        let found = problems { $0["CacheTagConfig"] = ["HeaderName": .string(name)] }
        #expect(found == ["$.CacheTagConfig.HeaderName: \"\(name)\" \(reason)"])
    }

    @Test func `names in a cache key are checked one by one`() {
        let found = problems {
            $0["CachePolicies"] = [
                [
                    "Id": "p",
                    "ParametersInCacheKeyAndForwardedToOrigin": [
                        "HeadersConfig": [
                            "HeaderBehavior": "whitelist",
                            "Headers": [
                                "Cookie", "authorization", "Host", "Accept-Encoding", "Range", "a b", "X-Good",
                            ],
                        ],
                        "CookiesConfig": ["CookieBehavior": "whitelist"],
                        "QueryStringsConfig": ["QueryStrings": ["a"]],
                    ],
                ]
            ]
        }
        let place = "$.CachePolicies[0].ParametersInCacheKeyAndForwardedToOrigin"
        #expect(found.count == 8)
        #expect(found.contains("\(place).HeadersConfig.Headers[0]: \"Cookie\" is told by CookiesConfig"))
        #expect(
            found.contains { $0.hasPrefix("\(place).HeadersConfig.Headers[1]: \"authorization\" is never in a key") })
        #expect(found.contains { $0.contains("Headers[2]: \"Host\" is the origin's own") })
        #expect(found.contains { $0.contains("Headers[3]: \"Accept-Encoding\" is told by EnableAcceptEncodingGzip") })
        #expect(found.contains("\(place).HeadersConfig.Headers[4]: \"Range\" is the edge's own to write"))
        #expect(found.contains("\(place).HeadersConfig.Headers[5]: \"a b\" is not the name of a header field"))
        #expect(
            found.contains(
                "\(place).CookiesConfig.Cookies: is empty, and CookieBehavior is \"whitelist\": name at least one"))
        #expect(
            found.contains(
                "\(place).QueryStringsConfig.QueryStrings: names a, which QueryStringBehavior \"none\" does not look at: "
                    + "leave it out, or choose whitelist"))
    }

    @Test func `fields of responses cannot split a head or take what the edge needs`() {
        let found = problems {
            $0["ResponseHeadersPolicies"] = [
                [
                    "Id": "r",
                    "CustomHeaders": [
                        ["Header": "X-A", "Value": "a\r\nSet-Cookie: b"], ["Header": "X A", "Value": ""],
                        ["Header": "Via", "Value": "me"],
                    ],
                    "RemoveHeaders": ["Content-Type", "Connection", "X-Powered-By"],
                    "CorsConfig": [
                        "AccessControlAllowOrigins": ["example.com"], "AccessControlAllowHeaders": ["a, b"],
                    ],
                ]
            ]
        }
        let place = "$.ResponseHeadersPolicies[0]"
        #expect(
            found == [
                "\(place).CustomHeaders[0].Value: holds a control character, which no header field can",
                "\(place).CustomHeaders[1].Header: \"X A\" is not the name of a header field",
                "\(place).CustomHeaders[2].Header: \"Via\" is the edge's own to write",
                "\(place).RemoveHeaders[0]: \"Content-Type\" says how to read the body",
                "\(place).RemoveHeaders[1]: \"Connection\" is of the connection, which the edge keeps itself",
                "\(place).CorsConfig.AccessControlAllowOrigins[0]: \"example.com\" is not an origin such as "
                    + "https://example.com, or *",
                "\(place).CorsConfig.AccessControlAllowHeaders[0]: \"a, b\" is not a name",
            ])
    }

    @Test func `security headers and stored methods are checked`() {
        let found = problems {
            $0["ResponseHeadersPolicies"] = [
                [
                    "Id": "r", "CustomHeaders": [["Header": "x-frame-options", "Value": "DENY"]],
                    "SecurityHeadersConfig": [
                        "FrameOptions": ["FrameOption": "DENY"],
                        "ContentSecurityPolicy": ["ContentSecurityPolicy": "a\nb"],
                        "XSSProtection": ["Protection": false, "ModeBlock": true, "ReportUri": "/r"],
                        "StrictTransportSecurity": ["Override": false],
                    ],
                ]
            ]
            $0["CacheBehaviors"] = [
                ["PathPattern": "/a", "TargetOriginId": "app", "CachedMethods": ["GET"]],
                [
                    "PathPattern": "/b", "TargetOriginId": "app", "AllowedMethods": ["GET", "HEAD"],
                    "CachedMethods": ["OPTIONS", "HEAD", "GET"],
                ],
            ]
        }
        let place = "$.ResponseHeadersPolicies[0]"
        let security = "\(place).SecurityHeadersConfig"
        #expect(
            found == [
                "\(security).StrictTransportSecurity.Override: must be true: the edge speaks for its own host",
                "\(security).ContentSecurityPolicy.ContentSecurityPolicy: is empty or holds a control character, which no "
                    + "header field can",
                "\(security).XSSProtection.Protection: false goes with neither ModeBlock nor ReportUri",
                "\(security).XSSProtection.ReportUri: goes with ModeBlock false only",
                "\(place).CustomHeaders[0].Header: \"x-frame-options\" is set by SecurityHeadersConfig already; keep one of "
                    + "them",
                "$.CacheBehaviors[0].CachedMethods: is GET; allowed are GET, HEAD and GET, HEAD, OPTIONS",
                "$.CacheBehaviors[1].CachedMethods: has OPTIONS, which AllowedMethods has not",
            ])
    }

    @Test func `an error page is a public path in its normal form`() {
        let found = problems {
            $0["CacheBehaviors"] = [
                [
                    "PathPattern": "/e/*", "TargetOriginId": "app",
                    "TrustedKeyGroups": ["Enabled": true, "Items": ["playback"]],
                ]
            ]
            $0["CustomErrorResponses"] = [
                ["ErrorCode": 404, "ResponsePagePath": "/e/404.html"],
                ["ErrorCode": 500, "ResponsePagePath": "a.html"],
                ["ErrorCode": 502, "ResponseCode": 200],
                ["ErrorCode": 503, "ResponsePagePath": "/x?y", "ResponseCode": 204],
            ]
        }
        #expect(found.count == 5)
        #expect(
            found.contains(
                "$.CustomErrorResponses[0].ResponsePagePath: \"/e/404.html\" is of the behavior /e/*, which wants a "
                    + "signature: give the page a public behavior listed before it"))
        #expect(found.contains { $0.hasPrefix("$.CustomErrorResponses[1].ResponsePagePath: \"a.html\" is not a path") })
        #expect(found.contains { $0.hasPrefix("$.CustomErrorResponses[2].ResponseCode: 200 needs a ResponsePagePath") })
        #expect(found.contains { $0.hasPrefix("$.CustomErrorResponses[3].ResponseCode: 204 has no body") })
        #expect(found.contains { $0.hasPrefix("$.CustomErrorResponses[3].ResponsePagePath: \"/x?y\" is not a path") })
    }

    @Test func `what is fetched ahead has a key without a client`() {
        let found = problems {
            $0["CachePolicies"] = [
                [
                    "Id": "p",
                    "ParametersInCacheKeyAndForwardedToOrigin": ["CookiesConfig": ["CookieBehavior": "all"]],
                ]
            ]
            $0["DefaultCacheBehavior"] = [
                "TargetOriginId": "app", "CachePolicyId": "p", "Prefetch": ["Enabled": true],
                "OriginRequestPolicyId": "o",
            ]
        }
        #expect(
            found.contains {
                $0.hasPrefix("$.DefaultCacheBehavior.Prefetch.Enabled: true needs a cache policy without")
            })
        #expect(
            found.contains("$.DefaultCacheBehavior.OriginRequestPolicyId: \"o\" is not defined in this document"))
        let forwarding = problems {
            $0["CachePolicies"] = [["Id": "p"]]
            $0["OriginRequestPolicies"] = [["Id": "o"]]
            $0["DefaultCacheBehavior"] = [
                "TargetOriginId": "app", "CachePolicyId": "p", "Prefetch": ["Enabled": true],
                "OriginRequestPolicyId": "o",
            ]
        }
        #expect(forwarding.count == 1)
        #expect(forwarding.first?.contains("true needs a behavior without OriginRequestPolicyId") == true)
    }
}
