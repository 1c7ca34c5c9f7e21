internal import Conformance
internal import HTTPClient
internal import JSON
internal import Presentation
internal import Transcode

/// The last unit of a job: is what was stored what it says it is?
extension Worker {
    /// Checks the stored presentation and reports what was found.
    func finish(_ unit: LeasedUnit, _ state: UnitState) async throws {
        let (objects, bucket) = (objects, settings.mediaBucket)
        state.moved()
        let report = await PresentationCheck.run(
            contentKey: unit.contentKey,
            read: { path throws(ResourceFailure) in
                do {
                    return try await objects.read(
                        bucket: bucket, key: unit.mediaPrefix + path, upTo: PresentationCheck.maximumBytes)
                } catch let error as ObjectClient.Refused where error.status == 404 {
                    throw .missing(status: 404)
                } catch let error as ClientError where error.kind == .tooLarge {
                    throw .tooLarge(limit: PresentationCheck.maximumBytes)
                } catch {
                    throw .unreachable("\(error)")
                }
            }, progressed: { state.moved($0) })
        try Task.checkCancellation()
        if let failure = report.failure {
            throw TranscodeFailure(
                reason: "The finished video could not be checked.", detail: failure, isRetryable: true)
        }
        if let rule = report.brokenRule { throw BrokenRule(reason: rule, report: report.json) }
        try await origin.complete(unit, conformance: report.json)
    }

    /// The stored presentation must not be published as finished.
    struct BrokenRule: Error {
        let reason: String
        let report: JSONValue
    }
}
