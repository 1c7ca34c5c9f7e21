import Catalog
import MediaPlan
import TestKit

func withCatalog(_ body: (SQLiteCatalog) async throws -> Void) async throws {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try await body(try SQLiteCatalog(path: folder.file("catalog.sqlite")))
}

func makeVideo(
    _ id: String, owner: String = "owner", title: String = "A title", uploadKey: String? = nil,
    visibility: Visibility = .private, playable: Bool = false, options: VideoOptions = VideoOptions(),
    createdAt: Int64 = 1
) -> Video {
    var video = Video(
        id: id, ownerId: owner, ownerName: "Owner", title: title, fileName: "clip.mp4", contentType: "video/mp4",
        uploadKey: uploadKey ?? "\(id)/original", declaredSize: 10, visibility: visibility, options: options,
        createdAt: createdAt)
    video.playable = playable
    return video
}

func makeJob(_ id: String, video: String, createdAt: Int64 = 1) -> Job {
    let source = Job.Source(bucket: "uploads", key: "\(video)/original", size: 10, etag: "e")
    return Job(id: id, videoId: video, ownerId: "owner", source: source, createdAt: createdAt)
}

func makeObject(_ key: String, blob: String) -> StoredObject {
    StoredObject(bucket: "b", key: key, blob: blob, size: 1, etag: "e", contentType: "text/plain", createdAt: 1)
}

func makeSession(
    _ video: String, _ session: String, account: String? = nil, position: Double = 0, startedAt: Int64 = 1,
    lastSeenAt: Int64? = nil
) -> ViewSession {
    ViewSession(
        videoId: video, sessionId: session, accountId: account, positionSeconds: position, startedAt: startedAt,
        lastSeenAt: lastSeenAt ?? startedAt)
}
