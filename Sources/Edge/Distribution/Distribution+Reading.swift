import Bytes
import CacheRules
import Configuration
import HTTPWire
import JSON

extension Distribution {
    /// Reads a distribution document: its shape and the names in it, then what its parts say about each other.
    ///
    /// - Throws: every problem found, each at its JSON path. Where the shape is wrong, of the rest only the names.
    init(_ document: JSONValue) throws(ConfigurationRefused) {
        let references = DistributionReferences(document).problems
        let values: Configuration
        do {
            values = try Configuration(document, parameters: Distribution.parameters)
        } catch {
            throw ConfigurationRefused(error.problems + references)
        }
        var reading = DistributionReading(values)
        let distribution = reading.distribution()
        let problems = reading.problems + references
        guard problems.isEmpty else { throw ConfigurationRefused(problems) }
        self = distribution
    }
}

/// One pass that resolves the names in a distribution and collects what does not fit.
private struct DistributionReading {
    let values: Configuration
    var problems: [ConfigurationProblem] = []
    /// Of behaviors that have none of their own.
    private var wholeGeoRestriction: GeoRestriction?

    init(_ values: Configuration) {
        self.values = values
    }

    mutating func distribution() -> Distribution {
        let origins = values.list("Origins").enumerated().map { origin($1, at: "$.Origins[\($0)]") }
        if origins.isEmpty { refuse("$.Origins", "needs at least one origin") }
        refuseRepeated(origins.map(\.id), in: "Origins")
        let groups = values.list("OriginGroups").enumerated().map {
            originGroup($1, origins: origins.map(\.id), at: "$.OriginGroups[\($0)]")
        }
        refuseRepeated(groups.map(\.id), in: "OriginGroups")
        let policies = values.list("CachePolicies").enumerated().map { cachePolicy($1, at: "$.CachePolicies[\($0)]") }
        refuseRepeated(policies.map(\.id), in: "CachePolicies")
        let headerPolicies = values.list("ResponseHeadersPolicies").enumerated().map { index, policy in
            let reading = ResponseHeadersReading(policy, at: "$.ResponseHeadersPolicies[\(index)]")
            problems += reading.problems
            return reading.policy
        }
        refuseRepeated(headerPolicies.map(\.id), in: "ResponseHeadersPolicies")
        let requestPolicies = originRequestPolicies()
        let responses = values.list("CustomErrorResponses")
        let errors = ErrorResponseReading(responses)
        problems += errors.problems
        wholeGeoRestriction = geoRestriction(values.section("Restrictions"), at: "$.Restrictions")
        let names = Names(
            policies: policies, requestPolicies: requestPolicies, headerPolicies: headerPolicies,
            errorTTLs: errors.seconds)
        let behaviors = values.list("CacheBehaviors").enumerated().map { index, values in
            let path = "$.CacheBehaviors[\(index)]"
            return behavior(values, pattern: pattern(values.text("PathPattern"), at: path), names: names, at: path)
        }
        refuseRepeated(behaviors.map(\.name), in: "CacheBehaviors", key: "PathPattern")
        let distribution = Distribution(
            id: id(), aliases: aliases(), rootPath: rootPath(), errorPages: errors.pages, tagField: tagField(),
            origins: origins, originGroups: groups, behaviors: behaviors,
            defaultBehavior: behavior(
                values.section("DefaultCacheBehavior"), pattern: nil, names: names, at: "$.DefaultCacheBehavior"))
        problems += ErrorResponseReading.problems(of: responses, in: distribution)
        return distribution
    }

    /// It stands in cache keys and in the names of origins.
    private mutating func id() -> String {
        let id = values.text("Id")
        if !ASCII.isName(id) || id.contains(".") {
            refuse("$.Id", "\"\(id)\" is not 1 to 64 letters, digits, '-' and '_'")
        }
        return id
    }

    private mutating func aliases() -> [String] {
        let aliases = values.texts("Aliases")
        for (index, alias) in aliases.enumerated() {
            if let reason = HostTable.problem(of: alias) { refuse("$.Aliases[\(index)]", "\"\(alias)\" \(reason)") }
        }
        let names = aliases.map { ASCII.lowercased($0) }
        refuseRepeated(names, in: "Aliases", key: nil)
        return names
    }

    private mutating func rootPath() -> String? {
        guard let name = values.optionalText("DefaultRootObject") else { return nil }
        let path = "/" + name
        if name.isEmpty || name.hasPrefix("/") || RequestTarget.normalise(path) != path {
            refuse(
                "$.DefaultRootObject",
                "\"\(name)\" is not the path of an object without its first slash, such as index.html")
        }
        return path
    }

