internal import Catalog
internal import EdgeControl
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import Imports
internal import JSON
internal import Jobs
internal import Library

extension APIServices {
    /// `DELETE /videos/{videoId}`: into the trash, or with `permanent` for good, from there as well; then what edges hold of it.
    func deleteVideo(_ request: Request, by caller: Caller) async throws -> Response {
        let isPermanent = try APIQuery(request).flag("permanent")
        let id = try await ownVideo(request, by: caller).id
        let (trash, controlLog, now) = (trash, controlLog, now())
        let order = try await catalog.write { transaction -> Int64? in
            guard let video = try transaction.video(id: id) else { return nil }
            if isPermanent {
                try trash.deleteForGood(video, now: now, in: transaction)
            } else {
                try trash.put(video, now: now, in: transaction)
            }
            return try controlLog.append(.forget(videoId: id), in: transaction)
        }
        changes.changed(id)
        controlLog.announce()
        // The order stands whether or not the edges are quick; those that are have forgotten the video by the answer.
        if let order { _ = try? await controlLog.carriedOut(order, within: .seconds(2)) }
        return Response(status: .noContent)
    }

    /// `POST /videos/{videoId}/restore`: out of the trash, as it was.
    func restoreVideo(_ request: Request, by caller: Caller) async throws -> Response {
        let id = try await ownVideo(request, by: caller).id
        let (trash, now) = (trash, now())
        let restored = try await catalog.write { transaction in
            try transaction.video(id: id).map { try trash.restore($0, now: now, in: transaction) }
        }
        guard let restored else { throw Problem.videoNotFound }
        changes.changed(id)
        jobs.workArrived()
        jobs.publications.ring()
        jobs.finishes.ring()
        imports.bell.ring()
        return try await version(of: restored, for: caller, request).response
    }

    /// `GET /me/trash`: what the caller has deleted and can bring back.
    func listTrash(_ request: Request, of caller: Caller) async throws -> Response {
        let query = try APIQuery(request)
        let limit = try query.limit(default: 24, maximum: 100)
        let after = try PageKey.from(query)
        let page = try await catalog.read { try $0.trash(ownerId: caller.id, limit: limit, after: after) }
        // No thumbnails: their addresses open nothing while the video is here.
        let items = page.items.map { $0.json(for: caller, thumbnail: nil) }
        return APIServices.json(.ok, .page(items, next: page.next))
    }

    /// The video of the path, in the trash or not, if the caller may change it.
    private func ownVideo(_ request: Request, by caller: Caller) async throws -> Video {
        let id = request[parameter: "videoId"]
        guard let video = try await catalog.read({ try $0.video(id: id) }) else { throw Problem.videoNotFound }
        guard video.isEditable(by: caller) else {
            throw video.isVisible(to: caller) ? Problem.notTheirs : Problem.videoNotFound
        }
        return video
    }
}
