internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs

extension APIServices {
    /// Units of a job that are told one by one: those that are leased or given up, then the next to be done.
    private static let toldUnits = 8

    /// `GET /admin/jobs`
    func listJobs(_ request: Request) async throws -> Response {
        let query = try APIQuery(request)
        let state: Job.State? = try query.choice("state")
        let limit = try query.limit(default: 50, maximum: 100)
        let after = try PageKey.from(query)
        let (items, next) = try await catalog.read { reader in
            let page = try reader.jobs(state: state, limit: limit, after: after)
            return (try page.items.map { try Self.describe($0, in: reader) }, page.next)
        }
        return APIServices.json(.ok, .page(items, next: next))
    }

    /// `POST /admin/jobs/{jobId}/retry`: a dead job goes on where it stopped, with all its attempts.
    func retryJob(_ request: Request) async throws -> Response {
        let jobId = request[parameter: "jobId"]
        switch try await jobs.retry(jobId: jobId) {
        case nil: throw Problem.jobNotFound
        case false: throw Problem(.conflict, "job_not_dead", "Only a job that was given up can be tried again.")
        case true: return try await getJob(request)
        }
    }

    /// `GET /admin/jobs/{jobId}`
    func getJob(_ request: Request) async throws -> Response {
        let jobId = request[parameter: "jobId"]
        let described = try await catalog.read { reader in
            try reader.job(id: jobId).map { try Self.describe($0, in: reader) }
        }
        guard let described else { throw Problem.jobNotFound }
        return APIServices.json(.ok, described)
    }

    private static func describe(_ job: Job, in reader: any CatalogReader) throws -> JSONObject {
        let open = try reader.openUnits(jobId: job.id, limit: toldUnits)
        return job.json(units: try reader.unitLoads(jobId: job.id), open: open)
    }

    /// `GET /openapi.json`: the description of this API, embedded so that it needs no file.
    func openAPI() -> Response {
        var response = Response(status: .ok, contentType: "application/json", bytes: PackageResources.openapi_json)
        response.headers.set("Cache-Control", "public, max-age=300")
        return response
    }
}
