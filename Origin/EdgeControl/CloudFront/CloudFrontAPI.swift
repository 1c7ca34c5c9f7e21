public import AccessSigning
internal import Audit
internal import Bytes
public import Catalog
public import HTTPServer
internal import HTTPWire
public import Telemetry
internal import XML

/// CloudFront's invalidation calls (API version 2020-05-31), as its SDKs and command line send them.
public struct CloudFrontAPI: Sendable {
    /// CloudFront has one endpoint for the world, and its signatures name this region.
    private static let homeRegion = "us-east-1"
    static let service = "cloudfront"
    private static let base = "/2020-05-31/distribution/{distributionId}/invalidation"
    /// 3,000 paths of 4,000 characters, with room for their elements.
    private static let largestBody = 16 << 20
    private static let largestPage = 100

    private let invalidations: InvalidationService
    private let keys: AccessKeyRing
    private let distributionIds: @Sendable () -> [String]
    /// SDKs that were given an endpoint sign for the region they were given as well.
    private let regions: [String]
    private let now: @Sendable () -> Int64
    private let logger: Logger

    /// The calls for the distributions that `distributionIds` names at the time; signatures name `us-east-1` or `region`,
    /// `now` gives epoch milliseconds.
    public init(
        catalog: any CatalogStore, log: ControlLog, keys: AccessKeyRing,
        distributionIds: @escaping @Sendable () -> [String],
        region: String, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        invalidations = InvalidationService(catalog: catalog, log: log, now: now)
        self.keys = keys
        self.distributionIds = distributionIds
        regions = [Self.homeRegion, region]
        self.now = now
        self.logger = logger
    }

    /// Adds the calls to the router of the origin's listener.
    public func addRoutes(to router: inout Router) {
        router.add(.post, Self.base) { [self] in await answer($0, create) }
        router.add(.get, Self.base) { [self] in await answer($0, list) }
        router.add(.get, Self.base + "/{invalidationId}") { [self] in await answer($0, get) }
    }

    private func create(_ request: Request, _ body: [UInt8], _ distributionId: String) async throws -> Response {
        let batch = try InvalidationBatch(body)
        let invalidation = try await invalidations.create(batch, distributionId: distributionId)
        var response = Self.xml(.created, invalidation.document)
        let host = request.headers.first("host") ?? "\(request.local)"
        response.headers.set(
            "Location",
            "\(request.isTLS ? "https" : "http")://\(host)/2020-05-31/distribution/\(distributionId)/invalidation/"
                + invalidation.id)
        return response
    }

    private func get(_ request: Request, _ body: [UInt8], _ distributionId: String) async throws -> Response {
        let id = request[parameter: "invalidationId"]
        guard let invalidation = try await invalidations.find(id: id, distributionId: distributionId) else {
            throw CloudFrontError.noSuchInvalidation(id)
        }
        return Self.xml(.ok, invalidation.document)
    }

    private func list(_ request: Request, _ body: [UInt8], _ distributionId: String) async throws -> Response {
        guard let query = Query(request.query ?? "") else { throw CloudFrontError.invalid("The query is malformed.") }
        let maximum = try query.first("MaxItems").map { text throws(CloudFrontError) in
            guard let number = ASCII.parseDecimal(text), number > 0 else {
                throw .invalid("MaxItems \"\(text)\" is no number above 0.")
            }
            return Int(min(number, UInt64(Self.largestPage)))
        }
        let limit = maximum ?? Self.largestPage
        let marker = query.first("Marker")
        let (found, isTruncated) = try await invalidations.list(
            distributionId: distributionId, after: marker, limit: limit)
        return Self.xml(
            .ok, Invalidation.list(found, marker: marker ?? "", maximum: limit, isTruncated: isTruncated))
    }

    private func answer(
        _ request: Request, _ call: (Request, [UInt8], String) async throws -> Response
    ) async -> Response {
        var response: Response
        do {
            let body = try await body(of: request)
            try authorise(request, body: body)
            let distributionId = request[parameter: "distributionId"]
            guard distributionIds().contains(distributionId) else {
                throw CloudFrontError.noSuchDistribution(distributionId)
            }
            response = try await call(request, body, distributionId)
        } catch let error as CloudFrontError {
            response = Self.refusal(error, request)
        } catch {
            logger.error(
                "invalidation call failed",
                ["request_id": .string(request.requestID), "path": .string(request.path), "error": .error(error)])
            response = Self.refusal(.unavailable, request)
        }
        response.headers.set("x-amzn-RequestId", request.requestID)
        response.headers.set("Cache-Control", "no-store")
        return response
    }

    private func body(of request: Request) async throws -> [UInt8] {
        do {
            return try await request.body.collect(upTo: Self.largestBody)
        } catch .tooLarge {
            throw CloudFrontError.tooLarge
        } catch {
            throw CloudFrontError.malformed("it ended early.")
        }
    }

    private func authorise(_ request: Request, body: [UInt8]) throws(CloudFrontError) {
        let key: AccessKey
        do throws(SigV4Error) {
            let signed = SigV4Request(
                method: request.method, path: request.path, query: request.query, headers: request.headers)
            key = try keys.signature(
                of: signed, payload: .hash(SigV4.payloadHash(body)), regions: regions, service: Self.service,
                nowEpochSeconds: now() / 1_000
            ).key
        } catch {
            throw CloudFrontError(error)
        }
        guard key.role == .admin else { throw .accessDenied }
        AuditContext.identify(.holder(ofKey: key.id, account: key.account))
    }

    private static func xml(_ status: HTTPStatus, _ document: XMLDocument) -> Response {
        Response(status: status, contentType: "text/xml", bytes: document.bytes)
    }

    private static func refusal(_ error: CloudFrontError, _ request: Request) -> Response {
        var document = XMLDocument()
        document.element("ErrorResponse", namespace: Invalidation.namespace) { root in
            root.element("Error") { element in
                element.element("Type", error.status.code < 500 ? "Sender" : "Receiver")
                element.element("Code", error.code)
                element.element("Message", error.message)
            }
            root.element("RequestId", request.requestID)
        }
        return xml(error.status, document)
    }
}