    private mutating func tagField() -> String {
        let name = values.section("CacheTagConfig").text("HeaderName")
        if let reason = FieldReading.problem(ofTagField: name) {
            refuse("$.CacheTagConfig.HeaderName", "\"\(name)\" \(reason)")
        }
        return ASCII.lowercased(name)
    }

    private mutating func originRequestPolicies() -> [OriginRequestPolicy] {
        var reading = SelectionReading()
        let policies = values.list("OriginRequestPolicies").enumerated().map {
            reading.originRequestPolicy($1, at: "$.OriginRequestPolicies[\($0)]")
        }
        problems += reading.problems
        refuseRepeated(policies.map(\.id), in: "OriginRequestPolicies")
        return policies
    }

    /// What behaviors refer to; that each name is defined is told elsewhere.
    private struct Names {
        let policies: [CachePolicy]
        let requestPolicies: [OriginRequestPolicy]
        let headerPolicies: [ResponseHeadersPolicy]
        let errorTTLs: [Int: Int]
    }

    private mutating func origin(_ values: Configuration, at path: String) -> OriginDeclaration {
        let originPath = values.text("OriginPath")
        if !originPath.isEmpty, !originPath.hasPrefix("/") || originPath.hasSuffix("/") {
            refuse("\(path).OriginPath", "\"\(originPath)\" must begin with a slash and not end with one")
        }
        return OriginDeclaration(
            id: values.text("Id"), domainName: values.text("DomainName"), path: originPath,
            usesTLS: values.text("OriginProtocolPolicy") == "https-only",
            connectTimeoutSeconds: values.integer("ConnectionTimeout"),
            connectAttempts: values.integer("ConnectionAttempts"),
            readTimeoutSeconds: values.integer("OriginReadTimeout"),
            signsRequests: values.section("OriginAccessControl").text("SigningBehavior") == "always")
    }

    private mutating func originGroup(
        _ values: Configuration, origins: [String], at path: String
    ) -> OriginGroupDeclaration {
        let id = values.text("Id")
        if origins.contains(id) { refuse("\(path).Id", "\"\(id)\" is an origin already") }
        let members = values.list("Members").map { $0.text("OriginId") }
        for (index, member) in members.enumerated() {
            let place = "\(path).Members[\(index)].OriginId"
            if members[..<index].contains(member) { refuse(place, "\"\(member)\" is given twice") }
        }
        if !(2...4).contains(members.count) {
            refuse("\(path).Members", "names \(members.count) origins, allowed are 2…4")
        }
        return OriginGroupDeclaration(
            id: id, originIds: members,
            failoverStatuses: Set(values.section("FailoverCriteria").integers("StatusCodes")))
    }

    private mutating func cachePolicy(_ values: Configuration, at path: String) -> CachePolicy {
        let (least, usual, most) = (values.integer("MinTTL"), values.integer("DefaultTTL"), values.integer("MaxTTL"))
        if least > most { refuse("\(path).MinTTL", "\(least) seconds is more than MaxTTL, \(most) seconds") }
        if usual > most { refuse("\(path).DefaultTTL", "\(usual) seconds is more than MaxTTL, \(most) seconds") }
        if values.text("Id") == CachePolicy.disabledId {
            refuse("\(path).Id", "\(CachePolicy.disabledId) is built in; choose another id")
        }
        let key = values.section("ParametersInCacheKeyAndForwardedToOrigin")
        let keyPath = "\(path).ParametersInCacheKeyAndForwardedToOrigin"
        var reading = SelectionReading()
        defer { problems += reading.problems }
        return CachePolicy(
            id: values.text("Id"), minTTL: least, defaultTTL: usual, maxTTL: most,
            query: reading.query(key.section("QueryStringsConfig"), at: keyPath),
            fields: reading.keyFields(key, at: keyPath),
            usesHeuristic: values.boolean("HeuristicFreshness"),
            setCookie: setCookie(values.text("SetCookieBehavior")),
            honoursRequests: values.boolean("HonorRequestCacheControl"),
            codings: .init(
                gzip: key.boolean("EnableAcceptEncodingGzip"), brotli: key.boolean("EnableAcceptEncodingBrotli")))
    }

    private func setCookie(_ name: String) -> TTLPolicy.SetCookie {
        switch name {
        case "removed": .removed
        case "replayed": .replayed
        default: .refused
        }
    }

