import Configuration
import JSON
import Testing

@testable import Edge

@Suite struct DistributionTests {
    static let minimal: JSONValue = [
        "Id": "E1", "Origins": [["Id": "app", "DomainName": "127.0.0.1:9000"]],
        "DefaultCacheBehavior": ["TargetOriginId": "app"],
    ]

    private func problems(_ change: (inout JSONObject) -> Void) -> [String] {
        guard case .object(var document) = Self.minimal else { return [] }
        change(&document)
        do {
            _ = try Distribution(.object(document))
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private func behavior(_ distribution: Distribution, _ path: String) -> String {
        Array(path.utf8).withUnsafeBytes { distribution.allBehaviors[distribution.behaviorIndex(for: $0)].name }
    }

    @Test func `a minimal distribution passes everything to its origin`() throws {
        let distribution = try Distribution(Self.minimal)
        #expect(distribution.defaultBehavior.originId == "app")
        #expect(distribution.defaultBehavior.cachePolicy == nil)
        #expect(!distribution.defaultBehavior.needsSignature)
        #expect(distribution.origins[0].connectTimeoutSeconds == 5)
    }

    @Test func `the distribution that Weir ships is valid and routes as the contract says`() throws {
        let distribution = try Distribution(
            try JSONValue.parse(try RepositoryFile.read("EdgeConfig/distribution.json")))
        let expected = [
            "/media/v1/index.m3u8": "/media/*", "/api/v1/trending": "/api/v1/trending", "/api/v1/videos": "/api/*",
            "/identity": "/identity", "/oauth2/token": "/oauth2/*",
            "/eu-central-1_Ab12/.well-known/jwks.json": "/*/.well-known/*", "/assets/app.css": "/assets/*",
            "/": "default", "/watch/v1": "default", "/Media/v1": "default", "/media": "default",
        ]
        for (path, name) in expected { #expect(behavior(distribution, path) == name) }
        let media = try #require(distribution.behaviors.first)
        #expect(media.trustedKeyGroups == ["playback"])
        #expect(media.cachePolicy?.query == NameSelection.none)
        #expect(distribution.origins.first { $0.id == "media" }?.signsRequests == true)
        #expect(distribution.behaviors.filter(\.needsSignature).count == 1)
        #expect(media.prefetchedSegments == 1)
        let compressing = distribution.allBehaviors.filter { !$0.codings.isEmpty }.map(\.name)
        #expect(compressing == ["/media/*", "/assets/*"])
    }

    @Test func `the schema declares exactly the keys that are read`() throws {
        let schema = try JSONValue.parse(try RepositoryFile.read("EdgeConfig/distribution.schema.json"))
        func check(_ parameters: [Parameter], _ schema: JSONValue?, _ path: String) {
            let declared = parameters.map(\.key).sorted()
            #expect((schema?["properties"]?.object?.keys.map { String($0) } ?? []).sorted() == declared, "\(path)")
            let required = parameters.filter(\.isRequired).map(\.key).sorted()
            #expect((schema?["required"]?.array ?? []).compactMap(\.string).sorted() == required, "\(path)")
            for parameter in parameters {
                let property = schema?["properties"]?[parameter.key]
                switch parameter.kind {
                case .section(let nested): check(nested, property, "\(path).\(parameter.key)")
                case .list(let nested): check(nested, property?["items"], "\(path).\(parameter.key)[]")
                case .integer(let range, _):
                    #expect(property?["minimum"]?.integer == Int64(range.lowerBound), "\(path).\(parameter.key)")
                    #expect(property?["maximum"]?.integer == Int64(range.upperBound), "\(path).\(parameter.key)")
                case .integers(let range, _):
                    #expect(
                        property?["items"]?["minimum"]?.integer == Int64(range.lowerBound), "\(path).\(parameter.key)")
                    #expect(
                        property?["items"]?["maximum"]?.integer == Int64(range.upperBound), "\(path).\(parameter.key)")
                case .choice(let allowed):
                    #expect(property?["enum"]?.array?.compactMap(\.string) == allowed, "\(path).\(parameter.key)")
                default: break
                }
            }
        }
        check(Distribution.parameters, schema, "$")
    }

    @Test func `an unknown origin is refused with its place and the nearest known one`() {
        let found = problems { $0["DefaultCacheBehavior"] = ["TargetOriginId": "ap"] }
        #expect(found == ["$.DefaultCacheBehavior.TargetOriginId: \"ap\" is not one of app; did you mean \"app\"?"])
    }

    @Test func `a group names at least two origins, each of them known and once`() {
        let group: (JSONValue) -> JSONValue = { ["Id": "both", "Members": $0] }
        let one = problems { $0["OriginGroups"] = [group([["OriginId": "app"]])] }
        #expect(one == ["$.OriginGroups[0].Members: names 1 origins, allowed are 2…4"])
        let unknown = problems { $0["OriginGroups"] = [group([["OriginId": "app"], ["OriginId": "apq"]])] }
        #expect(
            unknown == ["$.OriginGroups[0].Members[1].OriginId: \"apq\" is not one of app; did you mean \"app\"?"])
        let twice = problems { $0["OriginGroups"] = [group([["OriginId": "app"], ["OriginId": "app"]])] }
        #expect(twice == ["$.OriginGroups[0].Members[1].OriginId: \"app\" is given twice"])
        let status = problems {
            $0["OriginGroups"] = [["Id": "g", "Members": [], "FailoverCriteria": ["StatusCodes": [200]]]]
        }
        #expect(
            status == [
                "$.OriginGroups[0].FailoverCriteria.StatusCodes[0]: 200 status is outside the allowed range 400…599"
            ])
    }

    @Test func `an unknown cache policy is refused`() {
        let found = problems {
            $0["CacheBehaviors"] = [["PathPattern": "/a/*", "TargetOriginId": "app", "CachePolicyId": "fast"]]
        }
        #expect(found == ["$.CacheBehaviors[0].CachePolicyId: \"fast\" is not one of CachingDisabled"])
    }

    @Test func `lifetimes out of range or out of order are refused`() {
        let found = problems {
            $0["CachePolicies"] = [["Id": "a", "MinTTL": 10, "DefaultTTL": 3, "MaxTTL": 5]]
        }
        #expect(found == ["$.CachePolicies[0].MinTTL: 10 seconds is more than MaxTTL, 5 seconds"])
        let outside = problems { $0["CachePolicies"] = [["Id": "a", "MaxTTL": -1]] }
        #expect(outside == ["$.CachePolicies[0].MaxTTL: -1 seconds is outside the allowed range 0…31536000"])
    }

    @Test func `a key signed by nobody is refused`() {
        let found = problems {
            $0["DefaultCacheBehavior"] = ["TargetOriginId": "app", "TrustedKeyGroups": ["Enabled": true]]
        }
        #expect(
            found == [
                "$.DefaultCacheBehavior.TrustedKeyGroups.Items: names 0 key groups, allowed are 1…4 while Enabled is true"
            ])
    }

    @Test func `repeated ids and misspelt keys are refused`() {
        let repeated = problems {
            $0["Origins"] = [["Id": "app"], ["Id": "app"]]
        }
        #expect(repeated == ["$.Origins[1].Id: \"app\" is given twice"])
        let misspelt = problems { $0["CacheBehavior"] = [] }
        #expect(misspelt == ["$.CacheBehavior: is not a known key; did you mean \"CacheBehaviors\"?"])
    }
}
