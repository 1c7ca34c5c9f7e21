import Catalog
import Jobs
import Testing

@Suite struct VideoLifecycleTests {
    private let failure = VideoFailure(reason: "not_a_video", detail: "This is no video.")
    private let rung = Rendition(
        name: "360p", width: 640, height: 360, frameRate: 25, codecs: "avc1.64001e", bandwidth: 2, averageBandwidth: 1,
        segments: 1, bytes: 1)

    @Test func `an upload becomes a ready video`() {
        var video = makeVideo("v")
        var seen: [VideoStatus] = []
        let events: [VideoEvent] = [
            .uploadArrived, .leased, .probing, .transcoding(progress: 0.2),
            .published(durationSeconds: 9, renditions: [rung]), .transcoding(progress: 0.9),
            .completed(durationSeconds: 9.5, renditions: [rung], explain: "{}"),
        ]
        for event in events {
            #expect(apply(event, to: &video, now: 7))
            seen.append(video.status)
        }
        #expect(seen == [.queued, .probing, .probing, .transcoding, .transcoding, .transcoding, .ready])
        #expect(video.progress == 1 && video.playable && video.durationSeconds == 9.5 && video.updatedAt == 7)
    }

    @Test func `a finished video ignores every echo`() {
        var video = makeVideo("v", status: .ready)
        let before = video
        let events: [VideoEvent] = [
            .uploadArrived, .leased, .probing, .transcoding(progress: 0.1), .requeued, .failed(failure), .retried,
            .published(durationSeconds: 1, renditions: []),
            .completed(durationSeconds: 1, renditions: [], explain: nil),
        ]
        for event in events { #expect(!apply(event, to: &video, now: 9)) }
        #expect(video == before)
    }

    @Test func `progress never runs backwards and never leaves 0 to 1`() {
        var video = makeVideo("v", status: .transcoding)
        for (reported, expected) in [(0.5, 0.5), (0.3, 0.5), (-4, 0.5), (.nan, 0.5), (.infinity, 0.5), (7, 1)] {
            #expect(apply(.transcoding(progress: reported), to: &video, now: 1))
            #expect(video.progress == expected)
        }
    }

    @Test func `a failed video says why, does not play, and takes a new upload or a retry`() {
        for way in [VideoEvent.uploadArrived, .retried] {
            var video = makeVideo("v", status: .transcoding)
            _ = video.apply(.published(durationSeconds: nil, renditions: []), now: 1)
            #expect(apply(.failed(failure), to: &video, now: 1))
            #expect(video.failure == failure && !video.playable)
            #expect(apply(way, to: &video, now: 2))
            #expect(video.status == .queued && video.failure == nil && video.progress == 0)
        }
    }

    @Test func `a lost attempt goes back to the queue and keeps what plays`() {
        var video = makeVideo("v", status: .transcoding)
        _ = video.apply(.published(durationSeconds: nil, renditions: [rung]), now: 1)
        #expect(apply(.requeued, to: &video, now: 1))
        #expect(video.status == .queued && video.playable && video.progress == 0)
    }

    @Test(arguments: VideoStatus.allCases)
    func `only what waits for a file accepts one`(_ status: VideoStatus) {
        var video = makeVideo("v", status: status)
        #expect(apply(.uploadArrived, to: &video, now: 1) == [.awaitingUpload, .queued, .failed].contains(status))
    }

    // `#expect` cannot call a mutating method itself.
    private func apply(_ event: VideoEvent, to video: inout Video, now: Int64) -> Bool { video.apply(event, now: now) }
}