    private mutating func pattern(_ text: String, at path: String) -> PathPattern {
        if text.isEmpty || text.utf8.count > PathPattern.maximumLength {
            refuse("\(path).PathPattern", "has \(text.utf8.count) bytes, allowed are 1…\(PathPattern.maximumLength)")
        } else if let reason = PathPattern.problem(of: text) {
            refuse("\(path).PathPattern", "\"\(text)\" \(reason)")
        }
        return PathPattern(text)
    }

    private mutating func behavior(
        _ values: Configuration, pattern: PathPattern?, names: Names, at path: String
    ) -> Behavior {
        let policy = names.policies.first { $0.id == values.text("CachePolicyId") }
        let headers = names.headerPolicies.first { $0.id == values.optionalText("ResponseHeadersPolicyId") }
        let request = names.requestPolicies.first { $0.id == values.optionalText("OriginRequestPolicyId") }
        problems += FieldReading.problems(ofMethods: values.texts("AllowedMethods"), at: "\(path).AllowedMethods")
        problems += FieldReading.problems(
            ofCachedMethods: values.texts("CachedMethods"), allowed: values.texts("AllowedMethods"),
            at: "\(path).CachedMethods")
        return Behavior(
            pattern: pattern, originId: values.text("TargetOriginId"),
            viewerProtocol: .init(rawValue: values.text("ViewerProtocolPolicy")) ?? .allowAll,
            allowedMethods: values.texts("AllowedMethods").map { HTTPMethod($0) },
            cachesOptions: values.texts("CachedMethods").contains("OPTIONS"), cachePolicy: policy,
            responseHeaders: headers,
            trustedKeyGroups: trustedKeyGroups(values.section("TrustedKeyGroups"), at: "\(path).TrustedKeyGroups"),
            originRequest: request,
            prefetchedSegments: prefetchedSegments(
                values.section("Prefetch"), policy, request, at: "\(path).Prefetch"),
            compresses: values.boolean("Compress"), errorTTLs: names.errorTTLs, limits: limits(values, at: path),
            geoRestriction: geoRestriction(values, at: path))
    }

    private mutating func geoRestriction(_ values: Configuration, at path: String) -> GeoRestriction? {
        let reading = GeoRestrictionReading(values.section("GeoRestriction"), at: "\(path).GeoRestriction")
        problems += reading.problems
        switch reading.rule {
        case .unset: return wholeGeoRestriction
        case .unrestricted: return nil
        case .restricted(let restriction): return restriction
        }
    }

    private mutating func limits(_ values: Configuration, at path: String) -> BehaviorLimits? {
        let isSigned = values.section("TrustedKeyGroups").boolean("Enabled")
        let reading = BehaviorLimitsReading(values.section("Limits"), isSigned: isSigned, at: "\(path).Limits")
        problems += reading.problems
        return reading.limits == BehaviorLimits() ? nil : reading.limits
    }

    private mutating func prefetchedSegments(
        _ values: Configuration, _ policy: CachePolicy?, _ request: OriginRequestPolicy?, at path: String
    ) -> Int? {
        guard values.boolean("Enabled") else { return nil }
        if let request {
            refuse(
                "\(path).Enabled",
                "true needs a behavior without OriginRequestPolicyId: \"\(request.id)\" forwards what a client sends, and "
                    + "nobody has asked yet for what is fetched ahead")
        }
        if policy == nil { refuse("\(path).Enabled", "true needs a CachePolicyId: what is fetched ahead is stored") }
        if let policy, policy.fields != nil {
            refuse(
                "\(path).Enabled",
                "true needs a cache policy without header fields and cookies in its key: \"\(policy.id)\" has some, and nobody "
                    + "knows those of a request that has not come yet")
        }
        return values.integer("Segments")
    }

    private mutating func trustedKeyGroups(_ values: Configuration, at path: String) -> [String] {
        let items = values.texts("Items")
        guard values.boolean("Enabled") else { return [] }
        if items.isEmpty || items.count > 4 {
            refuse("\(path).Items", "names \(items.count) key groups, allowed are 1…4 while Enabled is true")
        }
        return items
    }

    private mutating func refuseRepeated(_ ids: [String], in list: String, key: String? = "Id") {
        var seen: Set<String> = []
        for (index, id) in ids.enumerated() where !seen.insert(id).inserted {
            refuse("$.\(list)[\(index)]\(key.map { ".\($0)" } ?? "")", "\"\(id)\" is given twice")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
