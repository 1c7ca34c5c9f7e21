internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Jobs

extension APIServices {
    /// `GET /admin/jobs`
    func listJobs(_ request: Request) async throws -> Response {
        _ = try await administrator(request)
        let query = try APIQuery(request)
        let state: Job.State? = try query.choice("state")
        let limit = try query.limit(default: 50, maximum: 100)
        let after = try PageKey.from(query)
        let page = try await catalog.read { try $0.jobs(state: state, limit: limit, after: after) }
        return APIServices.json(.ok, .page(page.items.map(\.json), next: page.next))
    }

    /// `POST /admin/jobs/{jobId}/retry`: a dead job gets all its attempts again.
    func retryJob(_ request: Request) async throws -> Response {
        _ = try await administrator(request)
        let jobId = request[parameter: "jobId"]
        switch try await jobs.retry(jobId: jobId) {
        case nil: throw Problem.jobNotFound
        case false: throw Problem(.conflict, "job_not_dead", "Only a job that was given up can be tried again.")
        case true: break
        }
        guard let job = try await catalog.read({ try $0.job(id: jobId) }) else { throw Problem.jobNotFound }
        return APIServices.json(.ok, job.json)
    }

    /// `GET /openapi.json`: the description of this API, embedded so that it needs no file.
    func openAPI() -> Response {
        var response = Response(status: .ok, contentType: "application/json", bytes: PackageResources.openapi_json)
        response.headers.set("Cache-Control", "public, max-age=300")
        return response
    }
}
