import SQLiteDatabase
import TestKit
import Testing

@testable import Catalog

@Suite struct WorkMigrationTests {
    @Test func `jobs of a catalog from before units begin again with their probe, finished ones stay finished`()
        async throws
    {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.file("catalog.sqlite")
        let old = try Database(path: path, migrations: Array(CatalogSchema.migrations.prefix(4)))
        try await old.write { connection in
            for (id, video, job) in [
                ("half", "transcoding", "leased"), ("waiting", "queued", "queued"), ("whole", "ready", "done"),
                ("broken", "failed", "dead"),
            ] {
                try connection.execute(
                    """
                    INSERT INTO videos VALUES (?, 'anna', 'Anna', 't', '', 'f', 'video/mp4', ?, 9, 'public', ?, 0.5, 1, NULL,
                        NULL, 4.0, NULL, 0, 0, 1, 1)
                    """, [id, "\(id)/original", video])
                try connection.execute(
                    """
                    INSERT INTO jobs VALUES (?, ?, 'uploads', ?, 4000000, 'e', ?, 7, 2, 1, ?, 'w', NULL, NULL, 1, 2)
                    """, ["transcode-\(id)", id, "\(id)/original", job, job == "leased" ? 99 : nil])
                try connection.execute(
                    "INSERT INTO renditions VALUES (?, 0, '360p', 640, 360, 25, 'c', 1, 1, 1, 1)", [id])
            }
        }
        let catalog = try SQLiteCatalog(path: path)
        for (id, state, units, status) in [
            ("half", Job.State.queued, [JobUnit.State.queued], VideoStatus.queued),
            ("waiting", .queued, [.queued], .queued), ("whole", .done, [], .ready), ("broken", .dead, [.dead], .failed),
        ] {
            let job = try #require(try await catalog.read { try $0.job(id: "transcode-\(id)") })
            #expect((job.state, job.ownerId, job.fence, job.source.size) == (state, "anna", 7, 4_000_000))
            #expect(job.isFinal == (state == .done))
            let probes = try await catalog.read { try $0.units(jobId: job.id) }
            #expect(probes.map(\.state) == units)
            #expect(probes.allSatisfy { $0.kind == .probe && $0.effortSeconds == 8 && $0.isOpening })
            let video = try #require(try await catalog.read { try $0.video(id: id) })
            #expect(video.status == status)
            #expect(video.playable == (status == .ready || status == .failed))
            #expect(video.renditions.isEmpty == (status == .queued))
        }
        let offered = try await catalog.read {
            try $0.leaseCandidates(now: 9, memoryMebibytes: .max, waitingSince: nil)
        }
        #expect(offered.map(\.jobId) == ["transcode-half", "transcode-waiting"])
        // A video that was ready before there were downloads gets them.
        #expect(try await catalog.read { try $0.pendingDownloads(limit: 9) }.map(\.jobId) == ["transcode-whole"])
        // Deleting a video still takes its work with it: the renamed table is the one that is referred to.
        try await catalog.write { _ = try $0.deleteVideo(id: "half") }
        #expect(try await catalog.read { try $0.units(jobId: "transcode-half") }.isEmpty)
    }
}
